"""Gossip in 64 processes: every node hears, as virtual time says, and cuts heal."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.observe.epidemic import (
    Epidemic,
    covered,
    epidemic,
    first_heard,
    same_data,
)
from p2pkit.protocols import AntiEntropy, Rumor
from p2pkit.protocols.rumor import Cooled

pytestmark = pytest.mark.timeout(60)  # 64 processes, and rounds in real time

NODES = 64
RUMORS = 12
MARGIN = {"coverage": 0.03, "rounds": 2.0, "traffic": 0.1}
"""How far 12 rumors on sockets may lie from 60 in virtual time: the share of nodes and
the rounds as such, tellings as a share. Chance alone takes half of it."""


def cluster_of(protocol: Any, carrier: str, seed: int, **settings: Any) -> Cluster:
    processes = NODES if carrier == "real" else None
    return Cluster(
        protocol,
        NODES,
        processes,
        topology="complete",
        carrier=carrier,
        seed=seed,
        progress="none",
        **settings,
    )


def spread(cluster: Cluster) -> list[Epidemic]:
    """Begin rumors at many nodes, wait until nobody tells any, and measure each."""
    names = [node.name for node in cluster]
    rumors = [cluster[i].publish(b"rumor %d" % i) for i in range(RUMORS)]
    cluster.wait_until(lambda c: all(over(c, rumor) for rumor in rumors), 40)
    found = [
        epidemic(cluster.trace, rumor, names, cluster.counters, cluster.config.round_s)
        for rumor in rumors
    ]
    assert cluster.counters.rejected == {}
    return found


def over(cluster: Cluster, rumor: bytes) -> bool:
    cold = [r for r in cluster.trace.of(Cooled) if r.event.rumor == rumor]
    return len(cold) == len(first_heard(cluster.trace, rumor)) > 0


def means(found: Sequence[Epidemic]) -> tuple[float, float, float]:
    return (
        fmean(one.coverage for one in found),
        fmean(one.last_rounds for one in found),
        fmean(one.traffic for one in found) / RUMORS,
    )


def test_sockets_and_virtual_time_agree_on_coverage_rounds_and_messages() -> None:
    with cluster_of(Rumor, "real", 7, k=3) as cluster:
        real = means(spread(cluster))
    virtual = []
    for seed in range(5):
        with cluster_of(Rumor, "virtual", seed, k=3) as cluster:
            virtual += spread(cluster)
    expected = means(virtual)

    assert real[0] == pytest.approx(expected[0], abs=MARGIN["coverage"])
    assert real[1] == pytest.approx(expected[1], abs=MARGIN["rounds"])
    assert real[2] == pytest.approx(expected[2], rel=MARGIN["traffic"])


def test_a_rumor_reaches_every_live_node_though_some_have_died() -> None:
    with cluster_of(Rumor, "real", 7, mode="push-pull", k=4) as cluster:
        cluster.kill(range(0, NODES, 8))

        rumor = cluster[5].publish(b"the news")
        cluster.wait_until(lambda c: covered(c, rumor), 20)

        assert covered(cluster, rumor).total == NODES - 8
        assert all(node.knows(rumor) for node in cluster.alive[::9])


@pytest.mark.parametrize("merge", ["last-writer", "versions"])
def test_a_cut_through_the_middle_heals_and_leaves_no_difference(merge: str) -> None:
    half = NODES // 2
    with cluster_of(AntiEntropy, "real", 7, merge=merge) as cluster:
        with cluster.partition([range(half), range(half, NODES)]):
            for index in range(0, NODES, 4):
                cluster[index].put(b"own %d" % index, b"x")
                cluster[index].put(b"shared", b"%d" % index)
            cluster.wait_until(lambda c: c[1].get(b"own 0") and c[63].get(b"own 60"))
            assert not same_data(cluster)
            assert cluster[0].get(b"own 60") == cluster[63].get(b"own 0") == ()

        cluster.wait_until(same_data, 30)

        values = cluster[9].get(b"shared")
        assert len(values) == 1 if merge == "last-writer" else len(values) > 1
        assert cluster[0].get(b"own 60") == cluster[63].get(b"own 0") == (b"x",)
        assert cluster.counters.rejected == {}
