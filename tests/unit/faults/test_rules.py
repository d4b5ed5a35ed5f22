import pickle
import random

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import (
    Constant,
    Isolate,
    Link,
    Loss,
    OneWayCut,
    Only,
    Packet,
    Partition,
    Plan,
    Verdict,
)

ONE, TWO, THREE = ("127.0.0.1", 1), ("127.0.0.2", 1), ("127.0.0.3", 1)


def judge(rule, source, to, *, stream=False):
    return rule.judge(Packet(source, to, 100, 0.0, stream), random.Random("rules"))


def drops(rule, source, to):
    verdict = judge(rule, source, to)
    return verdict is not None and verdict.deliveries == ()


def test_a_partition_leaves_its_groups_and_strangers_alone():
    partition = Partition([[ONE], [TWO]])

    assert drops(partition, ONE, TWO)
    assert drops(partition, TWO, ONE)
    assert judge(partition, ONE, ONE) is None
    assert judge(partition, ONE, THREE) is None


def test_a_cut_is_one_way_and_open_sides_match_everyone():
    assert drops(OneWayCut([ONE], [TWO]), ONE, TWO)
    assert judge(OneWayCut([ONE], [TWO]), TWO, ONE) is None
    assert drops(OneWayCut(None, [TWO]), THREE, TWO)
    assert drops(OneWayCut([ONE], None), ONE, THREE)


def test_isolation_works_both_ways():
    assert drops(Isolate([ONE]), ONE, TWO)
    assert drops(Isolate([ONE]), TWO, ONE)
    assert judge(Isolate([ONE]), TWO, THREE) is None


def test_loss_passes_on_what_it_does_not_drop():
    rng = random.Random("loss")
    verdicts = [Loss(0.2).judge(Packet(ONE, TWO, 1, 0.0), rng) for _ in range(2000)]

    dropped = [verdict for verdict in verdicts if verdict is not None]
    assert all(verdict == Verdict((), "loss") for verdict in dropped)
    assert abs(len(dropped) - 400) < 90
    assert judge(Loss(1.0, sources=[TWO]), ONE, TWO) is None


def test_loss_on_a_stream_is_a_delay():
    assert judge(Loss(0.0), ONE, TWO, stream=True) is None
    assert judge(Loss(1.0), ONE, TWO, stream=True).deliveries[0] >= 0.2


def test_only_asks_its_rule_about_what_matches():
    rule = Only(Link(latency=Constant(0.5)), targets=[TWO])

    assert judge(rule, ONE, TWO) == Verdict((0.5,))
    assert judge(rule, ONE, THREE) is None


def test_the_first_rule_that_decides_wins_and_the_link_decides_the_rest():
    plan = Plan([OneWayCut([ONE], None), Isolate([ONE])], Link(latency=Constant(0.3)))

    assert judge(plan, ONE, TWO).reason == "one-way cut"
    assert judge(plan, TWO, ONE).reason == "isolated"
    assert judge(plan, TWO, THREE) == Verdict((0.3,))


def test_a_plan_knows_when_it_need_not_be_asked():
    plan = Plan()
    assert plan.fixed_delay_s == 0.0
    plan.link = Link(latency=Constant(0.2))
    assert plan.fixed_delay_s == 0.2
    first, second = plan.add(Loss(0.1)), plan.add(Loss(0.2))
    assert plan.fixed_delay_s is None
    plan.remove(first)
    assert [rule.odds for rule in plan.rules] == [0.2]
    plan.clear()
    assert plan.fixed_delay_s == 0.2
    with pytest.raises(LocalProtocolError, match=f"no rule has the handle {second}"):
        plan.remove(second)


def test_rules_travel_to_other_processes():
    plan = Plan([Partition([[ONE], [TWO]]), Only(Link(loss=1.0), [ONE])])

    again = pickle.loads(pickle.dumps(plan))

    assert judge(again, ONE, TWO) == judge(plan, ONE, TWO)
