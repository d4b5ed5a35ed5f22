"""What both drivers owe a protocol on datagrams."""

import pytest

from p2pkit.core import (
    Crashed,
    LocalProtocolError,
    RequestTimeout,
    TransportError,
    format_address,
)
from tests.contract.protocols import Reply, Say, Speaker, SpeakerOfBoth


@pytest.fixture(params=[Speaker, SpeakerOfBoth], ids=["alone", "both"])
def speaker(request):
    """The protocol on this carrier alone, and on both."""
    return request.param


@pytest.fixture
def pair(bench, speaker):
    return bench.add("n00", speaker), bench.add("n01", speaker)


def test_a_datagram_arrives_with_its_sender_and_is_counted_at_both_ends(bench, pair):
    one, two = pair

    one.protocol.say(two.me.address, 5, b"hello")

    assert bench.until(lambda: two.protocol.heard)
    _, sender, message = two.protocol.heard[0]
    assert (sender, message) == (one.me.address, Say(5, b"hello"))
    sent, received = one.counters.sent["Say"], two.counters.received["Say"]
    assert sent.messages == received.messages == 1
    assert (
        sent.payload_bytes
        == received.payload_bytes
        == len(Speaker.codec.encode(message))
    )


def test_an_operation_ends_with_its_result(bench, pair):
    one, two = pair

    assert bench.run(one.protocol.ask(two.me.address)) == -1


def test_an_operation_that_does_not_end_says_so(bench, pair):
    one, two = pair
    two.kill()

    with pytest.raises(RequestTimeout, match=r"ask has not ended after 0\.02 s"):
        bench.run(one.protocol.ask(two.me.address), limit_s=0.02)


def test_a_call_after_no_time_is_made_later_and_not_from_inside(bench, pair):
    one, two = pair

    bench.run(one.protocol.ask(two.me.address))

    assert bench.until(lambda: two.protocol.rang)
    name, _, was_inside = two.protocol.rang[0]
    assert (name, was_inside) == ("inside", False)


def test_timers_ring_in_order_and_a_canceled_one_does_not(bench, pair):
    protocol = pair[0].protocol
    began_s = bench.driver.now()
    protocol.ring_in(0.03, "late")
    protocol.ring_in(0.02, "never").cancel()
    timer = protocol.ring_in(0.01, "early")

    assert bench.until(lambda: len(protocol.rang) == 2)
    timer.cancel()

    assert [name for name, _, _ in protocol.rang] == ["early", "late"]
    waited_s = [at_s - began_s for _, at_s, _ in protocol.rang]
    assert waited_s[0] >= 0.0099
    assert waited_s[1] >= 0.0299


def test_messages_too_long_are_refused_at_the_sender(bench, pair):
    one, two = pair

    with pytest.raises(LocalProtocolError, match="longer than the 1200"):
        one.protocol.say(two.me.address, 1, b"x" * 1300)


class Shouter(Speaker):
    codec = type(Speaker.codec)(Say, Reply, max_bytes=70_000)


def test_messages_too_long_are_counted_at_the_receiver(bench, pair):
    two = pair[1]
    shouter = bench.add("n02", Shouter)

    shouter.protocol.say(two.me.address, 1, b"x" * 1300)

    assert bench.until(lambda: two.counters.rejected)
    assert two.counters.rejected == {"message too long": 1}


def test_what_is_longer_than_any_datagram_is_dropped_by_its_reason(bench, pair):
    shouter = bench.add("n02", Shouter)

    shouter.protocol.say(pair[0].me.address, 1, b"x" * 66_000)

    assert shouter.counters.dropped == {"too long for a datagram": 1}


class Babbler(Speaker):
    """Says what nobody understands."""

    class codec:
        max_bytes = 1200

        @staticmethod
        def encode(message):
            return message.text

        decode = Speaker.codec.decode


def test_garbage_is_counted_and_harms_nobody(bench, pair):
    one, two = pair
    babbler = bench.add("n02", Babbler)

    for text in (b"", b"\xc1", b"\x81" * 300, b"i5e"):
        babbler.protocol.say(two.me.address, 1, text)
    one.protocol.say(two.me.address, 9)

    assert bench.until(lambda: two.protocol.numbers() == [9])
    assert two.counters.rejected == {"not one of our messages": 4}


def test_a_broken_rule_is_counted_by_its_reason(bench, pair):
    one, two = pair

    one.protocol.say(two.me.address, -2)
    one.protocol.say(two.me.address, 1)

    assert bench.until(lambda: 1 in two.protocol.numbers())
    assert two.counters.rejected == {"said minus two": 1}
    assert two.state == "alive"


def test_a_bug_in_one_node_ends_that_node_alone(bench, pair):
    one, two = pair

    one.protocol.say(two.me.address, -3)

    assert bench.until(lambda: two.state == "dead")
    record = bench.records[-1]
    assert record.node == "n01"
    assert isinstance(record.event, Crashed)
    assert record.event.error == "ZeroDivisionError: said minus three"
    assert "_hear" in record.event.traceback
    assert one.state == "alive"


def test_a_bug_in_a_timer_ends_that_node_alone(bench, pair):
    one = pair[0]

    one.protocol.ctx.after(0.0, lambda: 1 / 0)

    assert bench.until(lambda: one.state == "dead")
    assert bench.records[-1].event.error == "ZeroDivisionError: division by zero"


def test_a_paused_node_hears_later_and_its_timers_ring_once(bench, pair):
    one, two = pair
    two.protocol.ring_in(0.01)
    two.pause()
    one.protocol.say(two.me.address, 1)
    one.protocol.say(two.me.address, 2)
    bench.turn()
    assert (two.state, two.protocol.heard, two.protocol.rang) == ("paused", [], [])

    two.resume()

    assert bench.until(lambda: len(two.protocol.heard) == 2)
    assert bench.until(lambda: two.protocol.rang)
    bench.turn()
    assert len(two.protocol.rang) == 1


def test_a_paused_node_keeps_no_more_than_its_buffer(bench, pair):
    one, two = pair
    two.pause()
    for number in range(3000):
        one.protocol.say(two.me.address, number, b"x" * 1000)
    bench.turn()
    two.resume()

    def is_accounted_for():
        lost = two.counters.dropped.get("receive buffer full", 0)
        return len(two.protocol.heard) + lost == 3000

    assert bench.until(is_accounted_for) or not bench.is_virtual
    assert 0 < len(two.protocol.heard) < 3000


def test_a_killed_node_says_nothing_and_its_timers_are_silent(bench, pair):
    one, two = pair
    two.protocol.ring_in(0.01)

    two.kill()
    one.protocol.say(two.me.address, 1)
    bench.turn()

    assert (two.protocol.heard, two.protocol.rang) == ([], [])
    assert not two.protocol.stopped
    with pytest.raises(LocalProtocolError, match="n01 is dead"):
        two.resume()


def test_a_stopped_node_may_say_goodbye_and_be_added_again(bench, pair, speaker):
    two = pair[1]

    two.stop()
    again = bench.add("n01", speaker, two.me.address, saved=two.protocol.save())

    assert two.protocol.stopped
    assert again.protocol.restored == b"0"
    assert again.me == two.me


def test_a_taken_port_is_one_sentence(bench, pair, speaker):
    where = pair[0].me.address

    with pytest.raises(TransportError) as caught:
        bench.add("n09", speaker, where)

    assert str(caught.value).startswith(f"{format_address(where)} is taken")


def test_a_name_is_used_once_at_a_time(bench, pair, speaker):
    with pytest.raises(TransportError, match="n00 is already there"):
        bench.add("n00", speaker)


def test_the_same_seed_gives_the_same_id_and_the_same_chance(bench, pair, speaker):
    other = type(bench)()
    twin = other.add("n00", speaker)

    same = twin.me.id == pair[0].me.id
    same_draw = twin.protocol.ctx.rng.random() == pair[0].protocol.ctx.rng.random()
    other.close()

    assert same
    assert same_draw


def test_an_id_can_be_given(bench, speaker):
    assert bench.add("n00", speaker, node_id=5).me.id == 5


def test_ipv6_addresses_are_pairs_as_well(bench, speaker):
    try:
        one = bench.add("n00", speaker, ("::1", 0))
    except TransportError:
        pytest.skip("this machine has no IPv6")
    two = bench.add("n01", speaker, ("::1", 0))

    one.protocol.say(two.me.address, 1)

    assert bench.until(lambda: two.protocol.heard)
    assert two.protocol.heard[0][1] == one.me.address
