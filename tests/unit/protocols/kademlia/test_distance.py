"""The XOR metric, and the ranges of ids that it makes."""

import random

import pytest

from p2pkit.protocols.kademlia.distance import (
    ID_BITS,
    branch,
    k_closest,
    neighborhood,
    prefix_length,
    random_id,
)

TOP = 1 << 159


def test_the_branches_of_a_node_and_itself_are_the_whole_id_space():
    own = 0b1011 << 156

    covered = sum(len(branch(own, depth)) for depth in range(ID_BITS - 1, 96, -1))
    rest = [branch(own, depth) for depth in range(97)]

    assert covered == (1 << 63) - 1  # len() of a range cannot say more
    assert sum(r.stop - r.start for r in rest) + covered + 1 == 1 << 160


def test_the_bounds_of_a_branch_are_half_open():
    half = branch(TOP, 0)

    assert (half.start, half.stop) == (0, TOP)
    assert TOP - 1 in half
    assert TOP not in half


def test_a_neighborhood_is_what_the_branches_above_it_leave():
    assert neighborhood(TOP, 0) == range(1 << 160)
    assert neighborhood(TOP, 1) == range(TOP, 1 << 160)
    assert neighborhood(TOP, 160) == range(TOP, TOP + 1)


# Pitfall: a refresh id that ignores its bucket's prefix refreshes another bucket.
@pytest.mark.parametrize("depth", [0, 1, 2, 17, 100, 158, 159])
def test_a_refresh_id_is_in_the_range_of_its_bucket(depth):
    rng, own = random.Random(7), random.Random(8).getrandbits(160)

    drawn = [random_id(branch(own, depth), rng) for _ in range(200)]

    assert {prefix_length(own, one) for one in drawn} == {depth}


def test_refresh_ids_fill_their_range():
    rng, ids = random.Random(7), branch(0, 156)

    assert {random_id(ids, rng) for _ in range(400)} == set(ids)


def test_k_closest_never_counts_an_id_twice():
    assert k_closest([5, 5, 6, 4], target=5, k=2) == [5, 4]


def test_k_closest_of_few_is_all_of_them():
    assert k_closest([1, 2], target=3, k=8) == [2, 1]
    assert k_closest([], target=3, k=8) == []


def test_k_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        k_closest([1], 1, 0)
