"""What both drivers owe a protocol on streams."""

import pytest

from p2pkit.core import LengthPrefix, TransportError
from p2pkit.faults import Constant, Link, Loss, Partition, Uniform
from tests.contract.protocols import Talker, TalkerOfBoth


@pytest.fixture(params=[Talker, TalkerOfBoth], ids=["alone", "both"])
def talker(request):
    """The protocol on this carrier alone, and on both."""
    return request.param


@pytest.fixture
def pair(bench, talker):
    return bench.add("n00", talker), bench.add("n01", talker)


@pytest.fixture
def joined(bench, pair):
    one, two = pair
    one.protocol.connect(two.me.address)
    assert bench.until(lambda: one.protocol.news and two.protocol.news)
    return one, two


def test_both_ends_hear_of_a_new_stream(joined):
    one, two = joined

    assert one.protocol.peers() == [two.me.address]
    (peer,) = two.protocol.peers()
    assert peer[0] == one.me.address[0]
    assert peer != one.me.address


def test_messages_arrive_whole_and_in_order_both_ways(bench, joined):
    one, two = joined
    back = two.protocol.peers()[0]

    for number in range(200):
        one.protocol.say(two.me.address, number, b"x" * (number * 37 % 5000))
        two.protocol.say(back, number)

    assert bench.until(lambda: len(two.protocol.heard) == 200)
    assert bench.until(lambda: len(one.protocol.heard) == 200)
    assert two.protocol.numbers() == one.protocol.numbers() == list(range(200))
    assert two.counters.received == one.counters.sent


def test_faults_delay_a_stream_and_keep_its_order(bench, joined):
    one, two = joined
    bench.faults.link = Link(
        latency=Uniform(0.0, 0.03), duplication=0.5, reordering=0.5
    )

    for number in range(100):
        one.protocol.say(two.me.address, number)

    assert bench.until(lambda: len(two.protocol.heard) >= 100)
    assert two.protocol.numbers() == list(range(100))


def test_a_loss_shows_as_a_delay(bench, joined):
    one, two = joined
    bench.faults.add(Loss(0.999999))
    began_s = bench.driver.now()
    one.protocol.say(two.me.address, 1)
    bench.faults.clear()

    bench.turn()
    assert two.protocol.heard == []
    assert began_s + 0.04 < bench.driver.now()


def test_a_partition_closes_a_stream_at_both_ends(bench, joined):
    one, two = joined
    bench.faults.add(Partition([{one.me.address}, {two.me.address}]))

    two.protocol.say(two.protocol.peers()[0], 1)

    assert bench.until(lambda: one.protocol.closed() and two.protocol.closed())
    assert one.protocol.heard == []


def test_a_partition_lets_no_stream_be_opened(bench, pair):
    one, two = pair
    bench.faults.add(Partition([{one.me.address}, {two.me.address}]))

    one.protocol.connect(two.me.address)

    assert bench.until(lambda: one.protocol.news == [("closed", two.me.address)])
    assert two.protocol.news == []


def test_closing_is_heard_once_at_both_ends_and_after_the_last_message(bench, joined):
    one, two = joined
    back = two.protocol.peers()[0]
    for number in range(20):
        one.protocol.say(two.me.address, number)

    one.protocol.close(two.me.address)
    one.protocol.close(two.me.address)

    assert one.protocol.closed() == []
    assert bench.until(lambda: one.protocol.closed() and two.protocol.closed())
    bench.turn()
    assert two.protocol.numbers() == list(range(20))
    assert one.protocol.closed() == [two.me.address]
    assert two.protocol.closed() == [back]


def test_a_stream_can_be_opened_again(bench, joined):
    one, two = joined
    one.protocol.close(two.me.address)
    assert bench.until(lambda: one.protocol.closed())

    one.protocol.connect(two.me.address)

    assert bench.until(lambda: len(one.protocol.peers()) == 2)


def test_connecting_where_nobody_listens_is_heard_as_closed(bench, pair):
    one, two = pair
    two.kill()

    one.protocol.connect(two.me.address)

    assert bench.until(lambda: one.protocol.news)
    assert one.protocol.news == [("closed", two.me.address)]


def test_sending_without_a_stream_is_counted(pair):
    one, two = pair

    one.protocol.say(two.me.address, 1)

    assert one.counters.dropped == {"no stream": 1}


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_the_end_of_a_node_closes_its_streams(bench, joined, end):
    one, two = joined

    getattr(two, end)()

    assert bench.until(lambda: one.protocol.closed() == [two.me.address])
    assert two.protocol.closed() == []


def test_the_end_of_a_crashed_node_closes_its_streams(bench, joined):
    one, two = joined

    one.protocol.say(two.me.address, -3)

    assert bench.until(lambda: one.protocol.closed() == [two.me.address])
    assert two.state == "dead"


def test_a_paused_node_hears_later_and_in_order(bench, joined):
    one, two = joined
    two.pause()
    for number in range(50):
        one.protocol.say(two.me.address, number)
    one.protocol.close(two.me.address)
    bench.turn()
    assert two.protocol.heard == []

    two.resume()

    assert bench.until(lambda: two.protocol.closed())
    assert two.protocol.numbers() == list(range(50))


def test_a_peer_that_does_not_read_loses_the_stream(bench, joined):
    one, two = joined
    two.pause()

    for number in range(200):
        one.protocol.say(two.me.address, number, b"x" * 150_000)

    assert bench.until(lambda: one.protocol.closed() == [two.me.address])
    assert one.counters.dropped["write queue full"] == 1


class Modest(Talker):
    framing = LengthPrefix(100)


def test_a_frame_too_large_closes_the_stream(bench, talker):
    one, two = bench.add("n00", talker), bench.add("n01", Modest)
    one.protocol.connect(two.me.address)
    assert bench.until(lambda: one.protocol.peers())

    one.protocol.say(two.me.address, 1, b"x" * 200)

    assert bench.until(lambda: one.protocol.closed() and two.protocol.closed())
    assert two.counters.rejected == {"frame too large": 1}


def test_a_broken_rule_is_counted_and_the_stream_stays(bench, joined):
    one, two = joined

    one.protocol.say(two.me.address, -2)
    one.protocol.say(two.me.address, 4)

    assert bench.until(lambda: two.protocol.numbers() == [-2, 4])
    assert two.counters.rejected == {"said minus two": 1}


def test_a_taken_port_is_one_sentence(bench, pair, talker):
    with pytest.raises(TransportError, match="is taken"):
        bench.add("n09", talker, pair[0].me.address)


def test_a_delayed_stream_opens_late(bench, pair):
    one, two = pair
    bench.faults.link = Link(latency=Constant(0.02))
    began_s = bench.driver.now()

    one.protocol.connect(two.me.address)

    assert bench.until(lambda: one.protocol.news)
    assert bench.driver.now() - began_s >= 0.039
