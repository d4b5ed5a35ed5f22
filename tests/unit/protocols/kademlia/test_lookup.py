"""The walk toward a key, one step at a time."""

import time

import pytest

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.lookup import Lookup
from tests.one_node import peer, peers

ME = peer(1 << 159)
TARGET = 0


def walk(*seeds, k=2, alpha=2, limit=100):
    lookup = Lookup(TARGET, ME, k, alpha, limit)
    lookup.add(peers(seeds))
    return lookup


def asked(lookup, now=0.0):
    return {candidate.contact.id: candidate for candidate in lookup.step(now)}


def test_the_nearest_are_asked_first_and_alpha_at_a_time():
    lookup = walk(9, 3, 7, 1, k=3)

    assert list(asked(lookup)) == [1, 3]
    assert list(asked(lookup)) == []


def test_an_answer_frees_a_slot_for_the_nearest_that_is_left():
    lookup = walk(3, 4, 5)
    now = asked(lookup)

    lookup.on_reply(now[3], peers([1, 2]), 1.0)

    assert list(asked(lookup)) == [1]


def test_it_ends_when_the_k_nearest_have_answered_and_not_before():
    lookup = walk(3, 4, k=2)
    now = asked(lookup)

    lookup.on_reply(now[3], [], 1.0)
    halfway = (asked(lookup), lookup.done)
    lookup.on_reply(now[4], [], 1.0)

    assert halfway == ({}, False)
    assert (asked(lookup), lookup.done) == ({}, True)
    assert [c.contact.id for c in lookup.closest()] == [3, 4]


# Pitfall: it stops as soon as a round brings nothing nearer.
def test_answers_that_bring_nothing_nearer_do_not_end_it():
    lookup = walk(3, 4, 5, k=3, alpha=1)

    for expected in [3, 4, 5]:
        now = asked(lookup)
        assert (list(now), lookup.done) == ([expected], False)
        lookup.on_reply(now[expected], peers([9]), 1.0)

    assert (asked(lookup), lookup.done) == ({}, True)


# Pitfall: a worker ends the search while others are still in flight.
def test_it_does_not_end_while_one_of_the_k_nearest_may_still_answer():
    lookup = walk(1, 2, 3, k=2, alpha=3)
    now = asked(lookup)
    lookup.on_reply(now[2], [], 1.0)
    lookup.on_slow(now[1])

    three = asked(lookup)

    assert (list(three), lookup.done) == ([], False)


# Pitfall: strict rounds, where all wait for the slowest.
def test_a_slow_peer_gives_its_slot_away_and_may_still_answer():
    lookup = walk(1, 2, 3, k=3, alpha=1)
    now = asked(lookup)

    lookup.on_slow(now[1])
    then = asked(lookup)
    lookup.on_reply(then[2], [], 1.0)
    last = asked(lookup)
    lookup.on_reply(last[3], [], 1.0)
    waiting = (asked(lookup), lookup.done)
    lookup.on_reply(now[1], [], 2.0)

    assert (list(then), list(last), waiting) == ([2], [3], ({}, False))
    assert (asked(lookup), lookup.done) == ({}, True)
    assert [c.contact.id for c in lookup.closest()] == [1, 2, 3]


def test_one_that_failed_is_left_out_and_the_next_takes_its_place():
    lookup = walk(1, 2, 3, k=2, alpha=2)
    now = asked(lookup)

    lookup.on_failure(now[1], 1.0)
    then = asked(lookup)
    lookup.on_reply(now[2], [], 1.0)
    lookup.on_reply(then[3], [], 1.0)

    assert asked(lookup) == {}
    assert [c.contact.id for c in lookup.closest()] == [2, 3]


# Pitfall: an error out of an empty maximum when everybody is dead.
def test_when_all_fail_it_ends_with_nobody():
    lookup = walk(1, 2, 3)

    while now := asked(lookup):
        for candidate in now.values():
            lookup.on_failure(candidate, 5.0)

    assert (lookup.done, lookup.closest()) == (True, [])


def test_with_nobody_to_ask_it_ends_at_once():
    lookup = walk()

    assert (asked(lookup), lookup.done) == ({}, True)


# Pitfall: self in the results, self asked.
def test_we_are_never_a_candidate_under_our_id_nor_at_our_address():
    lookup = walk(3)
    now = asked(lookup)

    lookup.on_reply(now[3], [ME, Contact(2, ME.address)], 1.0)

    assert (asked(lookup), lookup.done) == ({}, True)


def test_a_contact_at_port_zero_is_no_candidate():
    lookup = walk(3)
    now = asked(lookup)

    lookup.on_reply(now[3], [Contact(1, ("127.9.9.9", 0))], 1.0)

    assert (asked(lookup), lookup.done) == ({}, True)


def test_who_is_named_twice_is_asked_once():
    lookup = walk(3, 4)
    now = asked(lookup)

    lookup.on_reply(now[3], peers([1, 3]), 1.0)
    lookup.on_reply(now[4], peers([1, 4]), 1.0)

    assert list(asked(lookup)) == [1]


def test_beyond_the_limit_the_farthest_that_nobody_asked_are_forgotten():
    lookup = walk(3, 4, 5, k=5, alpha=3, limit=20)
    now = asked(lookup)

    for start, candidate in zip([100, 110, 120], now.values(), strict=True):
        lookup.on_reply(candidate, peers(range(start, start + 10)), 1.0)

    assert list(lookup.candidates) == [3, 4, 5, *range(100, 117)]


def test_of_what_one_peer_names_no_more_than_twice_k_counts():
    lookup = walk(3, 4, k=2)
    now = asked(lookup)

    lookup.on_reply(now[3], peers(range(100, 170)), 1.0)

    assert list(lookup.candidates) == [3, 4, 100, 101, 102, 103]


def test_a_peer_that_names_ever_nearer_ones_is_followed_only_so_far():
    lookup, near = walk(1 << 150), 1 << 150

    while now := asked(lookup):
        for candidate in now.values():
            near -= 1
            lookup.on_reply(candidate, peers([near]), 1.0)

    assert lookup.done
    assert len(lookup.asked) == 100
    assert len(lookup.candidates) <= 101


def test_the_trace_says_who_was_asked_when_in_which_hop_and_what_came_back():
    lookup = walk(8, 9)
    now = asked(lookup, 1.0)
    lookup.on_reply(now[8], peers([1]), 2.0)
    asked(lookup, 2.0)
    lookup.on_failure(now[9], 6.0)

    trace = [
        (s.peer, s.hop, s.asked_s, s.ended_s, s.outcome, s.returned)
        for s in lookup.steps()
    ]

    assert trace == [
        (8, 1, 1.0, 2.0, "answered", (1,)),
        (9, 1, 1.0, 6.0, "failed", ()),
        (1, 2, 2.0, 0.0, "unanswered", ()),
    ]


# Pitfall: recursion, ids parsed for every comparison, lists searched for membership.
def test_a_walk_of_ten_thousand_answers_takes_less_than_two_seconds():
    began = time.perf_counter()
    for _ in range(1000):
        lookup = walk(*range(1, 9), k=8, alpha=3)
        while now := asked(lookup):
            for node_id, candidate in now.items():
                lookup.on_reply(candidate, peers(range(node_id, node_id + 8)), 1.0)

    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("alpha", [1, 3, 10])
def test_never_more_than_alpha_are_in_flight(alpha):
    lookup, flying = walk(*range(50, 90), k=20, alpha=alpha), []

    flying += asked(lookup).values()
    while flying:
        assert len(flying) <= alpha
        lookup.on_reply(flying.pop(0), peers(range(20, 40)), 1.0)
        flying += asked(lookup).values()

    assert lookup.done
