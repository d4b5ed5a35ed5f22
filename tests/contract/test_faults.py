"""Both drivers obey a fault plan, and a change holds from the next packet."""

import pytest

from p2pkit.faults import (
    Bandwidth,
    Constant,
    Isolate,
    Link,
    Loss,
    OneWayCut,
    Only,
    Partition,
    Uniform,
)
from tests.contract.protocols import Speaker

MANY = 500
"""Datagrams behind a rate; five standard deviations at odds 0.3 are 51."""


@pytest.fixture
def pair(bench):
    return bench.add("n00", Speaker), bench.add("n01", Speaker)


def say_many(bench, one, two, count=MANY):
    """Say `count` numbers, and one without faults that comes after them."""
    for number in range(count):
        one.protocol.say(two.me.address, number)


def is_quiet(bench, two, count):
    return bench.until(lambda: len(two.protocol.heard) >= count)


def test_a_tenth_lost_is_a_tenth_lost(bench, pair):
    one, two = pair
    bench.faults.add(Loss(0.3))

    say_many(bench, one, two)

    lost = one.counters.dropped["loss"]
    assert abs(lost - 150) < 52
    assert is_quiet(bench, two, MANY - lost)
    assert len(two.protocol.heard) == MANY - lost


def test_doubled_datagrams_arrive_twice(bench, pair):
    one, two = pair
    bench.faults.link = Link(duplication=1.0)

    say_many(bench, one, two, 50)

    assert is_quiet(bench, two, 100)
    assert sorted(two.protocol.numbers()) == sorted(list(range(50)) * 2)


def test_held_back_datagrams_are_overtaken(bench, pair):
    one, two = pair
    bench.faults.link = Link(reordering=0.3, reordering_s=0.01)

    say_many(bench, one, two, 100)

    assert is_quiet(bench, two, 100)
    assert sorted(two.protocol.numbers()) == list(range(100))
    assert two.protocol.numbers() != list(range(100))


def test_corrupted_datagrams_are_counted_or_differ(bench, pair):
    one, two = pair
    bench.faults.link = Link(corruption=1.0)

    for _ in range(100):
        one.protocol.say(two.me.address, 7, b"")

    def is_all_there():
        rejected = sum(two.counters.rejected.values())
        return rejected + len(two.protocol.heard) == 100

    assert bench.until(is_all_there)
    assert two.counters.rejected["not one of our messages"] > 50


def test_a_constant_delay_is_what_it_says(bench, pair):
    one, two = pair
    bench.faults.link = Link(latency=Constant(0.03))
    began_s = bench.driver.now()

    one.protocol.say(two.me.address, 1)

    assert is_quiet(bench, two, 1)
    waited_s = two.protocol.heard[0][0] - began_s
    assert waited_s == pytest.approx(0.03) if bench.is_virtual else waited_s >= 0.03


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_what_is_delayed_arrives_although_its_sender_ends(bench, pair, end):
    one, two = pair
    bench.faults.link = Link(latency=Constant(0.03))
    one.protocol.say(two.me.address, 1)
    one.protocol.say(two.me.address, 2)

    getattr(one, end)()
    two.protocol.say(one.me.address, 3)

    assert is_quiet(bench, two, 2)
    assert two.protocol.numbers() == [1, 2]
    bench.turn()
    assert one.protocol.heard == []
    assert one.counters.dropped == {}


def test_an_address_is_free_though_its_last_node_has_datagrams_under_way(bench, pair):
    one, two = pair
    bench.faults.link = Link(latency=Constant(0.03))
    one.protocol.say(two.me.address, 1)
    one.kill()

    again = bench.add("n00", Speaker, one.me.address)
    two.protocol.say(again.me.address, 2)

    assert is_quiet(bench, again, 1)


def test_delays_follow_their_distribution(bench, pair):
    one, two = pair
    bench.faults.link = Link(latency=Uniform(0.01, 0.05))
    began_s = bench.driver.now()

    say_many(bench, one, two, 300)

    assert is_quiet(bench, two, 300)
    waited_s = [at_s - began_s for at_s, _, _ in two.protocol.heard]
    assert min(waited_s) >= 0.01
    mean_s = sum(waited_s) / 300
    # Five standard errors of the mean are 3.3 ms; a real machine may be late.
    assert 0.0267 < mean_s < (0.0333 if bench.is_virtual else 0.2)


def test_a_partition_heals_when_its_rule_is_removed(bench, pair):
    one, two = pair
    handle = bench.faults.add(Partition([{one.me.address}, {two.me.address}]))
    one.protocol.say(two.me.address, 1)
    two.protocol.say(one.me.address, 1)

    bench.faults.remove(handle)
    one.protocol.say(two.me.address, 2)

    assert is_quiet(bench, two, 1)
    bench.turn()
    assert (one.protocol.numbers(), two.protocol.numbers()) == ([], [2])
    assert one.counters.dropped == two.counters.dropped == {"partition": 1}


def test_a_one_way_cut_cuts_one_way(bench, pair):
    one, two = pair
    bench.faults.add(OneWayCut({one.me.address}, {two.me.address}))

    one.protocol.say(two.me.address, 1)
    two.protocol.say(one.me.address, 2)

    assert is_quiet(bench, one, 1)
    bench.turn()
    assert two.protocol.heard == []
    assert one.counters.dropped == {"one-way cut": 1}


def test_an_isolated_node_hears_nobody(bench, pair):
    one, two = pair
    bench.faults.add(Isolate({two.me.address}))

    one.protocol.say(two.me.address, 1)
    two.protocol.say(one.me.address, 1)
    bench.turn()

    assert one.protocol.heard == two.protocol.heard == []


def test_a_rule_holds_for_the_packets_it_names(bench, pair):
    one, two = pair
    bench.faults.add(Only(Link(loss=1.0), sources={one.me.address}))

    one.protocol.say(two.me.address, 1)
    two.protocol.say(one.me.address, 1)

    assert is_quiet(bench, one, 1)
    assert one.counters.dropped == {"loss": 1}


def test_a_narrow_link_takes_its_time_and_drops_what_it_cannot_hold(bench, pair):
    one, two = pair
    bench.faults.link = Link(
        bandwidth=Bandwidth(100_000, burst_bytes=0, queue_bytes=5_000)
    )
    began_s = bench.driver.now()

    for number in range(100):
        one.protocol.say(two.me.address, number, b"x" * 980)

    lost = one.counters.dropped["link queue full"]
    assert is_quiet(bench, two, 100 - lost)
    # On real sockets a little drains while we send.
    assert 80 <= lost <= 95
    assert two.protocol.heard[4][0] - began_s >= 0.049
