"""Memberships and broadcasts beside their papers, in virtual time, with many seeds.

Rows: the path length of a HyParView overlay of 10,000 nodes; what broadcasts reach when
30 to 90 % die, with and without repair; what Plumtree's tree costs; Cyclon's numbers,
printed without a gate; and one network told in six ways.

Run with ``--nodes 1000 --seeds 2`` for a quick look; gates then are those of random
regular graphs of the same size, measured in the same run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import mean, median
from typing import Any

from benchmarks.report import figure, line, table
from p2pkit.classroom import broadcast_experiments as experiments

PAPER_NODES = 10_000
PAPER_PATH = 6.39
PATH_MARGIN = 0.03
WITHOUT_REPAIR = {0.3: 0.998, 0.5: 0.956, 0.7: 0.416, 0.8: 0.002}
"""Share of survivors that hang together at 10,000 nodes, re-run apart from us."""
SHARES = (0.3, 0.5, 0.7, 0.8, 0.9)
LEAST_REACHED = 0.99
MOST_REDUNDANCY = 0.05
COLUMNS = ("payloads", "messages", "kilobytes", "took_ms", "hops", "busiest", "reached")


def paths(nodes: int, seeds: range) -> None:
    """Compare the overlay's paths with the paper's, or with ideal ones."""
    began_s = time.perf_counter()
    rows = [experiments.shape(seed, nodes) for seed in seeds]
    ideal = mean(experiments.ideal_path(seed, nodes, 5) for seed in seeds)
    target = PAPER_PATH if nodes == PAPER_NODES else ideal
    path = median(row["path"] for row in rows)
    line({
        "measured": "hyparview", "nodes": nodes, "seeds": len(seeds), "path": path,
        "ideal": ideal, "clustering": median(row["clustering"] for row in rows),
        "degree": median(row["degree"] for row in rows),
        "seconds": round(time.perf_counter() - began_s, 1),
    })  # fmt: skip
    figure(
        f"HyParView path, {nodes:,} nodes", f"{target:.2f} +-3 %", f"{path:.2f}",
        ok=abs(path - target) <= PATH_MARGIN * target,
    )  # fmt: skip


def catastrophes(nodes: int, seeds: range) -> None:
    """Kill 30 to 90 %; print what broadcasts reach with repair and without."""
    for share in SHARES:
        on, off = (
            [experiments.mass_failure(seed, share, nodes, repair) for seed in seeds]
            for repair in (True, False)
        )
        reached = mean(row["reached"] for row in on)
        unrepaired = mean(row["largest"] for row in off)
        line({
            "measured": "mass failure", "share": share, "nodes": nodes,
            "repaired": round(reached, 4), "unrepaired": round(unrepaired, 4),
            "unrepaired_from_anywhere": round(mean(r["reached"] for r in off), 4),
            "unrepaired_at_10000": WITHOUT_REPAIR.get(share),
        })  # fmt: skip
        figure(
            f"{share:.0%} of {nodes:,} killed, one pass", f">= {LEAST_REACHED}",
            f"{reached:.4f} (without repair {unrepaired:.3f})",
            ok=reached >= LEAST_REACHED,
        )  # fmt: skip


def trees(nodes: int, seeds: range) -> None:
    """Broadcast until the flood is a tree; print the redundancy of both."""
    first, stable, exact = [], [], True
    for seed in seeds:
        rows = experiments.tree_growth(seed, nodes)
        exact &= rows[0]["payloads"] == rows[0]["flood"]
        first.append(rows[0]["redundancy"])
        stable += [row["redundancy"] for row in rows[4:]]
    name = f"Plumtree, {nodes:,} nodes"
    found, least = f"RMR {mean(first):.3f}", f"RMR < {MOST_REDUNDANCY}"
    figure(f"{name}: first is a flood", "2E - n + 1 payloads", found, ok=exact)
    ok, found = mean(stable) < MOST_REDUNDANCY, f"RMR {mean(stable):.4f}"
    figure(f"{name}: stable tree", least, found, ok=ok)


def cyclon(nodes: int, seeds: range) -> None:
    """Print Cyclon's numbers; the paper's are remembered only, so none is a gate."""
    for view in (20, 35):
        rows = [
            experiments.shape(seed, nodes, "cyclon", sources=50, view=view)
            for seed in seeds
        ]
        names = ("in_degree_mean", "in_degree_deviation", "clustering", "path")
        found = {name: round(median(row[name] for row in rows), 5) for name in names}
        line({"measured": "cyclon", "nodes": nodes, "view": view, **found})


def ways(nodes: int, seeds: range) -> None:
    """Tell one network the same in six ways, and print what each costs."""
    rows = [row for seed in seeds for row in experiments.compare(seed, nodes)]
    shown = []
    for way in experiments.WAYS:
        ours = [row for row in rows if row["way"] == way]
        costs = {name: median(row[name] for row in ours) for name in COLUMNS}
        line({"measured": "way", "way": way, "nodes": nodes, **costs})
        shown.append([way, *(f"{costs[name]:.6g}" for name in COLUMNS)])
    table(f"one telling, {nodes} nodes, {len(seeds)} seeds", ["way", *COLUMNS], shown)


PARTS: dict[str, Callable[[int, range], Any]] = {
    "paths": paths, "catastrophes": catastrophes, "trees": trees, "cyclon": cyclon,
}  # fmt: skip


def main() -> None:
    """Measure, and print one table of figures to reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=PAPER_NODES, help="for the paths")
    parser.add_argument("--others", type=int, default=1000, help="for all other rows")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=[*PARTS, "ways"], help="one part alone")
    args = parser.parse_args()
    seeds = range(1, args.seeds + 1)
    for name, part in PARTS.items():
        if args.only in (None, name):
            few = range(1, min(2, args.seeds) + 1)
            on_paper_scale = name == "paths"
            nodes = args.nodes if on_paper_scale else args.others
            part(nodes, few if on_paper_scale else seeds)
    if args.only in (None, "ways"):
        ways(64, seeds)


if __name__ == "__main__":
    main()
