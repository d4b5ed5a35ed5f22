"""Balance and disruption, against closed forms; the figures of the papers."""

from math import sqrt

import pytest

from p2pkit.classroom.hashing_experiments import (
    WAYS,
    evenness,
    moved,
    names,
    ring_balance,
)
from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing import (
    Jump,
    Maglev,
    Modulo,
    Rendezvous,
    Ring,
    balance,
    disruption,
    loads,
    some_keys,
)


def test_equal_shares_have_no_spread():
    even = balance(dict.fromkeys("abcd", 5))

    assert (even.std, even.least, even.p1, even.p99, even.most) == (0, 1, 1, 1, 1)


def test_percentiles_leave_out_one_node_in_a_hundred():
    shares = {str(number): float(number) for number in range(101)}

    found = balance(shares)

    assert (found.least, found.p1) == (0, 1 / 50)
    assert (found.p99, found.most) == (99 / 50, 2)


def test_nothing_to_measure_is_said():
    with pytest.raises(LocalProtocolError, match="nothing was shared"):
        balance(loads(Ring("ab"), []))
    with pytest.raises(LocalProtocolError, match="at least one"):
        disruption(Ring("ab"), Ring("abc"), [])
    with pytest.raises(LocalProtocolError, match="at least 2 nodes"):
        ring_balance(nodes=1)


def test_only_keys_between_two_that_stay_are_shuffled():
    keys = [0, 1, 2, 3, 4, 5]  # by remainder: abab ab, then abc abc

    found = disruption(Modulo("ab"), Modulo("abc"), keys)

    # 2 and 5 went to c; 3 and 4 changed between a and b.
    assert (found.moved, found.shuffled) == (4 / 6, 2 / 6)


def test_no_change_moves_nothing():
    for way in WAYS:
        found = disruption(way("abc"), way("abc"), some_keys(100, seed=7))

        assert (found.moved, found.shuffled) == (0, 0)


@pytest.mark.parametrize("nodes", [100, 1000])
def test_shares_of_a_ring_spread_as_one_over_the_root_of_its_points(nodes):
    # 60 (or 6) rings, so that the mean of the std is known to about 2.5 %.
    for row in ring_balance(nodes, (1, 10, 50), seeds=range(6000 // nodes)):
        assert row["std"] == pytest.approx(row["exact"], rel=0.10), row
        assert row["exact"] == pytest.approx(row["theory"], rel=0.01)


def test_a_thousand_points_leave_three_percent():
    (row,) = ring_balance(100, [1000], seeds=range(6))

    assert row["std"] == pytest.approx(0.0315, rel=0.10)


def test_ninety_nine_percent_of_shares_lie_where_the_beta_distribution_says():
    scipy_stats = pytest.importorskip("scipy.stats")
    for row in ring_balance(1000, (1, 10, 100), seeds=range(3)):
        v = row["points"]
        low, high = scipy_stats.beta.ppf([0.005, 0.995], v, 999 * v) * 1000

        # Some 15 shares of 3,000 lie beyond each end.
        assert row["low"] == pytest.approx(low, rel=0.15, abs=0.003), row
        assert row["high"] == pytest.approx(high, rel=0.10), row


@pytest.mark.parametrize("nodes", [10, 40])
@pytest.mark.parametrize(
    ("way", "settings"),
    [(Ring, {"points": 1000}), (Rendezvous, {}), (Jump, {})],
)
def test_the_least_possible_moves_when_a_node_comes(way, settings, nodes):
    found = moved(way, nodes, keys=4000, seeds=range(5), **settings)

    assert found["added"] == pytest.approx(1 / (nodes + 1), rel=0.10)
    assert found["shuffled_added"] == 0


def test_ten_buckets_become_eleven_and_one_key_in_eleven_jumps():
    found = moved(Jump, 10, keys=20_000, seeds=range(5))

    assert found["added"] == pytest.approx(1 / 11, rel=0.02)


@pytest.mark.parametrize("nodes", [10, 40])
def test_modulo_moves_all_but_one_in_n_plus_one(nodes):
    found = moved(Modulo, nodes, keys=4000, seeds=range(5))

    assert found["added"] == pytest.approx(nodes / (nodes + 1), rel=0.02)


@pytest.mark.parametrize(("way", "times"), [(Ring, 1), (Rendezvous, 1), (Jump, 2)])
def test_a_node_that_leaves_costs_its_own_keys_and_in_jump_as_many_again(way, times):
    found = moved(way, 20, keys=4000, seeds=range(10))

    assert found["removed"] == pytest.approx(times / 20, rel=0.10)
    assert (found["shuffled_removed"] == 0) == (times == 1)


def test_maglev_shuffles_little():
    found = moved(Maglev, 20, keys=4000, seeds=range(2))

    assert 0 < found["shuffled_added"] < 0.02
    assert 0 < found["shuffled_removed"] < 0.02
    assert found["added"] - found["shuffled_added"] == pytest.approx(1 / 21, rel=0.10)


@pytest.mark.parametrize("way", [Modulo, Rendezvous, Jump, Maglev])
def test_loads_vary_no_more_than_those_of_keys_thrown_at_random(way):
    nodes, keys = 20, 20_000
    thrown = sqrt((nodes - 1) / keys)  # of a multinomial count, in mean shares

    found = evenness(way, nodes, keys)

    # Maglev's and modulo's own unevenness, 1 place in 3,277, adds nothing to see.
    assert found.std < 2 * thrown
    assert found.most < 1 + 4 * sqrt(nodes / keys)


def test_another_seed_is_another_ring():
    assert not set(names(5, 1)) & set(names(5, 2))
    assert ring_balance(9, (3,), (1,)) == ring_balance(9, (3,), (1,))
    assert ring_balance(9, (3,), (1,)) != ring_balance(9, (3,), (2,))
