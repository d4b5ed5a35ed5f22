"""Chord's published tables beside ours, its ring over sockets, and its speed.

The tables are means over several seeds. *Hops* count peers that answered, without the
owner where the paper does not count the last hop. Churn is reported without a gate:
the paper gives a trend. Speed is measured beside Kademlia, in the same run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.report import figure, line, table
from p2pkit import Cluster
from p2pkit.classroom import chord_experiments as experiments
from p2pkit.classroom.chord_churn import churn_at, churn_run
from p2pkit.observe import check
from p2pkit.protocols import Chord, Kademlia

SEEDS = range(1, 5)
PATHS = {8: 2.5, 64: 3.9, 256: 4.8, 1024: 5.8, 4096: 6.8, 16384: 7.8}
FAILURES = {
    0.0: (3.84, 0.0), 0.1: (4.03, 0.60), 0.2: (4.22, 1.17),
    0.3: (4.44, 2.02), 0.4: (4.69, 3.23), 0.5: (5.09, 5.10),
}  # fmt: skip
"""Share dead: path length and time-outs a lookup (ToN 2003, table II)."""
LOADS = {
    1: (4.6, 0.01),
    2: (3.3, 0.06),
    5: (2.3, 0.25),
    10: (1.9, 0.38),
    20: (1.65, 0.51),
}
"""Virtual nodes: 99th and 1st percentile of keys a node, as multiples of the mean."""
RATES = {0.05: 0.05, 0.1: None, 0.2: None, 0.4: 0.46}
"""Joins and leaves a second: time-outs a lookup, where we have the published one."""
SLACK = 0.20
"""How much slower than Kademlia is allowed."""


def paths(_: argparse.Namespace) -> None:
    """Measure path lengths, the last hop counted."""
    for nodes, want in PATHS.items():
        # Small rings differ more from each other than lookups on one of them.
        seeds, lookups = range(1, 5 if nodes > 100 else 41), 200 if nodes < 100 else 500
        rows = [
            experiments.path_length([nodes], seed, lookups, successors=1)[0]
            for seed in (seeds if nodes < 16384 else (1, 2))
        ]
        found = _mean(rows, "hops")
        line(
            {
                "bench": "chord_path",
                "nodes": nodes,
                "hops": round(found, 3),
                "want": want,
            }
        )
        ok = abs(found - want) <= 0.2 and _mean(rows, "right") == 1
        figure(f"path, N = {nodes}", f"{want} +- 0.2", f"{found:.2f}", ok=ok)


def failures(_: argparse.Namespace) -> None:
    """Measure lookups just after many nodes died."""
    for dead, (path, timeouts) in FAILURES.items():
        rows = [experiments.failures([dead], seed)[0] for seed in SEEDS]
        hops, late = _mean(rows, "hops") - 1, _mean(rows, "timeouts")
        right = _mean(rows, "right")
        line({"bench": "chord_failures", "dead": dead, "hops": round(hops, 3),
              "timeouts": round(late, 3), "right": right})  # fmt: skip
        near = (
            abs(hops - path) <= 0.05 * path and abs(late - timeouts) <= 0.25 * timeouts
        )
        target = f"{path} +- 5 %, {timeouts} +- 25 %, none fails"
        reached = f"{hops:.2f}, {late:.2f}, {1 - right:.2%} fail"
        figure(
            f"path and time-outs, {dead:.0%} dead",
            target,
            reached,
            ok=near and right == 1,
        )


def loads(_: argparse.Namespace) -> None:
    """Measure how evenly keys lie, and how many are lost without copies."""
    for virtual_nodes, (high, low) in LOADS.items():
        rows = [
            experiments.load(10_000, 1_000_000, seed, virtual_nodes) for seed in SEEDS
        ]
        p99, p1 = _mean(rows, "p99"), _mean(rows, "p1")
        ok = abs(p99 - high) <= 0.1 * high and abs(p1 - low) <= max(0.1 * low, 0.01)
        target, reached = f"p99 {high}, p1 {low}, +- 10 %", f"{p99:.2f}, {p1:.3f}"
        figure(f"load, {virtual_nodes} virtual nodes", target, reached, ok=ok)
    for dead in (0.05, 0.1, 0.2):
        lost = experiments.misses(10_000, 1_000_000, dead, 1)
        figure(
            f"keys lost, {dead:.0%} dead, no copies", f"{dead:.0%} +- 1 point",
            f"{lost:.2%}", ok=abs(lost - dead) <= 0.01,
        )  # fmt: skip


def churn(options: argparse.Namespace) -> None:
    """Measure lookups while nodes come and go, in virtual time and over sockets."""
    rows = []
    for rate, published in RATES.items():
        found = churn_run(
            churn_at(rate, options.nodes), 1, nodes=options.nodes,
            seconds=options.seconds, lookups_hz=5.0, stabilize_s=30.0,
            fix_fingers_s=30.0, successors=20,
        )  # fmt: skip
        line(
            {
                "bench": "chord_churn",
                "rate_hz": rate,
                "paper_timeouts": published,
                **found,
            }
        )
        rows.append([f"{rate:g}/s virtual", *_shown(found)])
    found = churn_run(
        churn_at(1.0, 64), 1, nodes=64, seconds=60.0, lookups_hz=10.0, leave=False,
        carrier="real", processes=64, stabilize_s=1.0, fix_fingers_s=1.0,
    )  # fmt: skip
    line({"bench": "chord_churn", "rate_hz": 1.0, "carrier": "real", **found})
    rows.append(["1/s of 64 processes, real", *_shown(found)])
    names = ["churn", "time-outs", "hops", "failed of 10,000", "went"]
    table("lookups under churn (paper: 0.05 to 0.46; 0 to 15)", names, rows)


def sockets(_: argparse.Namespace) -> None:
    """Join eight at once, kill a third at once; then look up among a thousand nodes."""
    rng = random.Random(7)
    with Cluster(
        Chord, 56, 56, seed=7, progress="none", stabilize_s=2.0, replicate_s=4.0
    ) as cluster:
        cluster.wait_ready(timeout_s=120)
        cluster.add(8)
        cluster.wait_ready(timeout_s=120)
        keys = [cluster[i % 64].put(f"value {i}".encode()) for i in range(200)]
        cluster.wait_until(check.replicas, timeout_s=120)
        where = _holders(cluster)
        began = time.perf_counter()
        for index in rng.sample(range(64), 19):
            if cluster[index].state == "alive":  # two may share a process, and its end
                cluster.kill(index)
        gone = {node.name for node in cluster if node.state == "dead"}
        cluster.wait_ready(timeout_s=120)
        took_s = time.perf_counter() - began
        kept = [key for key in keys if not where[int(key)] <= gone]
        found = sum(cluster.alive[0].get(key) is not None for key in kept)
        whole = bool(check.ring(cluster)) and bool(check.appendages(cluster))
    reached = (
        f"{'one ring' if whole else 'broken'} in {took_s:.1f} s, {found} of {len(kept)}"
    )
    figure("64 processes, 30 % killed", "one ring, every kept key", reached,
           ok=whole and found == len(kept))  # fmt: skip


def speed(_: argparse.Namespace) -> None:
    """Compare lookups a second and nodes a minute with Kademlia's."""
    rates = {kind.__name__: _speed(kind) for kind in (Kademlia, Chord)}
    (their_start, their_rate, _), (our_start, our_rate, right) = rates.values()
    figure("10,000 lookups, 1,000 nodes in 4 processes", "all right", f"{right} right",
           ok=right == 10_000)  # fmt: skip
    for name, ours, theirs in (
        ("lookups a second, beside Kademlia", our_rate, their_rate),
        ("nodes a minute, beside Kademlia", 60_000 / our_start, 60_000 / their_start),
    ):
        reached = f"{ours:,.0f} / {theirs:,.0f}"
        figure(
            name, f"at least {1 - SLACK:.0%}", reached, ok=ours >= (1 - SLACK) * theirs
        )


def _speed(kind: type[Any]) -> tuple[float, float, int]:
    rng, began = random.Random(7), time.perf_counter()
    with Cluster(kind, 1000, 4, seed=7, progress="none") as cluster:
        cluster.wait_ready(timeout_s=300)
        start_s = time.perf_counter() - began
        ids = sorted(node.id for node in cluster)
        keys = [rng.getrandbits(160) for _ in range(10_000)]
        calls = [(rng.randrange(1000), "lookup", (key,)) for key in keys]
        began = time.perf_counter()
        found = cluster.call_many(
            calls, in_flight=64, timeout_s=600, return_errors=True
        )
        took_s = time.perf_counter() - began
    right = 0
    if kind is Chord:
        wanted = (next((one for one in ids if one >= key), ids[0]) for key in keys)
        pairs = zip(found, wanted, strict=True)
        right = sum(getattr(got, "id", None) == want for got, want in pairs)
    row = {"start_s": round(start_s, 2), "lookups_hz": round(10_000 / took_s)}
    line({"bench": "chord_speed", "protocol": kind.__name__, **row, "right": right})
    return start_s, 10_000 / took_s, right


def _holders(cluster: Cluster) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for node in cluster.snapshot(details=True).alive:
        for place in (node.details or {})["positions"]:
            for key in place["items"]:
                found.setdefault(key, set()).add(node.name)
    return found


def _mean(rows: Iterable[dict[str, Any]], name: str) -> float:
    return statistics.mean(row[name] for row in rows)


def _shown(row: dict[str, float]) -> list[str]:
    names = ("timeouts", "hops", "failed_per_10k", "went")
    return [f"{row[name]:.2f}" for name in names]


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "paths": paths, "failures": failures, "loads": loads, "sockets": sockets,
    "speed": speed, "churn": churn,
}  # fmt: skip


def main() -> None:
    """Measure all parts, or those named."""
    parser = argparse.ArgumentParser(prog="benchmarks.chord", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--nodes", type=int, default=1000, help="under churn")
    parser.add_argument("--seconds", type=float, default=600.0, help="of churn")
    options = parser.parse_args()
    for name in options.parts or PARTS:
        PARTS[name](options)


if __name__ == "__main__":
    main()
