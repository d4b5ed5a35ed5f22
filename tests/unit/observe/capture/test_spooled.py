"""A capture that goes on, or was never finished, is read as the ring wrote it."""

import struct
from pathlib import Path

from p2pkit.observe.capture import Packets, pcapng
from p2pkit.observe.capture.files import read_records
from p2pkit.observe.capture.ring import BLOCK_HEAD, BLOCK_HEAD_AT, PACKET_HEAD
from tests import capture_files as files
from tests.capturing import begun

FRAMES = [files.ethernet(files.udp(b"x" * size)) for size in (1, 20, 300)]
HEAD_BYTES = 48


def ring_block(frames: list[bytes]) -> bytes:
    """Return a block of a ring, as the kernel lays it out."""
    body = b""
    for number, frame in enumerate(frames):
        step = (PACKET_HEAD.size + len(frame) + 15) // 8 * 8
        head = PACKET_HEAD.pack(
            step, 7, number, len(frame), len(frame) + 1, 0, PACKET_HEAD.size
        )
        body += (head + frame).ljust(step, b"\0")
    head = bytes(BLOCK_HEAD_AT) + BLOCK_HEAD.pack(
        len(frames), HEAD_BYTES, HEAD_BYTES + len(body)
    )
    data = head.ljust(HEAD_BYTES, b"\0") + body
    return pcapng.block(pcapng.RING_BLOCK, struct.pack("<I", len(data)) + data)


def test_packets_in_blocks_of_the_ring_are_read_where_they_lie(tmp_path: Path) -> None:
    path = begun(tmp_path / "some.pcapng")
    with path.open("ab") as file:
        file.write(ring_block(FRAMES[:2]) + ring_block(FRAMES[2:]))

    records = read_records(path)

    assert [records.packet(i) for i in range(3)] == FRAMES
    assert records.at_ns.tolist() == [7_000_000_000, 7_000_000_001, 7_000_000_000]
    assert records.wire.tolist() == [len(frame) + 1 for frame in FRAMES]
    assert records.damage == ""


def test_a_block_that_is_being_written_does_not_hide_those_before(
    tmp_path: Path,
) -> None:
    path = begun(tmp_path / "some.pcapng")
    with path.open("ab") as file:
        file.write(ring_block(FRAMES) + ring_block(FRAMES)[:70])

    table = Packets(path).table()

    assert table.payload_bytes.tolist() == [1, 20, 300]


def test_of_a_long_capture_the_last_blocks_can_be_looked_at_alone(
    tmp_path: Path,
) -> None:
    path = begun(tmp_path / "some.pcapng")
    with path.open("ab") as file:
        for frame in FRAMES:
            file.write(ring_block([frame]))

    records = read_records(path, most_rings=2)

    assert [records.packet(i) for i in range(2)] == FRAMES[1:]


def test_a_block_with_nonsense_in_it_ends_where_the_nonsense_begins(
    tmp_path: Path,
) -> None:
    path = begun(tmp_path / "some.pcapng")
    block = bytearray(ring_block(FRAMES))
    at = block.index(PACKET_HEAD.pack(0, 7, 1, 0, 0, 0, 0)[4:12])
    block[at + 8 : at + 12] = struct.pack("=I", 1 << 30)
    with path.open("ab") as file:
        file.write(bytes(block))

    records = read_records(path)

    assert len(records) == 1
