"""The ring and its recorder take every packet, once, and say what they could not."""

import socket

import pytest

from p2pkit.observe.capture import filters
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.recording import Recording
from tests.capturing import begun, packet_socket, payloads_in

HERE, THERE = ("127.211.0.1", 7001), ("127.211.0.2", 7001)
NODES = {HERE: "n00", THERE: "n01"}
NAMES = Names(NODES)
LIMIT_BYTES = 1 << 28


@pytest.fixture
def ends():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        here.bind(HERE)
        there.bind(THERE)
        yield here, there


def record(path, limit_bytes=LIMIT_BYTES, **ring):
    sock = packet_socket()
    filters.attach(sock, filters.of_network("127.211.0.0/16"))
    return Recording(sock, begun(path), "lo", NODES, limit_bytes, **ring)


def send(ends, count, first=0):
    here, _ = ends
    for number in range(first, first + count):
        here.sendto(number.to_bytes(4, "big"), THERE)


def numbers_in(path):
    return [int.from_bytes(one, "big") for one in payloads_in(path)]


def test_a_ring_takes_each_packet_of_loopback_once_and_in_order(tmp_path, ends):
    recording = record(tmp_path / "a.pcapng")

    recording.begin()
    send(ends, 5000)
    recording.stop()
    report = recording.finish(NAMES)

    assert numbers_in(tmp_path / "a.pcapng") == list(range(5000))
    assert (report.seen, report.dropped, report.freezes, report.unsaved) == (
        5000,
        0,
        0,
        0,
    )
    assert report.census.sent == {"n00": 5000}
    assert report.census.received == {"n01": 5000}


def test_what_came_before_and_after_is_not_taken(tmp_path, ends):
    recording = record(tmp_path / "a.pcapng")

    send(ends, 3)
    recording.begin()
    send(ends, 5, first=10)
    recording.stop()
    send(ends, 3, first=20)
    recording.finish(NAMES)

    assert numbers_in(tmp_path / "a.pcapng") == [10, 11, 12, 13, 14]


def test_a_filter_leaves_what_is_not_of_its_network(tmp_path, ends):
    recording = record(tmp_path / "a.pcapng")

    recording.begin()
    ends[0].sendto(b"ours", ("127.0.0.9", 9))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"theirs", ("127.0.0.9", 9))
    recording.stop()
    recording.finish(NAMES)

    assert payloads_in(tmp_path / "a.pcapng") == [b"ours"]
