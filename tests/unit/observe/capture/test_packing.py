"""Frames that are made for a tap are what a kernel would have sent."""

import struct

import pytest

from p2pkit.observe.capture.packing import (
    ACK,
    FIN,
    SEGMENT_BYTES,
    SYN,
    Segment,
    Stream,
    checksum,
    datagram,
    opening,
    pieces,
)

HERE, THERE = ("127.5.0.1", 50_000), ("127.5.1.1", 6881)


@pytest.mark.parametrize("payload", [b"", b"x", b"odd", b"even", bytes(65_507)])
def test_checksums_of_a_datagram_are_right(payload):
    frame = datagram(HERE, THERE, payload, 7)

    ip, udp = frame[14:34], frame[34:]
    pseudo = frame[26:34] + struct.pack("!BBH", 0, 17, len(udp))
    assert checksum(ip) == checksum(pseudo + udp) == 0xFFFF
    assert struct.unpack_from("!H", frame, 16)[0] == len(frame) - 14


def test_a_checksum_is_never_left_out():
    # Zero would say that there is none: RFC 768.
    for number in range(70_000 // 2):
        frame = datagram(HERE, THERE, struct.pack("!H", number), 1)
        assert frame[40:42] != b"\0\0"


def test_numbers_of_a_stream_run_on_and_acknowledge_the_other_side():
    stream = Stream(is_begun=False)
    said = [
        *opening(HERE, THERE),
        *pieces(HERE, THERE, b"abc"),
        Segment(THERE, HERE, ACK, b"de"),
        Segment(HERE, THERE, FIN | ACK),
        Segment(THERE, HERE, FIN | ACK),
        Segment(HERE, THERE, ACK),
    ]

    numbers = [struct.unpack_from("!II", stream.segment(one, 1), 38) for one in said]

    assert numbers == [
        (0, 0),
        (0, 1),
        (1, 1),
        (1, 1),
        (1, 4),
        (4, 3),
        (3, 5),
        (5, 4),
    ]


def test_what_is_written_at_once_goes_in_segments_that_a_wire_would_carry():
    data = bytes(range(256)) * 12

    found = list(pieces(HERE, THERE, data))

    assert [len(one.data) for one in found] == [SEGMENT_BYTES, SEGMENT_BYTES, 176]
    assert b"".join(one.data for one in found) == data


def test_an_opening_is_told_by_its_flags():
    assert [one.flags for one in opening(HERE, THERE)] == [SYN, SYN | ACK, ACK]
