"""Links: streams by the address that a peer listens at, whoever opened them."""

import pytest

from p2pkit.core import Hello, Links, RemoteProtocolError
from p2pkit.core.links import MAX_STRANGERS, MAX_WAITING
from tests.membership import StreamRecorder, address

PEER = address(1)
INBOUND = (PEER[0], 50_000)


class Bench:
    def __init__(self, limit=64):
        self.ctx = StreamRecorder(address=address(0))
        self.up, self.down = [], []
        self.links = Links(self.ctx, self.down.append, limit, self.up.append)

    def arrive(self, stream, port=6881):
        self.links.on_connected(stream)
        return self.links.sender(stream, Hello(port))


@pytest.fixture
def bench():
    return Bench()


def test_a_message_to_a_stranger_waits_for_the_link_behind_a_hello(bench):
    bench.links.send(PEER, "news")

    assert bench.ctx.dialed == [PEER]
    assert bench.ctx.sent == []
    bench.links.on_connected(PEER)
    assert bench.ctx.sent == [(PEER, Hello(6881)), (PEER, "news")]
    assert bench.up == [PEER]


def test_what_waits_for_a_link_is_bounded(bench):
    for number in range(MAX_WAITING + 5):
        bench.links.send(PEER, number)

    bench.links.on_connected(PEER)

    assert len(bench.ctx.sent) == 1 + MAX_WAITING


def test_whoever_arrives_is_known_by_its_own_host_and_the_port_it_says(bench):
    assert bench.arrive(INBOUND) is None

    assert PEER in bench.links
    assert bench.links.sender(INBOUND, "news") == PEER
    bench.links.send(PEER, "answer")
    assert bench.ctx.sent == [(INBOUND, "answer")]
    assert bench.ctx.dialed == []


def test_whoever_speaks_before_its_hello_is_closed(bench):
    bench.links.on_connected(INBOUND)

    with pytest.raises(RemoteProtocolError, match="no hello"):
        bench.links.sender(INBOUND, "news")

    assert bench.ctx.closed == [INBOUND]


def test_a_second_hello_is_refused(bench):
    bench.arrive(INBOUND)

    with pytest.raises(RemoteProtocolError, match="hello twice"):
        bench.links.sender(INBOUND, Hello(7000))
    assert bench.links.sender(INBOUND, "news") == PEER


def test_nobody_can_claim_to_be_us(bench):
    with pytest.raises(RemoteProtocolError, match="claims to be us"):
        bench.arrive((address(0)[0], 50_000))


def test_streams_that_never_say_hello_push_the_oldest_of_them_out(bench):
    streams = [(address(number)[0], 50_000) for number in range(1, MAX_STRANGERS + 2)]

    for stream in streams[:-1]:
        bench.links.on_connected(stream)
    with pytest.raises(RemoteProtocolError, match="no hello"):
        bench.links.on_connected(streams[-1])

    assert bench.ctx.closed == streams[:1]


def test_a_flood_of_peers_ends_at_the_limit():
    bench = Bench(limit=3)
    for number in range(1, 4):
        bench.arrive((address(number)[0], 50_000))

    with pytest.raises(RemoteProtocolError, match="too many links"):
        bench.arrive((address(4)[0], 50_000))

    assert len(bench.links) == 3
    assert bench.ctx.closed == [(address(4)[0], 50_000)]


def test_a_peer_that_comes_again_takes_its_own_place(bench):
    again = (PEER[0], 50_001)
    bench.arrive(INBOUND)

    bench.arrive(again)

    assert bench.ctx.closed == [INBOUND]
    assert bench.links.sender(again, "news") == PEER
    assert bench.links.sender(INBOUND, "late") is None
    bench.links.on_closed(INBOUND)
    assert bench.down == []


def test_two_that_dial_each_other_are_one_link_and_lost_with_its_last_stream(bench):
    bench.links.open(PEER)
    bench.arrive(INBOUND)
    bench.links.on_connected(PEER)
    assert bench.up == [PEER]

    bench.links.on_closed(INBOUND)
    assert bench.down == []
    bench.links.on_closed(PEER)
    assert bench.down == [PEER]


def test_a_peer_that_cannot_be_reached_is_down_once(bench):
    bench.links.open(PEER)
    bench.links.open(PEER)

    bench.links.on_closed(PEER)

    assert bench.ctx.dialed == [PEER]
    assert bench.down == [PEER]


def test_what_we_close_ourselves_is_not_reported(bench):
    bench.links.open(PEER)
    bench.links.on_connected(PEER)

    bench.links.close(PEER)
    bench.links.on_closed(PEER)

    assert bench.down == []
    assert PEER not in bench.links


# Drivers take a stream for there until its closing is over, and would not dial again.
def test_a_link_that_is_wanted_again_while_it_closes_is_dialed_when_it_is_gone(bench):
    bench.links.open(PEER)
    bench.links.on_connected(PEER)
    bench.links.close(PEER)

    bench.links.send(PEER, "again")
    assert bench.ctx.dialed == [PEER]
    bench.links.on_closed(PEER)

    assert bench.ctx.dialed == [PEER, PEER]
    bench.links.on_connected(PEER)
    assert bench.ctx.sent[-1] == (PEER, "again")


def test_a_link_closed_before_it_was_open_is_closed_when_it_opens(bench):
    bench.links.open(PEER)
    bench.links.close(PEER)

    bench.links.on_connected(PEER)

    assert bench.ctx.closed == [PEER]
    assert bench.up == []


def test_idle_links_are_closed_at_the_second_look_and_kept_ones_never(bench):
    other = address(2)
    for number in (1, 2):
        bench.arrive((address(number)[0], 50_000))

    bench.links.close_idle({other})
    assert PEER in bench.links
    bench.links.close_idle({other})

    assert list(bench.links) == [other]
