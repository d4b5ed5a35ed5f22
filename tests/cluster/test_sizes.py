"""Clusters as large as a lecture needs; exact figures belong to the benchmarks."""

from __future__ import annotations

import random

import pytest

from p2pkit import Cluster, check
from p2pkit.protocols import Kademlia


def fails(cluster: Cluster, lookups: int) -> int:
    """Look random keys up; return how many did not find k nodes."""
    rng = random.Random("7/calls")
    calls = [
        (rng.randrange(len(cluster)), "lookup", (rng.getrandbits(160),))
        for _ in range(lookups)
    ]
    found = cluster.call_many(calls, return_errors=True)
    return sum(not isinstance(one, list) or len(one) != 8 for one in found)


@pytest.mark.timeout(120)  # 64 processes on a busy machine with two cores
def test_64_processes_start_converge_and_answer() -> None:
    with Cluster(Kademlia, nodes=64, processes=64, seed=7) as cluster:
        cluster.wait_ready()

        assert fails(cluster, lookups=1_000) == 0
        assert check.k_closest(cluster, lookups=50)


@pytest.mark.timeout(180)  # a thousand nodes on a busy machine with two cores
@pytest.mark.parametrize("carrier", ["virtual", "real"])
def test_a_thousand_nodes_converge_and_answer(carrier: str) -> None:
    with Cluster(
        Kademlia, nodes=1_000, processes=4, carrier=carrier, seed=7, timeout_s=150
    ) as cluster:
        cluster.wait_ready()

        assert fails(cluster, lookups=1_000) == 0
