"""What both drivers owe a tap: each message at each end, and nothing changed by it."""

import pytest

from p2pkit.faults import Link, Loss
from tests.contract.protocols import (
    Say,
    Speaker,
    SpeakerOfBoth,
    Talker,
    TalkerOfBoth,
)


class Listener:
    """Keeps what it is told."""

    def __init__(self, sends=True, hears=True):
        self.sends, self.hears = sends, hears
        self.seen = []

    def sent(self, node, to, message, data):
        self.seen.append(("sent", node.name, to, message, data))

    def heard(self, node, sender, message, data):
        self.seen.append(("heard", node.name, sender, message, data))

    def lost(self, node, peer, data, reason):
        self.seen.append(("lost", node.name, peer, reason, data))

    def ways(self):
        return [way for way, *_ in self.seen]


@pytest.fixture(params=[Speaker, SpeakerOfBoth], ids=["alone", "both"])
def speakers(bench, request):
    return bench.add("n00", request.param), bench.add("n01", request.param)


@pytest.fixture(params=[Talker, TalkerOfBoth], ids=["alone", "both"])
def talkers(bench, request):
    one, two = bench.add("n02", request.param), bench.add("n03", request.param)
    one.protocol.connect(two.me.address)
    assert bench.until(lambda: one.protocol.news and two.protocol.news)
    return one, two


def test_a_tap_is_told_of_a_datagram_at_both_ends(bench, speakers):
    one, two = speakers
    bench.driver.tap = tap = Listener()

    one.protocol.say(two.me.address, 5)

    assert bench.until(lambda: two.protocol.heard)
    data = Speaker.codec.encode(Say(5))
    assert tap.seen == [
        ("sent", "n00", two.me.address, Say(5), data),
        ("heard", "n01", one.me.address, Say(5), data),
    ]


def test_a_tap_is_told_of_a_message_on_a_stream_at_both_ends(bench, talkers):
    one, two = talkers
    bench.driver.tap = tap = Listener()

    one.protocol.say(two.me.address, 5, b"x" * 5000)

    assert bench.until(lambda: two.protocol.heard)
    assert [(way, name, data) for way, name, _, _, data in tap.seen] == [
        ("sent", "n02", Talker.codec.encode(Say(5, b"x" * 5000))),
        ("heard", "n03", Talker.codec.encode(Say(5, b"x" * 5000))),
    ]


def test_a_tap_that_does_not_hear_is_told_what_is_sent(bench, speakers, talkers):
    bench.driver.tap = tap = Listener(hears=False)

    for one, two in (speakers, talkers):
        one.protocol.say(two.me.address, 5)
        assert bench.until(lambda two=two: two.protocol.heard)

    assert tap.ways() == ["sent", "sent"]


def test_a_tap_that_has_seen_enough_is_told_of_arrivals_alone(bench, speakers, talkers):
    bench.driver.tap = tap = Listener(sends=False)

    for one, two in (speakers, talkers):
        one.protocol.say(two.me.address, 5)
        assert bench.until(lambda two=two: two.protocol.heard)

    assert tap.ways() == ["heard", "heard"]


def test_a_tap_can_be_put_in_and_taken_out_while_nodes_run(bench, speakers):
    one, two = speakers
    tap = Listener()
    for number, now in enumerate((None, tap, None)):
        bench.driver.tap = now
        one.protocol.say(two.me.address, number)
        assert bench.until(lambda number=number: number in two.protocol.numbers())

    assert [message.number for _, _, _, message, _ in tap.seen] == [1, 1]


def test_a_message_that_a_fault_drops_is_sent_and_lost(bench, speakers):
    one, two = speakers
    bench.faults.add(Loss(1.0))
    bench.driver.tap = tap = Listener()

    one.protocol.say(two.me.address, 5)

    assert [(way, name, peer) for way, name, peer, _, _ in tap.seen] == [
        ("sent", "n00", two.me.address),
        ("lost", "n00", two.me.address),
    ]
    assert tap.seen[1][3] == "loss"
    assert one.counters.dropped == {"loss": 1}


def test_a_message_that_breaks_a_rule_is_lost_where_it_is_heard(bench, speakers):
    one, two = speakers
    bench.driver.tap = tap = Listener()

    one.protocol.say(two.me.address, -2)

    assert bench.until(lambda: two.counters.rejected)
    assert tap.ways() == ["sent", "heard", "lost"]
    assert tap.seen[2][1:4] == ("n01", one.me.address, "said minus two")


def test_a_corrupted_message_is_lost_as_it_was_sent(bench, speakers):
    one, two = speakers
    bench.faults.link = Link(corruption=1.0)
    bench.driver.tap = tap = Listener()

    one.protocol.say(two.me.address, 5, b"hello")

    assert tap.seen[1] == ("lost", "n00", two.me.address, "corrupted", tap.seen[0][4])


def test_a_message_without_a_stream_is_lost(bench, talkers):
    one, _ = talkers
    bench.driver.tap = tap = Listener()

    one.protocol.say(("127.0.0.77", 9), 5)

    assert tap.ways() == ["sent", "lost"]
    assert tap.seen[1][3] == "no stream"


def test_each_message_counted_as_sent_is_told_once(bench, speakers):
    one, two = speakers
    bench.driver.tap = tap = Listener()
    bench.faults.link = Link(loss=0.3, duplication=0.3)

    for number in range(200):
        one.protocol.say(two.me.address, number)
    bench.turn()

    assert tap.ways().count("sent") == one.counters.sent["Say"].messages == 200
    assert tap.ways().count("heard") == two.counters.received["Say"].messages
    assert tap.ways().count("lost") == one.counters.dropped["loss"]
