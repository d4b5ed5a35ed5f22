"""Memberships and broadcasts beside their papers, in virtual time, with many seeds.

The rows of ``p2pkit bench broadcast``; and one network told in six ways. Run with
``--nodes 10000 --seeds 2`` for all rows at the size of the paper: that takes an hour.
"""

from __future__ import annotations

import argparse
from statistics import median

from benchmarks.report import judge, line, table
from p2pkit.classroom import broadcast_experiments as experiments
from p2pkit.classroom.broadcast_tables import VARIANTS, rows

COLUMNS = ("payloads", "messages", "kilobytes", "took_ms", "hops", "busiest", "reached")


def ways(nodes: int, seeds: range) -> None:
    """Tell one network the same in six ways, and print what each costs."""
    runs = [row for seed in seeds for row in experiments.compare(seed, nodes)]
    shown = []
    for way in experiments.WAYS:
        ours = [row for row in runs if row["way"] == way]
        costs = {name: median(row[name] for row in ours) for name in COLUMNS}
        line({"measured": "way", "way": way, "nodes": nodes, **costs})
        shown.append([way, *(f"{costs[name]:.6g}" for name in COLUMNS)])
    table(f"one telling, {nodes} nodes, {len(seeds)} seeds", ["way", *COLUMNS], shown)


def main() -> None:
    """Measure, and print one table of figures to reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, help="for all rows")
    parser.add_argument("--seeds", type=int, help="at least 2")
    parser.add_argument("--only", choices=[*VARIANTS, "ways"], help="one part alone")
    args = parser.parse_args()
    for name in VARIANTS:
        if args.only in (None, name):
            judge(rows(name, args.nodes, runs=args.seeds))
    if args.only in (None, "ways"):
        ways(args.nodes or 64, range(1, (args.seeds or 5) + 1))


if __name__ == "__main__":
    main()
