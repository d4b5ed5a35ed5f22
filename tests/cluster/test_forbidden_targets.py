"""Attackers try to get a packet out of their cluster, and none gets out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from p2pkit import Cluster
from p2pkit.core import Address, ClusterError, ForbiddenTarget, TransportError
from p2pkit.core.targets import NO_NODE_OF_OURS
from p2pkit.faults import Packet, Verdict
from p2pkit.net.both import both_sockets
from p2pkit.net.sockets import address_of
from p2pkit.protocols import Kademlia
from tests.cluster.trespasser import Errand, Go, Trespasser

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test

DOCUMENTATION: Address = ("192.0.2.1", 6881)


class Twice:
    """Doubles every packet, and holds one of the two back."""

    def judge(self, packet: Packet, rng: object) -> Verdict:
        return Verdict((0.0, 0.02))


class Trap:
    """Somebody else on this machine, who ought to hear nothing."""

    def __init__(self, host: str) -> None:
        self.datagrams, self.streams = both_sockets((host, 0))
        self.address = address_of(self.datagrams)

    def caught(self) -> list[str]:
        """Return what came, both ways."""
        found = []
        with suppress(BlockingIOError):
            found.append(f"datagram {self.datagrams.recvfrom(2048)}")
        with suppress(BlockingIOError):
            stream, peer = self.streams.accept()
            stream.close()
            found.append(f"stream from {peer}")
        return found

    def close(self) -> None:
        self.datagrams.close()
        self.streams.close()


@pytest.fixture
def traps() -> Iterator[list[Trap]]:
    with ExitStack() as stack:
        found = [Trap("127.0.0.1"), Trap("127.255.7.7")]
        with suppress(TransportError):  # a machine without IPv6 has no such trap
            found.append(Trap("::1"))
        for one in found:
            stack.callback(one.close)
        yield found


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(Errand, nodes=4, processes=2, seed=7) as cluster:
        cluster.add_attackers(Trespasser, 2)
        yield cluster


def elsewhere(traps: list[Trap], cluster: Cluster) -> list[Address]:
    """Return addresses that are none of the cluster's, in every disguise."""
    host, port = cluster.addresses[0]
    return [
        *(one.address for one in traps),
        DOCUMENTATION,
        (host, port + 1),
        (f"::ffff:{traps[1].address[0]}", traps[1].address[1]),
        ("localhost", traps[0].address[1]),
        ("2130706433", traps[0].address[1]),
        ("127.1", traps[0].address[1]),
        ("0.0.0.0", traps[0].address[1]),
        ("255.255.255.255", 6881),
        ("224.0.0.1", 6881),
        ("2001:db8::1", 6881),
        ("", traps[0].address[1]),
    ]


def refused(cluster: Cluster) -> int:
    return cluster.counters.dropped.get(NO_NODE_OF_OURS, 0)


def test_an_attacker_reaches_nobody_else_by_datagram_or_by_stream(
    cluster: Cluster, traps: list[Trap]
) -> None:
    wanted = elsewhere(traps, cluster)

    for one in wanted:
        cluster.attackers[0].go(one)

    cluster.wait_until(lambda it: refused(it) == 2 * len(wanted))
    cluster.advance(0.1)
    assert [one.caught() for one in traps] == [[] for _ in traps]
    assert cluster.attackers[0].closed_streams() == wanted


def test_honest_nodes_go_nowhere_an_attacker_names(
    cluster: Cluster, traps: list[Trap]
) -> None:
    wanted, victim = elsewhere(traps, cluster), cluster.honest[1]

    for one in wanted:
        cluster.attackers[1].send_away(victim.address, one)

    cluster.wait_until(lambda it: refused(it) == 2 * len(wanted))
    cluster.advance(0.1)
    assert [one.caught() for one in traps] == [[] for _ in traps]


def test_faults_that_double_packets_and_hold_them_back_bring_none_out(
    cluster: Cluster, traps: list[Trap]
) -> None:
    wanted = elsewhere(traps, cluster)

    with cluster.faults(Twice()):
        for one in wanted:
            cluster.attackers[0].go(one)
            cluster.attackers[0].send_away(cluster.honest[0].address, one)
        cluster.wait_until(lambda it: refused(it) >= 4 * len(wanted))
        cluster.advance(0.1)

    assert [one.caught() for one in traps] == [[] for _ in traps]


def test_who_asks_from_outside_gets_no_answer(
    cluster: Cluster, traps: list[Trap]
) -> None:
    outside = traps[1]
    go = Errand.codec.encode(Go(*outside.address))

    for node in (cluster.honest[0], cluster.attackers[0]):
        outside.datagrams.sendto(go, node.address)

    cluster.wait_until(lambda it: refused(it) == 4)
    assert outside.caught() == []


def test_a_stream_from_outside_is_cut(cluster: Cluster, traps: list[Trap]) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.255.7.8", 0))
        stranger.settimeout(5)
        stranger.connect(cluster.attackers[0].address)

        heard = b"?"
        with suppress(ConnectionResetError):
            heard = stranger.recv(100)

    assert heard in (b"", b"?")
    assert cluster.attackers[0].counters.dropped == {NO_NODE_OF_OURS: 1}


def test_an_address_that_a_node_has_left_is_no_target_until_it_is_back(
    cluster: Cluster,
) -> None:
    gone = cluster.honest[3]
    gone.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as newcomer:
        newcomer.bind(gone.address)
        newcomer.setblocking(False)
        cluster.attackers[0].go(gone.address)
        cluster.wait_until(lambda it: refused(it) == 2)
        with pytest.raises(BlockingIOError):
            newcomer.recv(100)

    gone.restart()
    attacker = cluster.attackers[0]
    attacker.go(gone.address)

    cluster.wait_until(lambda _: gone.heard_from(attacker.address[0]) == 2)


def test_nodes_of_the_cluster_are_reached_also_those_that_come_later(
    cluster: Cluster,
) -> None:
    (late,) = cluster.add(1)
    attacker, fellow = cluster.attackers
    everybody = [*cluster.honest, fellow]
    before = [one.heard_from(attacker.address[0]) for one in everybody]

    for one in everybody:
        attacker.go(one.address)

    def came(_: Cluster) -> bool:
        now = [one.heard_from(attacker.address[0]) for one in everybody]
        return now == [count + 2 for count in before]

    cluster.wait_until(came)
    assert late.name == "n04"
    assert refused(cluster) == 0
    assert set(cluster.targets) == set(cluster.addresses)


def test_an_attacker_is_no_cluster_of_its_own() -> None:
    with pytest.raises(ForbiddenTarget, match="Trespasser is an attacker"):
        Cluster(Trespasser, nodes=2, processes=1).start()


def test_a_cluster_with_peers_outside_is_not_attacked(traps: list[Trap]) -> None:
    outside = traps[0].address

    with (
        Cluster(Errand, nodes=2, processes=1, bootstrap=[outside]) as cluster,
        pytest.raises(ClusterError, match=r"make one without bootstrap="),
    ):
        cluster.add_attackers(Trespasser, 1)


def test_joining_through_a_stranger_is_refused_with_a_sentence() -> None:
    with Cluster(Kademlia, nodes=2, carrier="virtual", seed=7) as cluster:
        run = cluster.run
        cluster.add_attackers(Kademlia, 1)
        order = {0: [("x00", [DOCUMENTATION])]}

        said = run.ask_each("join", order, 5.0)

        assert "'192.0.2.1', 6881) is no node of this cluster" in said[0][0][1]
