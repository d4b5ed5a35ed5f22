"""How long a cluster takes until its overlay has converged, and what it weighs.

*Ready* is when every node has joined and `wait_ready` has returned. Memory is resident
memory as the system counts it, pages shared with the supervisor included; a node's is
what a full host has more than one with a single node, by private pages.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from typing import Any, NamedTuple

import psutil

from benchmarks.report import figure, line, table
from p2pkit import Cluster
from p2pkit.protocols import Kademlia

RUNS = 3
LOOKUPS = 1_000
LIMIT_S = 600.0
HOST_MB, NODE_MB = 45.0, 0.1
MB = 1e6


class Case(NamedTuple):
    """One row: how many nodes, where, and how many seconds it may take."""

    carrier: str
    nodes: int
    processes: int
    target_s: float
    runs: int = RUNS

    @property
    def name(self) -> str:
        """How the case is called in tables."""
        where = "virtual time"
        if self.carrier == "real":
            where = f"{self.processes} processes"
        return f"{self.nodes:,} nodes in {where}"


CASES = (
    Case("real", 64, 64, 4.0),
    Case("real", 1_000, 4, 10.0),
    Case("virtual", 1_000, 1, 5.0),
)
LARGE = (Case("real", 10_000, 8, 120.0, 1), Case("virtual", 10_000, 1, 90.0, 1))


def hosts() -> list[psutil.Process]:
    """Return the host processes of this one's clusters."""
    return [host for one in psutil.Process().children() for host in one.children()]


def measure(case: Case, seed: int) -> dict[str, Any]:
    """Start a cluster, look keys up, and end it."""
    began = time.perf_counter()
    cluster = Cluster(
        Kademlia,
        nodes=case.nodes,
        processes=case.processes,
        carrier=case.carrier,
        seed=seed,
        timeout_s=LIMIT_S,
    )
    with cluster:
        joined = time.perf_counter()
        cluster.wait_ready()
        ready = time.perf_counter()
        memory = [one.memory_full_info() for one in hosts()]
        failures = look_up(cluster, random.Random(f"{seed}/calls"))
        looked = time.perf_counter()
    return {
        "joined_s": joined - began,
        "ready_s": ready - began,
        "lookups_s": looked - ready,
        "failures": failures,
        "close_s": time.perf_counter() - looked,
        "host_mb": max((one.rss for one in memory), default=0) / MB,
        "private_mb": max((one.uss for one in memory), default=0) / MB,
    }


def look_up(cluster: Cluster, rng: random.Random) -> int:
    """Look random keys up at random nodes; return how many calls failed."""
    size = len(cluster)
    calls = [
        (rng.randrange(size), "lookup", (rng.getrandbits(160),)) for _ in range(LOOKUPS)
    ]
    results = cluster.call_many(calls, return_errors=True)
    return sum(not isinstance(one, list) or len(one) != 8 for one in results)


def median(case: Case) -> dict[str, Any]:
    """Measure a case several times; return the medians, and all failures."""
    runs = [measure(case, seed) for seed in range(7, 7 + case.runs)]
    found = {name: statistics.median(one[name] for one in runs) for name in runs[0]}
    found["failures"] = sum(one["failures"] for one in runs)
    rounded = {name: round(value, 3) for name, value in found.items()}
    line({"bench": "cluster_start", **case._asdict(), **rounded})
    return found


def judge(case: Case, found: dict[str, Any]) -> None:
    """Print the figures to reach that a case speaks to."""
    ready_s = found["ready_s"] if case.carrier == "real" else found["joined_s"]
    what = "ready" if case.carrier == "real" else "joined"
    target, reached = f"at most {case.target_s:g} s", f"{ready_s:.2f} s"
    figure(f"{case.name} {what}", target, reached, ok=ready_s <= case.target_s)
    failures, target = found["failures"], "none of 1,000 a run"
    figure(f"{case.name}: lookups that fail", target, f"{failures}", ok=not failures)


def judge_memory(rows: dict[Case, dict[str, Any]]) -> None:
    """Print what a host process and a node weigh."""
    light, full = rows[CASES[0]], rows[CASES[1]]
    host_mb = light["host_mb"]
    more = CASES[1].nodes / CASES[1].processes - 1
    node_mb = (full["private_mb"] - light["private_mb"]) / more
    name, target = "memory of a host process", f"at most {HOST_MB:g} MB"
    figure(name, target, f"{host_mb:.1f} MB", ok=host_mb <= HOST_MB)
    name, target = "memory of a node", f"at most {NODE_MB:g} MB"
    figure(name, target, f"{node_mb:.3f} MB", ok=node_mb <= NODE_MB)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="10,000 nodes as well")
    cases = CASES + (LARGE if parser.parse_args().large else ())
    rows = {case: median(case) for case in cases}
    for case, found in rows.items():
        judge(case, found)
    judge_memory(rows)
    names = ("joined_s", "ready_s", "lookups_s", "close_s", "host_mb", "private_mb")
    table(
        f"clusters, medians of {RUNS} runs",
        ["cluster", *names],
        [[case.name, *(f"{rows[case][one]:.2f}" for one in names)] for case in cases],
    )


if __name__ == "__main__":
    main()
