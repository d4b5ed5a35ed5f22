"""Chord over real sockets: joins and crashes at once, and lookups among many."""

from __future__ import annotations

import random

import pytest

from p2pkit import Cluster
from p2pkit.observe import check
from p2pkit.protocols import Chord

pytestmark = pytest.mark.timeout(120)  # dozens of processes start, and timers are real


def test_eight_join_at_once_and_a_third_of_the_processes_dies() -> None:
    rng = random.Random(7)
    with Cluster(
        Chord, nodes=24, processes=24, seed=7, stabilize_s=1.0, replicate_s=2.0
    ) as cluster:
        cluster.wait_ready()
        cluster.add(8)
        cluster.wait_ready()
        keys = [cluster[i % 32].put(f"value {i}".encode()) for i in range(60)]
        cluster.wait_until(check.replicas, timeout_s=60)
        holders = {int(key): _holders(cluster, key) for key in keys}
        for index in rng.sample(range(32), 10):
            if cluster[index].state == "alive":  # two may share a process, and its end
                cluster.kill(index)
        gone = {node.name for node in cluster if node.state == "dead"}
        kept = [key for key in keys if not holders[int(key)] <= gone]

        cluster.wait_ready()
        cluster.wait_until(lambda one: check.replicas(one, among=kept), timeout_s=60)

        assert check.ring(cluster), check.ring(cluster)
        assert check.appendages(cluster)
        node = cluster.alive[0]
        values = {key: node.get(key) for key in kept}
        assert values == {key: f"value {keys.index(key)}".encode() for key in kept}


def test_two_hundred_nodes_in_four_processes_answer_every_lookup_right() -> None:
    rng = random.Random(7)
    with Cluster(Chord, nodes=200, processes=4, seed=7) as cluster:
        cluster.wait_ready()
        keys = [rng.getrandbits(160) for _ in range(1000)]
        calls = [(rng.randrange(200), "lookup", (key,)) for key in keys]
        found = cluster.call_many(calls, in_flight=32)

        ids = sorted(node.id for node in cluster)
        wanted = [next((one for one in ids if one >= key), ids[0]) for key in keys]
        assert [contact.id for contact in found] == wanted


def test_a_node_that_restarts_stands_where_it_stood_and_keeps_its_values() -> None:
    with Cluster(Chord, nodes=8, processes=4, seed=7, replicas=1) as cluster:
        cluster.wait_ready()
        key = cluster[1].put(b"value")
        owner = next(iter(_holders(cluster, key)))
        index = next(i for i, node in enumerate(cluster) if node.name == owner)
        before = cluster[index].id

        cluster.stop(index)
        cluster.restart(index)
        cluster.wait_ready()

        assert cluster[index].id == before
        assert cluster[(index + 1) % 8].get(key) == b"value"


def test_two_halves_that_were_parted_become_one_ring_without_being_asked() -> None:
    with Cluster(
        Chord, nodes=16, processes=4, seed=7, timeout_s=30.0, lookup="recursive",
        virtual_nodes=2, stabilize_s=0.5, seek_s=0.5, replicate_s=1.0,
    ) as cluster:  # fmt: skip
        cluster.wait_ready()
        with cluster.partition([range(8), range(8, 16)]):
            cluster.wait_until(_has_two_cycles, timeout_s=40)
            key = cluster[2].put(b"parted")

        cluster.wait_until(check.ring, timeout_s=40)
        cluster.wait_until(check.replicas, timeout_s=40)

        assert check.appendages(cluster)
        assert cluster[13].get(key) == b"parted"


def _has_two_cycles(cluster: Cluster) -> bool:
    return check.appendages(cluster).evidence["cycles"] >= 2


def _holders(cluster: Cluster, key: int) -> set[str]:
    return {
        node.name
        for node in cluster.snapshot(details=True).alive
        for place in (node.details or {})["positions"]
        if int(key) in place["items"]
    }
