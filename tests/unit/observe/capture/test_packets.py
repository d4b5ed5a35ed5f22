"""Packets are the same to hold, whoever made their file."""

import struct

import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import Packets
from p2pkit.observe.capture.spool import finish
from tests.unit.observe.capture.ring_blocks import frame
from tests.unit.observe.capture.test_spool import FLAT, NAMES, spool

FRAMES = [frame(b"one"), frame(b"another")]


@pytest.fixture
def foreign(tmp_path):
    """A pcap of the old kind, big-endian, in microseconds."""
    path = tmp_path / "foreign.pcap"
    whole = struct.pack(">IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    for number, one in enumerate(FRAMES):
        whole += struct.pack(">IIII", 1, number, len(one), len(one)) + one
    path.write_bytes(whole)
    return path


def test_a_foreign_file_has_packets_and_no_balance(foreign):
    packets = Packets.open(foreign)

    assert [packets.data(i) for i in range(len(packets))] == FRAMES
    assert packets.record(1).at_ns == 1_000_001_000
    assert packets.source == "file"
    with pytest.raises(CaptureError, match=r"foreign.pcap has no balance"):
        _ = packets.balance


def test_packets_count_from_the_end_too_and_there_is_none_beyond(foreign):
    packets = Packets.open(foreign)

    assert packets.data(-1) == FRAMES[1]
    for beyond in (2, -3):
        with pytest.raises(IndexError, match=r"numbered 0 to 1"):
            packets.data(beyond)


def test_a_file_that_was_cut_says_so_wherever_it_is_shown(foreign):
    whole = repr(Packets.open(foreign))
    foreign.write_bytes(foreign.read_bytes()[:-5])

    cut = repr(Packets.open(foreign))

    assert whole == "<Packets: 2 in foreign.pcap, from file>"
    assert cut == (
        "<Packets: 1 in foreign.pcap, from file; foreign.pcap ends in the middle of "
        "packet 2: the 1 before it are kept>"
    )


def test_a_file_that_nobody_finished_can_be_read(tmp_path):
    path = tmp_path / "a.pcapng"
    spool(path)

    unfinished = [one.data[42:] for one in map(Packets.open(path).record, range(100))]
    finish(path, NAMES)

    assert unfinished == FLAT
    assert len(Packets.open(path)) == 100


def test_what_is_no_capture_is_said(tmp_path):
    with pytest.raises(CaptureError, match=r"no such|cannot be read: No such file"):
        Packets.open(tmp_path / "nowhere.pcapng")
    (tmp_path / "a.pcapng").write_bytes(b"hello, world")
    with pytest.raises(CaptureError, match=r"a.pcapng is no capture"):
        Packets.open(tmp_path / "a.pcapng")
