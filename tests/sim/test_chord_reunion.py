"""Rings that the network parted become one again, by themselves; so do lone nodes."""

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import Partition
from p2pkit.observe import check
from p2pkit.protocols.chord.reunion import REMEMBERED
from tests.chord_ring import ChordRing

PARTED_S = 100.0  # longer than it takes until each part has forgotten the others


def split(ring, parts):
    """Part the nodes, in an order that has nothing to do with their ids."""
    some = ring.rng.sample(ring.nodes, len(ring.nodes))
    groups = [[one.me.address for one in some[i::parts]] for i in range(parts)]
    ring.faults.add(Partition(groups))
    ring.sim.advance(PARTED_S)


def comes_together(ring, within_s=600):
    """Let time pass, with no verb called, until the ring is one and in order."""
    for _ in range(within_s // 10):
        ring.sim.advance(10)
        if check.ring(ring) and check.symmetry(ring) and check.successor_lists(ring):
            return True
    return False


@pytest.mark.parametrize(
    ("parts", "settings"),
    [
        (2, {}),
        (3, {"lookup": "recursive"}),
        (5, {"successors": 2}),
        (2, {"virtual_nodes": 4}),
        (20, {}),  # everybody alone
    ],
)
def test_parted_rings_become_one_and_lose_nothing_that_was_put_meanwhile(
    parts, settings
):
    ring = ChordRing(20, **settings)
    ring.settle()
    keys = {ring[i].put(b"before %d" % i): b"before %d" % i for i in range(20)}
    split(ring, parts)
    cycles = check.appendages(ring).evidence["cycles"]
    keys |= {ring[i].put(b"parted %d" % i): b"parted %d" % i for i in range(20)}

    ring.faults.clear()
    together = comes_together(ring)
    ring.sim.advance(6 * ring.config.replicate_s)

    assert cycles >= parts
    assert together, check.ring(ring)
    assert {key: ring[7].get(key) for key in keys} == keys
    assert check.replicas(ring), check.replicas(ring)


@pytest.mark.parametrize("index", [0, 5])
def test_a_node_that_was_cut_off_alone_comes_back_unasked(index):
    """Also the first node, which joined through nobody."""
    ring = ChordRing(12)
    ring.settle()
    others = [one.me.address for one in ring.nodes]
    lonely = others.pop(index)
    ring.faults.add(Partition([[lonely], others]))
    ring.sim.advance(PARTED_S)
    assert check.appendages(ring).evidence["cycles"] == 2

    ring.faults.clear()

    assert comes_together(ring), check.ring(ring)


def test_no_more_of_the_lost_are_remembered_than_may_be():
    ring = ChordRing(40)
    ring.settle()
    ring.run(node.protocol.fix_fingers() for node in ring.nodes)
    first = ring.nodes[0].protocol
    for node in ring.nodes[1:]:
        first.members.reunion.on_lost(node.me.address)
    stranger = ("127.9.9.9", 1)
    first.members.reunion.on_lost(stranger)

    known = {edge.to.address for edge in first.neighbors()}
    lost = set(first.members.reunion.lost)
    assert len(lost) == min(REMEMBERED, len(known)) > 0
    assert lost <= known
    assert stranger not in lost


def test_members_found_to_be_on_our_ring_are_looked_for_no_longer():
    ring = ChordRing(12)
    ring.settle()
    split(ring, 2)
    ring.faults.clear()
    assert comes_together(ring)

    ring.sim.advance(16 * 30 * ring.config.seek_s / 10)

    assert [list(one.protocol.members.reunion.lost) for one in ring.nodes] == [[]] * 12


def test_of_two_that_join_at_once_with_one_id_one_is_told():
    ring = ChordRing(4, hashed_ids=False, id_bits=16)
    ring.settle()
    taken = 4711
    twins = [
        ring.sim.add(
            f"twin{i}", ring.protocol, (f"127.2.0.{i}", 6881), config=ring.config,
            node_id=taken,
        )
        for i in (1, 2)
    ]  # fmt: skip
    joins = [one.protocol.bootstrap([ring.nodes[0].me.address]) for one in twins]
    for join in joins:
        while not join.done:
            ring.sim.advance(0.1)

    errors = [join.error for join in joins if join.error is not None]
    ring.nodes += [twins[i] for i in (0, 1) if joins[i].error is None]
    ring.settle()
    assert [type(error) for error in errors] == [LocalProtocolError]
    assert "is taken by the node at 127.2.0." in str(errors[0])
    assert check.ring(ring).total == 5
    assert check.ring(ring), check.ring(ring)


@pytest.mark.parametrize("seed", range(4))
def test_further_positions_whose_ids_are_taken_are_done_without(seed):
    # 24 positions of 64 ids: many would stand where somebody stands.
    ring = ChordRing(1, seed=seed, hashed_ids=False, id_bits=6, virtual_nodes=4)
    for _ in range(5):
        ring.nodes.append(_with_a_free_id(ring))
        ring.run([ring.begin_join(ring.nodes[-1], ring.nodes[:-1])])
    ring.settle()

    places = [place for one in ring.nodes for place in one.protocol.positions]
    assert 6 < len(places) == len({place.me.id for place in places})
    assert check.ring(ring), check.ring(ring)
    assert check.symmetry(ring), check.symmetry(ring)


def _with_a_free_id(ring):
    number = len(ring.nodes)
    stand = {place.me.id for one in ring.nodes for place in one.protocol.positions}
    free = next(one for one in range(number * 10, 64) if one not in stand)
    return ring.sim.add(
        f"n{number:03}", ring.protocol, (f"127.1.0.{number}", 6881), config=ring.config,
        node_id=free,
    )  # fmt: skip
