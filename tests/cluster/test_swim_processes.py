"""Membership among real processes: who dies is found, and nobody else is."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.observe import membership
from p2pkit.protocols.swim import Swim, SwimConfig
from p2pkit.protocols.swim.suspicion import shortest_s

NODES = 64
FAST = {"probe_s": 0.5, "answer_s": 0.25, "suspicion_mult": 3, "gossip_s": 0.1}


@pytest.mark.parametrize("carrier", ["virtual", "real"])
def test_a_killed_member_is_found_by_all_in_time_and_nobody_else(carrier: str) -> None:
    with Cluster(
        Swim, nodes=24, processes=4, seed=7, carrier=carrier, progress="none", **FAST
    ) as cluster:
        cluster.wait_ready()
        assert membership.agreement(cluster.snapshot())

        deaths = {"n05": cluster.now()}
        cluster.kill(5)
        config = SwimConfig.of(**FAST)
        # At worst two rounds until it is probed, and then the longest suspicion.
        most_s = shortest_s(config, 24) * config.suspicion_max_mult
        most_s += 2 * 24 * config.probe_s

        def found(cluster: Any) -> bool:
            seen = membership.detections(cluster.trace, cluster.snapshot(), deaths)
            return len(seen) == 23 and all(one.dead_s is not None for one in seen)

        cluster.wait_until(found, most_s)

        assert membership.agreement(cluster.snapshot())
        assert membership.false_deaths(cluster.trace, cluster.snapshot(), deaths)


@pytest.mark.timeout(120)  # 64 processes, and suspicions in real time
def test_64_processes_agree_after_a_cut_a_catastrophe_and_a_restart() -> None:
    half = NODES // 2
    with Cluster(
        Swim, NODES, NODES, seed=7, progress="none", dead_probe_s=2.0, **FAST
    ) as cluster:
        cluster.wait_ready()
        with cluster.partition([range(half), range(half, NODES)]):
            cluster.wait_until(lambda c: listed(c) == {half - 1}, 60)
        cluster.wait_until(agree, 40)

        dead = range(1, NODES, 3)
        cluster.kill(dead)
        cluster.wait_until(agree, 60)
        assert len(cluster.alive) == NODES - len(dead)

        cluster.restart(1, keep_state=False)
        cluster.wait_until(agree, 40)

        refused = set(cluster.counters.rejected)
        assert refused <= {"claim of a stranger", "answer nobody waits for"}


def listed(cluster: Cluster) -> set[int]:
    """Return how many others living members list as alive."""
    alive = cluster.snapshot().alive
    return {sum(edge.kind == "member" for edge in node.edges) for node in alive}


def agree(cluster: Cluster) -> bool:
    """Whether every living member lists exactly the living ones."""
    return bool(membership.agreement(cluster.snapshot()))


def test_the_oracles_say_what_is_wrong() -> None:
    with Cluster(Swim, nodes=4, carrier="virtual", seed=7, progress="none") as cluster:
        cluster.wait_ready()
        cluster.kill(2)
        verdict = membership.agreement(cluster.snapshot())
        assert not verdict
        assert "lists 1 that are not alive" in verdict.detail

        cluster.advance(60)
        wrong = membership.false_deaths(cluster.trace, cluster.snapshot())
        assert not wrong
        assert wrong.evidence["name"] == "n02"
