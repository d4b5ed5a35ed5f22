"""Disjoint paths: nobody is asked on two, and nobody's word counts on two."""

import random

import pytest

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.disjoint import make_lookup
from p2pkit.protocols.kademlia.distance import k_closest
from tests.one_node import peer, peers

HOME = Contact(1 << 159, ("127.200.0.1", 6881))


def walk_of(d, k=8, alpha=3, **settings):
    config = KademliaConfig(k=k, alpha=alpha, paths=d, **settings)
    return make_lookup(0, HOME, config)


def run(walk, answers):
    """Answer every request at once; return how often each id was asked."""
    asked = []
    while batch := walk.step(0.0):
        for one in batch:
            asked.append(one.contact.id)
            walk.on_reply(one, answers(one.contact.id), 0.0)
    assert walk.done
    return asked


def network(n, known, rng):
    """Return `n` ids, and what each of them names: the nearest of those it knows."""
    ids = sorted(rng.getrandbits(40) for _ in range(n))
    tables = {one: rng.sample(ids, known) for one in ids}
    near = k_closest(ids, 0, 20)  # those near the key know each other

    def answers(asked):
        told = set(tables[asked]) | (set(near) if asked in near else set())
        return peers(k_closest(told, 0, 8))

    return ids, answers


@pytest.mark.parametrize("d", [1, 2, 3, 4, 8])
def test_no_peer_is_asked_twice_and_the_k_nearest_are_found(d):
    rng = random.Random(f"7/{d}")
    for _ in range(30):
        ids, answers = network(200, 40, rng)
        walk = walk_of(d)
        walk.add(peers(rng.sample(ids, 16)))

        asked = run(walk, answers)

        assert len(asked) == len(set(asked))
        found = [one.contact.id for one in walk.closest()]
        assert found == k_closest(ids, 0, 8)


def test_what_a_peer_names_is_asked_on_its_own_path_alone():
    walk = walk_of(2, k=4, alpha=2)
    walk.add(peers([100, 200]))
    one, two = walk.step(0.0)

    walk.on_reply(one, peers([1, 2]), 0.0)  # a liar's fellows
    walk.on_reply(two, peers([50, 60]), 0.0)

    first, second = walk.step(0.0)
    assert {first.contact.id, second.contact.id} == {1, 50}
    assert walk.owners[1] is not walk.owners[50]


def test_one_liar_does_not_hide_what_the_other_path_finds():
    truth = peers([10, 11, 12, 13])
    liars = peers([1, 2, 3, 4])

    def answers(asked):
        if asked == 100 or asked < 10:
            return liars
        return truth

    single, double = walk_of(1, k=4, alpha=1), walk_of(2, k=4, alpha=2)
    for walk in (single, double):
        walk.add([peer(100)] if walk is single else peers([100, 200]))
        run(walk, answers)

    assert [one.contact.id for one in single.closest()] == [1, 2, 3, 4]
    assert [one.contact.id for one in double.closest()] == [1, 2, 10, 11]


def test_the_trace_holds_every_request_of_every_path_in_order():
    walk = walk_of(3)
    walk.add(peers(range(100, 106)))

    asked = run(walk, lambda _: [])

    assert [step.peer for step in walk.steps()] == asked
    assert sorted(asked) == list(range(100, 106))


def test_who_fails_or_is_slow_gives_its_place_on_its_own_path():
    walk = walk_of(2, k=2, alpha=2)
    walk.add(peers([10, 20, 30, 40]))
    one, two = walk.step(0.0)

    walk.on_slow(one)
    walk.on_failure(two, 1.0)

    assert [peer.contact.id for peer in walk.step(1.0)] == [30, 40]
    assert not walk.done


def test_a_walk_that_only_refreshes_goes_along_one_path():
    config = KademliaConfig(paths=4)

    walk = make_lookup(0, HOME, config, alpha=1)
    walk.add(peers([10, 20, 30]))

    assert len(walk.step(0.0)) == 1
    assert not hasattr(walk, "paths")


def test_the_result_has_one_contact_of_a_net_over_all_paths():
    walk = walk_of(2, k=4, alpha=2, max_per_net=1)
    walk.add([peer(10, host=300), peer(20, host=301), peer(30, host=700)])

    run(walk, lambda _: [])

    assert [one.contact.id for one in walk.closest()] == [10, 30]
