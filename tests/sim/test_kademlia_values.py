"""Values stay at the k nearest nodes while time passes and nodes come and go."""

import pytest

from p2pkit.protocols.kademlia.items import Item, encode_value
from tests.overlay import Overlay

HOUR_S = 3600.0


def holders(overlay, key):
    return {
        node.me.id
        for node in overlay.alive()
        if key in node.protocol.inspect()["items"]
    }


def fresh_holders(overlay, key):
    """Return who would still give the value away."""
    now = overlay.sim.now()
    return {
        node.me.id
        for node in overlay.alive()
        if node.protocol.storage.item(key, now) is not None
    }


@pytest.fixture
def overlay():
    return Overlay(60)


def test_a_value_is_stored_at_the_k_nearest_and_found_from_everywhere(overlay):
    key = overlay.run(overlay.nodes[3].protocol.put(b"value"))

    assert holders(overlay, key) == set(overlay.truth(key))
    for node in overlay.nodes:
        assert overlay.run(node.protocol.get(key)) == b"value"


# Pitfall: values cached along the path without a shortened life spread to everyone.
def test_reading_a_value_from_everywhere_leaves_no_copy_on_the_way(overlay):
    key = overlay.run(overlay.nodes[3].protocol.put(b"value"))
    before = holders(overlay, key)

    for node in overlay.nodes:
        overlay.run(node.protocol.get(key))

    assert holders(overlay, key) == before


def test_what_nobody_stored_is_not_found(overlay):
    key = Item(encode_value(b"nobody")).target

    assert overlay.run(overlay.nodes[3].protocol.get(key)) is None


# Pitfall: copies that holders pass on reset the clock everywhere; nothing expires.
def test_when_its_publisher_is_gone_a_value_expires_though_holders_replicate(overlay):
    publisher = overlay.nodes[3]
    key = overlay.run(publisher.protocol.put(b"value"))
    publisher.kill()
    alive_after = []

    for _ in range(4):
        overlay.sim.advance(HOUR_S)
        alive_after.append(len(fresh_holders(overlay, key)))

    assert alive_after[0] >= 7
    assert alive_after[1:] == [0, 0, 0]
    overlay.sim.advance(HOUR_S)
    assert holders(overlay, key) == set()


def test_while_its_publisher_runs_a_value_stays(overlay):
    key = overlay.run(overlay.nodes[3].protocol.put(b"value"))

    for _ in range(5):
        overlay.sim.advance(HOUR_S)
        assert len(fresh_holders(overlay, key)) >= 8

    assert overlay.run(overlay.nodes[40].protocol.get(key)) == b"value"


def test_replication_brings_a_value_back_to_k_nodes_after_holders_died(overlay):
    key = overlay.run(overlay.nodes[3].protocol.put(b"value"))
    dead = set(overlay.truth(key)[:5]) - {overlay.nodes[3].me.id}
    for node in overlay.nodes:
        if node.me.id in dead:
            node.kill()

    overlay.sim.advance(1.1 * HOUR_S)

    assert set(overlay.truth(key)) <= holders(overlay, key)


# Pitfall: keys handed to newcomers computed from another hash than they are stored by.
def test_a_newcomer_is_at_once_given_keys_it_is_one_of_the_k_nearest_for(overlay):
    keys = put_many(overlay, 40)
    due_in_all = missing = 0

    for size in range(61, 81):
        (newcomer,) = overlay.grow(size)
        overlay.sim.advance(5)
        held = set(newcomer.protocol.inspect()["items"])
        due = {key for key in keys if newcomer.me.id in overlay.truth(key)}
        assert held <= due
        due_in_all, missing = due_in_all + len(due), missing + len(due - held)

    # Whoever is nearest to a key may not know the newcomer: its bucket was full.
    assert missing <= 0.15 * due_in_all


def test_an_hour_after_newcomers_joined_the_k_nearest_hold_every_key(overlay):
    keys = put_many(overlay, 20)

    overlay.grow(80)
    overlay.sim.advance(1.1 * HOUR_S)

    for key in keys:
        assert set(overlay.truth(key)) <= holders(overlay, key)


def put_many(overlay, count):
    return [
        overlay.run(overlay.nodes[number % 60].protocol.put(b"value %d" % number))
        for number in range(count)
    ]


def test_a_mutable_value_is_replaced_everywhere_by_its_next_version(overlay):
    secret = bytes(range(32))
    overlay.run(overlay.nodes[1].protocol.put_mutable(secret, b"one"))
    overlay.run(overlay.nodes[2].protocol.put_mutable(secret, b"two"))
    public = next(iter(overlay.nodes[2].protocol.replication.published.values())).public

    items = [overlay.run(n.protocol.get_mutable(public)) for n in overlay.nodes[::10]]

    assert {(item.value, item.seq) for item in items} == {(b"two", 2)}


def test_announced_peers_are_found_and_sampled(overlay):
    infohash = overlay.rng.getrandbits(160)
    for number in (4, 5, 6):
        overlay.run(overlay.nodes[number].protocol.announce(infohash, 7000 + number))

    found = overlay.run(overlay.nodes[50].protocol.get_peers(infohash))
    keeper = next(n for n in overlay.nodes if n.me.id == overlay.truth(infohash)[0])
    sample = overlay.run(overlay.nodes[50].protocol.sample_infohashes(keeper.me))

    hosts = {overlay.nodes[number].me.address[0] for number in (4, 5, 6)}
    assert {host for host, _ in found} == hosts
    assert sample == [infohash]


def test_a_node_that_restarts_with_its_state_serves_its_values_again(overlay):
    key = overlay.run(overlay.nodes[3].protocol.put(b"value"))
    holder = next(n for n in overlay.nodes if n.me.id == overlay.truth(key)[0])
    saved = holder.protocol.save()
    holder.kill()

    again = overlay.sim.add(
        holder.name, type(holder.protocol), holder.me.address,
        config=overlay.config, node_id=holder.me.id, saved=saved,
    )  # fmt: skip
    joined = overlay.run(again.protocol.bootstrap([]))

    assert joined >= 8
    assert key in again.protocol.inspect()["items"]
