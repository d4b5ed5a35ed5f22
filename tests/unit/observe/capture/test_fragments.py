"""A datagram that was cut into packets is one message again, and is billed as one."""

import random
import struct
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import Counters, Tally
from p2pkit.observe.capture import Balance
from p2pkit.observe.capture.books import ledger
from p2pkit.observe.capture.messages import Messages, messages_table
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.reading import read
from p2pkit.protocols.swim.heartbeats import Heartbeat, Heartbeats
from tests import capture_files as files

A, B = ("127.1.0.1", 6881), ("127.1.0.2", 6881)


def cut(datagram: bytes, number: int, size: int) -> list[bytes]:
    """Return a datagram as packets that carry `size` bytes, a multiple of 8."""
    head, body = datagram[:20], datagram[20:]
    found = []
    for start in range(0, len(body), size):
        part = body[start : start + size]
        more = 0x2000 if start + size < len(body) else 0
        fields = struct.pack("!HHH", 20 + len(part), number, more | start // 8)
        found.append(head[:2] + fields + head[8:] + part)
    return found


def messages(path: Path, packets: list[bytes]) -> Messages:
    file = path / "some.pcap"
    file.write_bytes(files.pcap(packets, link=101, snaplen=1 << 17))
    return Messages(read(file, Heartbeats))


def beat(size: int) -> bytes:
    known = tuple((f"127.1.0.{i}", 6881) for i in range(size))
    return Heartbeats.codec.encode(Heartbeat(bytes(20), known))


@given(st.integers(100, 400), st.integers(1, 180), st.randoms(use_true_random=False))
def test_pieces_in_any_order_make_the_datagram(
    size: int, eighths: int, rng: random.Random
) -> None:
    payload = beat(size)
    packets = cut(files.udp(payload, A, B), 7, eighths * 8)
    packets += cut(files.udp(payload, B, A), 7, 1480)
    rng.shuffle(packets)

    with tempfile.TemporaryDirectory() as folder:
        found = messages(Path(folder), packets)

    assert [found.data(i) for i in range(2)] == [payload] * 2
    assert {found.types.name(i) for i in range(2)} == {"Heartbeat"}
    assert set(messages_table(found).source) == {"127.1.0.1:6881", "127.1.0.2:6881"}
    assert ledger(found).residue_bytes == 0


def test_a_datagram_that_lacks_a_piece_is_no_message(tmp_path: Path) -> None:
    packets = cut(files.udp(beat(300), A, B), 7, 1480)
    packets += cut(files.udp(beat(300), A, B), 8, 1480)

    found = messages(tmp_path, packets[1:])

    assert len(found) == 1
    bill = ledger(found)
    assert bill.residue_bytes == 0
    others = {line.what: line.count for line in bill.lines if line.group == "others"}
    assert others == {"fragment": len(packets) // 2 - 1}


def test_what_was_cut_is_said_once_and_has_a_header_for_each_piece(
    tmp_path: Path,
) -> None:
    payload = beat(300)
    packets = cut(files.udp(payload, A, B), 7, 1480)
    sent = Counters(sent={"Heartbeat": Tally(1, len(payload))})
    told = Note(
        source="ring", why="", balance=Balance(sent=1, sent_bytes=len(payload)),
        names={"n00": "127.1.0.1:6881"}, after={"n00": sent},
    )  # fmt: skip

    bill = ledger(messages(tmp_path, packets), told)

    lines = {line.what: (line.count, line.bytes) for line in bill.lines}
    assert lines == {
        "Heartbeat": (1, len(payload)),
        "UDP of what was cut": (1, 8),
        "IP": (len(packets), 20 * len(packets)),
        "link": (len(packets), 0),
    }
    assert bill.residue_bytes == 0
    assert len(packets) > 2


def test_pieces_that_never_become_whole_are_let_go(tmp_path: Path) -> None:
    packets = [cut(files.udp(beat(300), A, B), i, 1480)[0] for i in range(2_000)]
    packets += cut(files.udp(beat(300), B, A), 1, 1480)

    found = messages(tmp_path, packets)

    assert len(found) == 1
    assert ledger(found).residue_bytes == 0
