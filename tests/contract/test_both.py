"""What both drivers owe a protocol that has datagrams and streams at one address."""

import socket

import pytest

from p2pkit.core import TransportError
from tests.contract.protocols import Say, SpeakerOfBoth, Talker, TalkerOfBoth


class Two(TalkerOfBoth):
    """Keeps apart what came as a datagram and what came on a stream."""

    def __init__(self, ctx, config):
        super().__init__(ctx, config)
        self.datagrams = []

    def drop(self, to, number):
        self.ctx.send(to, Say(number))

    def receive(self, sender, message):
        self.datagrams.append((sender, message.number))
        if message.number == -3:
            raise ZeroDivisionError("dropped minus three")


@pytest.fixture
def joined(bench):
    one, two = bench.add("n00", Two), bench.add("n01", Two)
    one.protocol.connect(two.me.address)
    assert bench.until(lambda: one.protocol.news and two.protocol.news)
    return one, two


def test_one_address_carries_both_and_the_protocol_is_told_which(bench, joined):
    one, two = joined

    one.protocol.drop(two.me.address, 1)
    one.protocol.say(two.me.address, 2)

    assert bench.until(lambda: two.protocol.datagrams and two.protocol.heard)
    assert two.protocol.datagrams == [(one.me.address, 1)]
    assert two.protocol.numbers() == [2]
    assert two.counters.received["Say"].messages == 2
    assert two.counters.received == one.counters.sent


def test_a_pause_holds_both(bench, joined):
    one, two = joined
    two.pause()
    one.protocol.drop(two.me.address, 1)
    one.protocol.say(two.me.address, 2)
    bench.turn()
    assert (two.protocol.datagrams, two.protocol.heard) == ([], [])

    two.resume()

    assert bench.until(lambda: two.protocol.datagrams and two.protocol.heard)


def test_a_crash_on_a_stream_ends_the_whole_node(bench, joined):
    one, two = joined

    one.protocol.say(two.me.address, -3)

    assert bench.until(lambda: two.state == "dead")
    again = bench.add("n02", Two, two.me.address)  # both halves are free again
    one.protocol.drop(again.me.address, 5)
    assert bench.until(lambda: again.protocol.datagrams)
    again.protocol.connect(one.me.address)
    assert bench.until(lambda: again.protocol.peers())


def test_a_crash_on_a_datagram_closes_the_streams(bench, joined):
    one, two = joined

    one.protocol.drop(two.me.address, -3)

    assert bench.until(lambda: one.protocol.closed() == [two.me.address])
    assert two.state == "dead"


def test_both_halves_of_an_address_must_be_free(bench, joined):
    with pytest.raises(TransportError, match="is taken"):
        bench.add("n09", SpeakerOfBoth, joined[0].me.address)


def test_a_port_taken_for_streams_alone_is_not_given_for_both(bench):
    if bench.is_virtual:
        where = bench.add("n00", Talker).me.address
        with pytest.raises(TransportError, match="is taken by n00"):
            bench.add("n01", Two, where)
        return
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        taken.listen()
        with pytest.raises(TransportError, match="is taken"):
            bench.add("n01", Two, taken.getsockname())
