"""Amplification factors: those of the packets, and what the defense leaves of them."""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.attacks.reflection import KademliaProber
from p2pkit.classroom.amplification import (
    RESTRAINED,
    kademlia_levers,
    levers,
    other_levers,
)
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as m

LONG = {"FindNode", "GetPeers, none", "GetPeers, 50", "Get, none", "Get, 900 bytes",
        "SampleInfohashes"}  # fmt: skip


def test_as_the_standards_have_it_a_node_is_a_lever_of_up_to_ten() -> None:
    found = {one.query: one for one in kademlia_levers(7)}

    assert {name for name, one in found.items() if one.ip_factor > 1.5} == LONG
    assert found["Get, 900 bytes"].ip_factor > 10
    assert 5 < found["GetPeers, 50"].ip_factor < 7
    assert found["Ping"].ip_factor < 1
    assert found["AnnouncePeer"].ip_factor < 1


def test_restrained_a_node_sends_nobody_more_than_came_in_their_name() -> None:
    found = kademlia_levers(7, **RESTRAINED)

    assert len(found) == 8
    assert max(one.ip_factor for one in found) < 1
    assert max(one.payload_factor for one in found) < 1


def test_the_other_protocols_answer_strangers_with_as_much_as_was_asked() -> None:
    found = {one.protocol: one for one in other_levers(7)}

    assert set(found) == {"SWIM", "Gnutella"}
    assert all(0 < one.ip_factor < 1.1 for one in found.values())


@pytest.mark.timeout(60)  # processes start, and each probe has its time
def test_the_factors_are_those_of_the_packets_byte_for_byte() -> None:
    tid, key = b"1234", 5
    probes = [
        ("Ping", 1, lambda it: m.Ping(tid, it, False)),
        ("FindNode", 1, lambda it: m.FindNode(tid, it, False, key)),
        ("Get", 2, lambda it: m.Get(tid, it, False, key)),
    ]
    with Cluster(Kademlia, 8, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture() as packets:
            found = list(levers(cluster, "Kademlia", KademliaProber, probes))
        names = [one.name for one in cluster.attackers]
        table = packets.table()

    for lever, name in zip(found, names, strict=True):
        sent, received = table[table.source == name], table[table.destination == name]
        assert (len(sent), sent.payload_bytes.sum()) == (lever.sent, lever.sent_bytes)
        assert len(received) == lever.received > 0
        assert received.payload_bytes.sum() == lever.received_bytes
        layers = ["network_bytes", "transport_bytes", "payload_bytes"]
        factor = received[layers].sum().sum() / sent[layers].sum().sum()
        assert lever.ip_factor == pytest.approx(factor)
