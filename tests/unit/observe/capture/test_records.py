"""Files are read whatever their byte order and clock; what is damaged is kept."""

import struct
from pathlib import Path

import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture.files import read_records
from p2pkit.observe.capture.records import Records
from tests import capture_files as files

FRAMES = [files.ethernet(files.udp(b"x" * size)) for size in (1, 2, 300)]


def written(path: Path, data: bytes) -> Records:
    file = path / "some.pcap"
    file.write_bytes(data)
    return read_records(file)


def packets(records: Records) -> list[bytes]:
    return [records.packet(index) for index in range(len(records))]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_a_classic_file_is_read_in_both_byte_orders_and_clocks(
    tmp_path: Path, order: str, nanoseconds: bool
) -> None:
    records = written(tmp_path, files.pcap(FRAMES, order, nanoseconds))

    unit_ns = 1 if nanoseconds else 1000
    assert packets(records) == FRAMES
    assert records.at_ns.tolist() == [i * (1_000_000_000 + unit_ns) for i in range(3)]
    assert records.damage == ""


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_clock_of_an_interface_is_heeded(tmp_path: Path, order: str) -> None:
    clocks = {
        b"\x06": 5_000_001_000,
        b"\x09": 5_000_001,
        b"\x03": 5_000_001_000_000,
        b"\x0c": 5_000,
        b"\x94": 5_000_001 * 1_000_000_000 >> 20,
    }
    data = files.section(order)
    for resolution in clocks:
        data += files.interface(order, options=[(9, resolution)])
    for number in range(len(clocks)):
        data += files.packet(FRAMES[0], 5_000_001, order, number)

    records = written(tmp_path, data)

    assert records.at_ns.tolist() == list(clocks.values())


def test_seconds_that_an_interface_adds_are_added(tmp_path: Path) -> None:
    options = [(9, b"\x09"), (14, struct.pack("<q", 1_000))]
    data = files.section() + files.interface(options=options)

    records = written(tmp_path, data + files.packet(FRAMES[0], 5))

    assert records.at_ns.tolist() == [1_000_000_000_005]


def test_sections_of_both_byte_orders_are_read_in_one_file(tmp_path: Path) -> None:
    data = b""
    for order in "<><":
        data += files.section(order) + files.interface(order, link=101)
        data += files.interface(order, link=1)
        data += files.packet(FRAMES[1], 7, order, number=1)

    records = written(tmp_path, data)

    assert packets(records) == [FRAMES[1]] * 3
    assert records.link.tolist() == [1, 1, 1]


def test_blocks_that_nobody_knows_are_skipped(tmp_path: Path) -> None:
    data = files.section() + files.block(5, b"statistics") + files.interface()
    data += files.packet(FRAMES[0], 1) + files.block(0xBAD, b"whatever")
    data += files.packet(FRAMES[2], 2)

    records = written(tmp_path, data)

    assert packets(records) == [FRAMES[0], FRAMES[2]]
    assert records.damage == ""


def test_a_packet_that_contains_a_block_is_one_packet(tmp_path: Path) -> None:
    inside = files.packet(FRAMES[0], 1) * 3
    data = files.section() + files.interface()
    data += files.packet(inside, 1) + files.packet(FRAMES[1], 2)
    data += files.packet(inside[:-4], 3) + files.packet(FRAMES[2], 4)

    records = written(tmp_path, data)

    assert packets(records) == [inside, FRAMES[1], inside[:-4], FRAMES[2]]
    assert records.damage == ""


def test_a_packet_without_a_time_has_that_of_the_one_before(tmp_path: Path) -> None:
    simple = files.block(3, struct.pack("<I", len(FRAMES[0])) + FRAMES[0])
    old = struct.pack("<HHIIII", 0, 0, 0, 9, len(FRAMES[1]), len(FRAMES[1]))
    data = files.section() + files.interface(options=[(9, b"\x09")])
    data += files.packet(FRAMES[2], 4) + simple + files.block(2, old + FRAMES[1])

    records = written(tmp_path, data)

    assert packets(records) == [FRAMES[2], FRAMES[0], FRAMES[1]]
    assert records.at_ns.tolist() == [4, 4, 9]


def test_names_in_the_file_are_found(tmp_path: Path) -> None:
    names = {"127.1.0.1": "n00", "::1": "n01"}

    records = written(tmp_path, files.section() + files.name_block(names))

    assert records.names == names
    assert len(records) == 0


@pytest.mark.parametrize("cut", [1, 15, 17, 40])
def test_a_file_that_ends_in_a_packet_gives_those_before_it(
    tmp_path: Path, cut: int
) -> None:
    records = written(tmp_path, files.pcap(FRAMES)[:-cut])

    assert packets(records) == FRAMES[:2]
    assert records.damage == (
        "some.pcap ends in the middle of packet 3: the 2 before it are kept"
    )


@pytest.mark.parametrize("cut", [4, 8, 100])
def test_a_block_that_is_cut_off_leaves_those_before_it(
    tmp_path: Path, cut: int
) -> None:
    data = files.section() + files.interface()
    data += b"".join(files.packet(frame, 1) for frame in FRAMES)

    records = written(tmp_path, data[:-cut])

    assert packets(records) == FRAMES[:2]
    assert "it ends in the middle of a block" in records.damage


def test_a_length_that_cannot_be_ends_the_file(tmp_path: Path) -> None:
    classic = files.pcap(FRAMES[:1]) + struct.pack("<IIII", 1, 1, 1 << 30, 1)
    newer = files.section() + files.interface() + files.packet(FRAMES[0], 1)
    newer += struct.pack("<II", 6, 0) + bytes(40)

    for data in (classic, newer):
        records = written(tmp_path, data)

        assert packets(records) == FRAMES[:1]
        assert "cannot be" in records.damage


def test_a_packet_longer_than_its_block_is_left_out_and_told(tmp_path: Path) -> None:
    lying = bytearray(files.packet(FRAMES[0], 1))
    lying[20:24] = struct.pack("<I", 5_000)
    data = files.section() + files.interface() + bytes(lying)
    data += files.packet(FRAMES[1], 1) + files.packet(FRAMES[2], 1, number=9)

    records = written(tmp_path, data)

    assert packets(records) == [FRAMES[1]]
    assert "2 packets that claim an interface or a length" in records.damage


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: nothing was captured"),
        (b"PK\x03\x04 a zip", "is no capture: it begins with 50 4b 03 04"),
        (b"\xd4\xc3\xb2\xa1\x02", "ends within its first 24 bytes"),
        (bytes.fromhex("0a0d0d0a") + bytes(40), "within the head of its first section"),
    ],
)
def test_what_is_no_capture_is_refused_in_a_sentence(
    tmp_path: Path, data: bytes, said: str
) -> None:
    with pytest.raises(CaptureError, match=said):
        written(tmp_path, data)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read: No such file"):
        read_records(tmp_path / "nothing.pcap")
