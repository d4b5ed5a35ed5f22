"""Tables over time: throttled refreshes, loss, floods, many newcomers."""

import statistics
from collections import Counter

from p2pkit.core import PeerUnreachable
from p2pkit.faults import Constant, Link
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as m
from tests.overlay import Overlay, share_right

ID_BITS = 160


def sent(overlay, kind):
    tallies = [node.counters.sent.get(kind) for node in overlay.nodes]
    return sum(tally.messages for tally in tallies if tally is not None)


# Pitfall: a refresh throttled by a time that is never written.
def test_a_quiet_network_refreshes_each_bucket_once_in_fifteen_minutes():
    overlay = Overlay(60)
    overlay.sim.advance(3600)  # until looking around has slowed down
    before = sent(overlay, "FindNode")

    overlay.sim.advance(4 * 900)

    walks = (sent(overlay, "FindNode") - before) / 60 / 4  # a node and a quarter hour
    buckets = statistics.mean(
        len(node.protocol.inspect()["buckets"]) for node in overlay.nodes
    )
    per_walk = 12.9  # requests of one lookup, at most
    assert walks > 0
    assert walks <= 1.2 * buckets * per_walk


# Pitfall: one missed reply evicts.
def test_ten_percent_loss_leaves_tables_as_large_as_they_were():
    overlay = Overlay(100)
    overlay.maintain()
    before = statistics.mean(overlay.sizes())
    overlay.faults.link = Link(latency=Constant(0.01), loss=0.1)

    overlay.sim.advance(2 * 3600)
    overlay.lookups(100)

    assert statistics.mean(overlay.sizes()) >= 0.98 * before


def test_the_dead_leave_the_tables_of_those_who_live():
    overlay = Overlay(100)
    for node in overlay.rng.sample(overlay.nodes, 33):
        node.kill()
    dead = {node.me.id for node in overlay.nodes if node.state == "dead"}

    overlay.sim.advance(2 * 3600)

    known = Counter(
        edge.to.id in dead for node in overlay.alive()
        for edge in node.protocol.neighbors()
    )  # fmt: skip
    assert known[True] <= 0.01 * known[False]


# Pitfall: anybody's datagram inserts the id that it claims.
def test_a_flood_of_forged_sources_changes_no_table_and_no_lookup():
    overlay = Overlay(50)
    victim = overlay.nodes[9]
    contacts = {edge.to.id for edge in victim.protocol.neighbors()}
    pings = sent(overlay, "Ping")

    for number in range(5000):
        forged = m.FindNode(b"tt", overlay.rng.getrandbits(160), False, 1)
        source = (f"127.77.{number >> 8 & 255}.{number & 255}", 6881)
        overlay.sim.scheduler.deliver_at(
            overlay.sim.now() + number * 0.002, victim.me.address, source,
            victim.protocol.codec.encode(forged),
        )  # fmt: skip
    overlay.sim.advance(30)

    assert {edge.to.id for edge in victim.protocol.neighbors()} >= contacts
    assert {e.to.id for e in victim.protocol.neighbors()} <= {
        node.me.id for node in overlay.nodes
    }
    # Two pings to each of 64 strangers in each 5 s that a check takes.
    assert sent(overlay, "Ping") - pings <= 2 * 64 * (10 / 5 + 1) + 50
    assert all(one.right for one in overlay.lookups(50))


# Pitfall: the replacement cache grows without bound.
def test_while_hundreds_come_and_go_no_bucket_and_no_cache_exceeds_k():
    overlay = Overlay(40)

    for _ in range(6):
        overlay.grow(len(overlay.nodes) + 40)
        for node in overlay.rng.sample(overlay.alive()[1:], 40):
            node.kill()
        overlay.sim.advance(120)
        for node in overlay.alive():
            for bucket in node.protocol.inspect()["buckets"]:
                assert len(bucket["contacts"]) <= 8
                assert len(bucket["replacements"]) <= 8
                assert len(node.protocol.inspect()["buckets"]) <= ID_BITS

    overlay.sim.advance(900)
    assert share_right(overlay.lookups(100)) >= 0.95


# Pitfall: ids made of addresses: on loopback the whole cluster shares a prefix.
def test_with_ids_bound_to_addresses_a_loopback_network_is_as_good_as_any():
    overlay = Overlay(50, bep42=True)

    assert len({node.me.id >> 156 for node in overlay.nodes}) >= 8
    assert all(one.right for one in overlay.lookups(60))


def test_nodes_on_ipv6_form_an_overlay_of_their_own():
    overlay = Overlay(0)
    nodes = overlay.nodes
    for number in range(20):
        address = (f"::{number + 1:x}", 6881)
        nodes.append(overlay.sim.add(f"n{number:02}", Kademlia, address))
    for node in nodes:
        overlay.run(node.protocol.bootstrap([nodes[0].me.address]))

    assert all(one.right for one in overlay.lookups(40))


def test_a_node_that_found_nobody_joins_when_somebody_is_there_at_last():
    overlay = Overlay(2)
    gone = overlay.nodes[0].me
    overlay.nodes[0].kill()
    late = overlay.add()
    joining = late.protocol.bootstrap([gone.address])
    overlay.sim.advance(10)
    assert isinstance(joining.error, PeerUnreachable)

    back = overlay.sim.add("back", Kademlia, gone.address)
    back.protocol.bootstrap([])
    overlay.sim.advance(30)

    assert back.me.id in [edge.to.id for edge in late.protocol.neighbors()]
