"""A census tells whose packets they are, and counts the bytes of streams once."""

import struct

import pytest

from p2pkit.observe.capture import census
from p2pkit.observe.capture.census import Flows, Names, ends_of
from p2pkit.observe.capture.packing import ACK, FIN, RST, SYN, Segment, Stream
from tests.unit.observe.capture.ring_blocks import HERE, THERE, frame

STRANGER = ("127.9.9.9", 4444)


@pytest.fixture
def flows():
    return Flows(Names({HERE: "n00", THERE: "n01"}))


def test_datagrams_are_counted_by_who_sent_them_and_who_they_went_to(flows):
    for _ in range(3):
        flows.ending(1, frame(b"x"))
    flows.ending(2, frame(b"y", THERE, STRANGER))
    flows.ending(3, frame(b"z", STRANGER, STRANGER))

    found = flows.census()

    assert (found.packets, found.others) == (5, 1)
    assert found.sent == {"n00": 3, "n01": 1}
    assert found.received == {"n01": 3}


def test_a_stranger_is_named_by_its_address(flows):
    assert b"127.9.9.9:4444 > n01" in flows.ending(1, frame(b"x", STRANGER, THERE))
    assert flows.ending(1, frame(b"x", STRANGER, STRANGER)) == b""


def test_a_datagram_in_fragments_counts_once(flows):
    whole = bytearray(frame(b"x" * 100))
    later = bytearray(whole)
    struct.pack_into("!H", whole, 20, 0x2000)  # more fragments follow
    struct.pack_into("!H", later, 20, 0x0010)

    flows.ending(1, bytes(whole))
    flows.ending(2, bytes(later))

    assert flows.census().sent == {"n00": 1}
    assert flows.census().packets == 2


def test_options_of_the_ip_header_do_not_hide_the_ports(flows):
    plain = frame(b"x")
    with_options = plain[:14] + b"\x46" + plain[15:34] + bytes(4) + plain[34:]

    assert ends_of(with_options) == ends_of(plain)
    assert flows.ending(1, with_options) == flows.ending(1, plain)
    assert flows.census().sent == {"n00": 2}


@pytest.mark.parametrize("length", [0, 13, 14, 20, 33, 37])
def test_a_frame_that_was_cut_is_nobodys(flows, length):
    flows.ending(1, frame(b"x")[:length])

    assert flows.census().others == 1


def segments(*told, begun=False):
    stream = Stream(is_begun=begun)
    return [stream.segment(one, 1) for one in told]


def test_bytes_of_a_stream_count_once_however_often_they_are_sent(flows):
    data = Segment(HERE, THERE, ACK, b"12345")
    sent = segments(
        Segment(HERE, THERE, SYN), data, data, Segment(HERE, THERE, FIN | ACK)
    )

    for one in (*sent[:2], sent[1], *sent[2:]):
        flows.ending(1, one)

    assert flows.census().stream_sent == {"n00": 10}


def test_neither_opening_nor_ending_of_a_stream_is_a_byte(flows):
    ending = Segment(HERE, THERE, FIN | ACK)
    for one in segments(Segment(HERE, THERE, SYN), ending, Segment(HERE, THERE, ACK)):
        flows.ending(1, one)

    assert flows.census().stream_sent == {"n00": 0}


def test_what_came_to_an_end_that_was_closed_went_to_nobody(flows):
    for one in segments(
        Segment(THERE, HERE, ACK, b"hello"),
        Segment(HERE, THERE, ACK, b"123"),
        Segment(THERE, HERE, FIN | ACK),
        Segment(HERE, THERE, ACK, b"too late"),
        Segment(THERE, HERE, RST),
        begun=True,
    ):
        flows.ending(1, one)

    assert flows.census().stream_sent == {"n00": 11, "n01": 5}
    assert flows.census().stream_received == {"n00": 5, "n01": 3}


def test_who_breaks_off_has_taken_what_it_acknowledged(flows):
    for one in segments(
        Segment(THERE, HERE, ACK, b"hello"),
        Segment(HERE, THERE, ACK, b"123"),
        Segment(THERE, HERE, RST | ACK),
        begun=True,
    ):
        flows.ending(1, one)

    assert flows.census().stream_received == {"n00": 5, "n01": 3}


def test_a_stream_from_any_port_of_a_nodes_own_host_is_the_nodes(flows):
    (one,) = segments(Segment((HERE[0], 50_000), THERE, ACK, b"123"), begun=True)

    flows.ending(1, one)

    assert flows.census().stream_sent == {"n00": 3}


def test_where_nodes_share_a_host_a_stream_is_told_by_the_port_it_was_opened_from():
    nodes = {("127.0.0.1", 7000): "n00", ("127.0.0.1", 7001): "n01"}
    flows = Flows(Names(nodes, {("127.0.0.1", 50_000): "n00"}))
    here = ("127.0.0.1", 50_000)
    (one,) = segments(Segment(here, ("127.0.0.1", 7001), ACK, b"12"), begun=True)

    flows.ending(1, one)

    assert flows.census().stream_sent == {"n00": 2}
    assert flows.census().stream_received == {"n01": 2}


def test_a_flood_of_flows_takes_a_bounded_room_and_loses_no_count(flows, monkeypatch):
    monkeypatch.setattr(census, "MAX_FLOWS", 10)

    for port in range(1, 101):
        flows.ending(1, frame(b"x", ("127.9.9.9", port), THERE))

    assert flows.census().received == {"n01": 100}
