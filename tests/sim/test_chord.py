"""Chord's claims in virtual time: joins, crashes, leaving, copies, published tables."""

import pytest

from p2pkit.classroom import chord_experiments as experiments
from p2pkit.classroom.chord_churn import churn_at, churn_run
from p2pkit.core import LocalProtocolError
from p2pkit.faults import Constant, Link
from p2pkit.observe import check
from p2pkit.protocols.chord import ChordConfig, NaiveChord
from tests.chord_ring import ChordRing


@pytest.mark.parametrize("n", [1, 2, 3, 5, 16, 60])
@pytest.mark.parametrize("lookup", ["iterative", "recursive"])
def test_a_ring_of_any_size_is_right_in_every_table(n, lookup):
    ring = ChordRing(n, lookup=lookup)
    ring.settle()
    ring.run(node.protocol.fix_fingers() for node in ring.nodes)

    for examine in (check.ring, check.symmetry, check.successor_lists, check.fingers):
        assert examine(ring), examine(ring)
    assert check.appendages(ring)
    assert check.owners(ring, [ring.rng.getrandbits(160) for _ in range(100)])
    assert ring.rejected() == {}


@pytest.mark.parametrize("seed", range(5))
def test_eight_that_join_at_once_and_a_third_that_dies_leave_one_ring(seed):
    ring = ChordRing(24, seed=seed)
    ring.settle()
    keys = [ring[i % 24].put(f"value {i}".encode()) for i in range(60)]
    inside = ring.alive()
    joins = [ring.begin_join(node, inside) for node in [ring.add() for _ in range(8)]]
    ring.run(joins)
    ring.settle()
    assert check.keys(ring), check.keys(ring)
    holders = _holders(ring)
    dying = ring.rng.sample(ring.nodes, len(ring.nodes) * 3 // 10)
    for node in dying:
        node.kill()
    names = {node.name for node in dying}
    kept = [key for key in keys if not holders[key] <= names]

    ring.settle()
    ring.sim.advance(4 * ring.config.replicate_s)

    assert check.ring(ring), check.ring(ring)
    assert check.appendages(ring)
    assert len(kept) >= 0.9 * len(keys)
    assert check.replicas(ring, among=kept), check.replicas(ring, among=kept)
    alive = [i for i, node in enumerate(ring.nodes) if node.state == "alive"]
    values = [ring[alive[0]].get(key) for key in kept]
    assert values == [f"value {keys.index(key)}".encode() for key in kept]


def test_the_ring_stays_one_after_every_second_of_crashes_and_joins():
    """One crash or join at a time, and the lists have time to follow."""
    ring = ChordRing(20, stabilize_s=1.0)
    ring.settle()
    for step in range(12):
        if step % 2:
            ring.rng.choice(ring.alive()).kill()
        else:
            ring.join(1)
        for _ in range(12):
            ring.sim.advance(1.0)
            assert len(check.appendages(ring).evidence["appendages"]) <= 1

        assert check.ring(ring), (step, check.ring(ring))


def test_who_leaves_hands_its_values_over_even_without_copies():
    ring = ChordRing(12, replicas=1)
    ring.settle()
    keys = [ring[i % 12].put(f"value {i}".encode()) for i in range(40)]
    for index in (3, 7, 8):
        count = len(ring.nodes[index].protocol.positions[0].storage.items)
        assert ring[index].leave() == count
        ring.nodes[index].stop()
        ring.settle()

    assert [ring[0].get(key) for key in keys] == [
        f"value {i}".encode() for i in range(40)
    ]
    assert check.keys(ring)


def test_a_stray_copy_goes_home_and_then_goes():
    ring = ChordRing(20, replicas=2)
    ring.settle()
    key = ring[0].put(b"one value")
    ring.sim.advance(8 * ring.config.replicate_s)
    holders = _holders(ring)[key]
    ring.join(20)
    ring.settle()

    ring.sim.advance(10 * ring.config.replicate_s)

    assert len(holders) == len(_holders(ring)[key]) == 2
    assert check.replicas(ring, among=[key])


def test_another_value_under_a_key_replaces_the_one_before_everywhere():
    ring = ChordRing(10)
    ring.settle()
    ring[1].put(b"old", 12345)
    ring[2].put(b"new", 12345)

    copies = {
        place.storage.items[12345].value
        for node in ring.nodes
        for place in node.protocol.positions
        if 12345 in place.storage.items
    }
    assert copies == {b"new"}
    assert ring[7].get(12345) == b"new"
    assert ring[7].get(54321) is None


def test_virtual_nodes_make_one_ring_and_even_out_the_load():
    plain, many = ChordRing(20), ChordRing(20, virtual_nodes=10)
    for ring in (plain, many):
        ring.settle()
    parts = [check.load(ring).evidence["parts"].values() for ring in (plain, many)]
    key = many[3].put(b"value")

    assert check.ring(many).total == 200
    assert max(parts[1]) < 0.75 * max(parts[0])
    assert len(_holders(many)[key]) == many.config.replicas  # on nodes, not positions
    assert many[11].get(key) == b"value"


def test_ten_percent_loss_costs_time_and_no_answer():
    ring = ChordRing(40)
    ring.settle()
    ring.faults.link = Link(latency=Constant(0.01), loss=0.1)
    ring.sim.advance(60)

    found = check.owners(ring, [ring.rng.getrandbits(160) for _ in range(60)])

    assert found.share >= 0.98, found
    ring.faults.link = Link(latency=Constant(0.01))
    ring.settle()
    assert check.ring(ring)


def test_an_id_that_is_taken_is_a_sentence():
    ring = ChordRing(1, hashed_ids=False, id_bits=8)
    taken = ring.nodes[0].me.id
    other = ring.sim.add(
        "other", ring.protocol, ("127.2.0.1", 6881), config=ring.config, node_id=taken
    )

    with pytest.raises(LocalProtocolError, match="is taken by the node at 127"):
        ring.run([other.protocol.bootstrap([ring.nodes[0].me.address])])


def test_one_crash_cuts_the_naive_ring_for_good_and_not_ours():
    naive = ChordRing(8, protocol=NaiveChord)
    ours = ChordRing(8)
    for ring in (naive, ours):
        ring.settle(holds=check.ring)
        assert check.ring(ring)
        ring.nodes[3].kill()
        ring.settle(rounds=20, holds=check.ring)

    assert check.ring(ours)
    assert not check.ring(naive)
    assert not check.appendages(naive)


def test_paths_are_as_long_as_the_table_says():
    # Half of log2 N to the node before the key, and 0.8 to 1.0 for the last hop.
    # Small rings differ more from each other than lookups on one of them.
    facts = {
        8: (2.5, 60, 100),
        64: (3.9, 4, 300),
        256: (4.8, 4, 300),
        1024: (5.8, 4, 300),
    }
    for nodes, (want, rings, lookups) in facts.items():
        rows = [
            experiments.path_length([nodes], seed, lookups, successors=1)[0]
            for seed in range(rings)
        ]
        found = sum(row["hops"] for row in rows) / len(rows)

        assert abs(found - want) <= 0.2, (nodes, found)
        assert all(row["right"] == 1 for row in rows)


def test_a_path_is_what_the_pseudocode_of_the_paper_walks():
    """Figure 5, followed by hand on the same ids, hop for hop, also by an owner."""
    ring = experiments.PlacedRing(24, 5, ChordConfig.of(successors=1, id_bits=12))
    ids = sorted(node.me.id for node in ring.nodes)

    def successor(key):
        return next((one for one in ids if one >= key % 4096), ids[0])

    def walk(node, key):
        after = successor(node + 1)
        if 0 < (key - node) % 4096 <= (after - node) % 4096:
            return 1
        fingers = [successor(node + 2**i) for i in range(12)]
        before = [
            one for one in fingers if 0 < (one - node) % 4096 < (key - node) % 4096
        ]
        return 1 + walk(max(before, key=lambda one: (one - node) % 4096), key)

    for number, node in enumerate(ring.nodes):
        for key in (*range(number, 4096, 97), node.me.id - 1):
            found = ring.look_up(key, node)
            assert (found["right"], found["hops"]) == (True, walk(node.me.id, key)), key


@pytest.mark.parametrize(
    ("dead", "path", "timeouts"),
    [(0.0, 3.84, 0.0), (0.2, 4.22, 1.17), (0.5, 5.09, 5.1)],
)
def test_lookups_survive_half_of_all_nodes_dying_at_once(dead, path, timeouts):
    rows = [experiments.failures([dead], seed, lookups=250)[0] for seed in range(4)]
    hops = sum(row["hops"] for row in rows) / 4 - 1  # to the node before the key
    late = sum(row["timeouts"] for row in rows) / 4

    assert hops == pytest.approx(path, rel=0.05)
    assert late == pytest.approx(timeouts, rel=0.25)
    assert all(row["right"] == 1 for row in rows)


def test_load_is_as_uneven_as_the_table_says():
    facts = {1: (4.6, 0.01), 5: (2.3, 0.25), 20: (1.65, 0.51)}
    for virtual_nodes, (p99, p1) in facts.items():
        found = experiments.load(10_000, 500_000, 1, virtual_nodes)

        assert found["p99"] == pytest.approx(p99, rel=0.1)
        assert found["p1"] == pytest.approx(p1, rel=0.15, abs=0.02)


def test_without_copies_as_many_keys_are_lost_as_nodes():
    for dead in (0.05, 0.1, 0.2):
        assert experiments.misses(5000, 50_000, dead, 1) == pytest.approx(
            dead, abs=0.01
        )
    assert experiments.misses(5000, 50_000, 0.1, 1, replicas=4) < 0.001


def test_churn_costs_timeouts_and_hardly_any_lookup():
    calm, busy = (
        churn_run(churn_at(rate, 100), 1, nodes=100, seconds=200, stabilize_s=30)
        for rate in (0.02, 0.4)
    )

    assert busy["went"] > calm["went"]
    assert busy["timeouts"] > calm["timeouts"]
    assert max(calm["failed_per_10k"], busy["failed_per_10k"]) <= 150


def _holders(ring):
    """Return the names of the nodes that hold each key."""
    found = {}
    for node in ring.alive():
        for place in node.protocol.positions:
            for key in place.storage.items:
                found.setdefault(key, set()).add(node.name)
    return found
