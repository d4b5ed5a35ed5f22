"""Each way of placing keys, against published vectors and what its paper promises."""

from itertools import pairwise

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing import (
    Jump,
    Maglev,
    Modulo,
    Rendezvous,
    Ring,
    hash_of,
    jump,
    some_keys,
)

EVERY_WAY = [Modulo, Ring, Rendezvous, Jump, Maglev]
NODES = [f"n{number:02}" for number in range(10)]

every_way = pytest.mark.parametrize("way", EVERY_WAY)


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [
        (1, 1, 0),
        (42, 57, 43),
        (0xDEAD10CC, 1, 0),
        (0xDEAD10CC, 666, 361),
        (256, 1024, 520),
    ],
)
def test_jump_agrees_with_the_published_vectors(key, buckets, bucket):
    assert jump(key, buckets) == bucket


def test_a_key_jumps_to_the_newest_bucket_or_stays():
    for key in some_keys(500, seed=7):
        path = [jump(key, buckets) for buckets in range(1, 40)]

        steps = enumerate(pairwise(path), start=1)
        assert all(after in (before, newest) for newest, (before, after) in steps)


def test_hashes_are_the_same_in_every_process():
    # The first 8 bytes of a BLAKE2b of that length: b2sum -l 64 says the same.
    assert hash_of("p2pkit") == hash_of(b"p2pkit") == 0xF7A751F9E434E20E


@every_way
def test_every_node_gets_keys_and_every_key_a_node(way):
    placement = way(NODES)
    owners = {placement.owner(key) for key in some_keys(2000, seed=7)}

    assert owners == set(NODES)


@every_way
def test_names_bytes_and_hashes_are_one_key(way):
    placement = way(NODES)

    owners = {placement.owner(k) for k in ("apple", b"apple", hash_of("apple"))}

    assert len(owners) == 1


@every_way
def test_one_node_holds_everything(way):
    assert way(["only"]).owner("apple") == "only"


@every_way
def test_a_placement_stays_as_it_was_when_others_are_made_of_it(way):
    placement, keys = way(NODES), some_keys(200, seed=7)
    before = [placement.owner(key) for key in keys]

    grown, shrunk = placement.add("n10"), placement.remove("n03")

    assert [placement.owner(key) for key in keys] == before
    assert set(grown.nodes) == {*NODES, "n10"}
    assert set(shrunk.nodes) == set(NODES) - {"n03"}


@every_way
def test_no_node_and_double_names_are_refused(way):
    with pytest.raises(LocalProtocolError, match="at least one node"):
        way([])
    with pytest.raises(LocalProtocolError, match="no name twice"):
        way(["a", "a"])
    with pytest.raises(LocalProtocolError, match="no name twice"):
        way(["a"]).add("a")
    with pytest.raises(LocalProtocolError, match="no node 'b'"):
        way(["a"]).remove("b")


@every_way
@pytest.mark.parametrize("key", [-1, 1 << 64])
def test_numbers_that_are_no_hash_are_refused(way, key):
    with pytest.raises(LocalProtocolError, match=r"2\*\*64"):
        way(NODES).owner(key)


def test_settings_go_on_to_what_is_made_of_a_placement():
    assert Ring(NODES, points=3).add("n10").points == 3
    assert Maglev(NODES, places=101).remove("n03").places == 101


def test_a_key_on_a_point_belongs_to_that_point_and_the_next_one_to_the_next():
    ring = Ring(NODES, points=2)
    (position, node), (_, after) = ring.circle[4:6]

    assert ring.owner(position) == node
    assert ring.owner(position + 1) == after


def test_keys_beyond_the_last_point_belong_to_the_first():
    ring = Ring(NODES, points=2)

    assert ring.owner((1 << 64) - 1) == ring.owner(0) == ring.circle[0][1]


def test_shares_of_a_ring_are_those_that_keys_find():
    ring, keys = Ring(NODES, points=5), some_keys(20_000, seed=7)

    for node, share in ring.shares().items():
        found = sum(ring.owner(key) == node for key in keys) / len(keys)
        # Four standard deviations of a count of 20,000.
        assert found == pytest.approx(share, abs=4 * (share / len(keys)) ** 0.5)
    assert sum(ring.shares().values()) == pytest.approx(1)


@pytest.mark.parametrize("way", [Ring, Rendezvous])
def test_the_next_owner_takes_over_when_the_first_goes(way):
    placement = way(NODES)
    for key in some_keys(100, seed=7):
        first, second, third = placement.owners(key, 3)

        assert placement.owner(key) == first
        assert placement.remove(first).owners(key, 2) == [second, third]


@pytest.mark.parametrize("way", [Ring, Rendezvous])
def test_there_are_never_more_owners_than_nodes(way):
    assert sorted(way(NODES).owners("apple", 99)) == NODES
    assert way(NODES).owners("apple", 0) == []


def test_maglev_shares_differ_by_one_place():
    for places in (11, 101, 65_537):
        maglev = Maglev(NODES, places)
        taken = [maglev.table.count(node) for node in NODES]

        assert sum(taken) == places
        assert max(taken) - min(taken) <= 1


@pytest.mark.parametrize("places", [1, 4, 7, 100, 65_536])
def test_maglev_tables_are_primes_with_room_for_all(places):
    with pytest.raises(LocalProtocolError, match="prime"):
        Maglev(NODES, places)


def test_wrong_counts_are_refused():
    with pytest.raises(LocalProtocolError, match="at least 1 point"):
        Ring(NODES, points=0)
    with pytest.raises(LocalProtocolError, match="at least 1 bucket"):
        jump(42, 0)


def test_only_jump_and_modulo_care_in_which_order_nodes_stand():
    keys = some_keys(300, seed=7)
    for way in EVERY_WAY:
        pairs = [(way(NODES), way(reversed(NODES)))]
        same = all(a.owner(key) == b.owner(key) for a, b in pairs for key in keys)

        assert same == (way not in (Jump, Modulo))
