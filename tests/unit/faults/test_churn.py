"""Churn as data: order, means, and the same changes for the same seed."""

import random
from itertools import pairwise

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import Always, Churn, HeavyTail, Memoryless


def test_each_node_goes_and_comes_in_turn_and_all_are_in_order_of_time():
    churn = Churn(session=Memoryless(mean_s=50), downtime=Memoryless(mean_s=10))

    changes = list(churn.changes(random.Random(7), range(20), until_s=500))

    assert all(one.at_s <= other.at_s for one, other in pairwise(changes))
    for node in range(20):
        words = [one.what for one in changes if one.node == node]
        assert words == (["kill", "restart"] * len(words))[: len(words)]


def test_the_rate_is_the_one_that_is_said():
    churn = Churn(session=Memoryless(mean_s=90), downtime=Memoryless(mean_s=10))
    changes = churn.changes(random.Random(7), range(200), until_s=5000)

    kills = sum(one.what == "kill" for one in changes)

    assert kills / 5000 == pytest.approx(churn.changes_hz(200), rel=0.05)
    assert churn.alive == 0.9


@pytest.mark.parametrize("shape", [0.4, 1.0, 3.0])
def test_heavy_tails_have_the_mean_they_are_given(shape):
    rng, tail = random.Random(7), HeavyTail(mean_s=60, shape=shape)

    drawn = [tail.draw(rng) for _ in range(100_000)]

    assert sum(drawn) / len(drawn) == pytest.approx(60, rel=0.05)


def test_the_same_seed_gives_the_same_changes():
    churn = Churn(session=Memoryless(mean_s=5), downtime=Always(mean_s=1))
    one, other = (
        list(churn.changes(random.Random(seed), range(5), 100)) for seed in (7, 7)
    )

    assert one == other


@pytest.mark.parametrize("kind", [Always, Memoryless, HeavyTail])
def test_a_mean_of_nothing_is_refused(kind):
    with pytest.raises(LocalProtocolError, match="mean_s"):
        kind(mean_s=0)
