"""Consistent hashing: the figures of the papers beside ours, and what an owner costs.

Shares and moves are the same for the same seeds on every machine. Times are this
machine's: compare the ways, which were measured in the same run, and not the numbers.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import figure, line, table
from p2pkit.classroom.hashing_experiments import WAYS, moved, names, ring_balance
from p2pkit.protocols.hashing import Jump, Maglev, Rendezvous, Ring, jump, some_keys

GATE = 0.10
PUBLISHED = {1: 1.02, 10: 0.315, 100: 0.101, 1000: 0.032}
"""Standard deviation of a share at 1,000 nodes, by points a node: a re-run."""

VECTORS = {
    (1, 1): 0, (42, 57): 43, (0xDEAD10CC, 1): 0, (0xDEAD10CC, 666): 361,
    (256, 1024): 520,
}  # fmt: skip
BALANCE_SEEDS, MOVE_SEEDS = range(10), range(20)
REPEATS, KEYS = 7, 2000


def near(name: str, paper: float, ours: float) -> None:
    """Report a figure that is to lie within the gate of the published one."""
    ok = abs(ours - paper) <= GATE * paper
    figure(name, f"{paper:.4f} ± {GATE:.0%}", f"{ours:.4f}", ok=ok)


def shares() -> None:
    """Compare the spread of the shares of a ring with the published ones."""
    rows = []
    for row in ring_balance(1000, PUBLISHED, BALANCE_SEEDS):
        points = row["points"]
        line({"bench": "hashing", **row})
        near(f"ring: std of share, {points} points", PUBLISHED[points], row["std"])
        rows.append([f"{value:.4g}" for value in row.values()])
    title = "shares on a ring of 1,000 nodes, in mean shares; 10 rings each"
    columns = ["points", "1/sqrt(v)", "exact", "ours", "99 % from", "to", "largest"]
    table(title, columns, rows)


def moves() -> None:
    """Compare what moves with the least that has to."""
    rows = []
    for way in WAYS:
        settings = {"points": 1000} if way is Ring else {}
        row = moved(way, 10, 20_000, MOVE_SEEDS, **settings)
        line({"bench": "hashing", **row})
        rows.append([row["way"], *(f"{row[name]:.4f}" for name in list(row)[2:])])
        if way in (Ring, Rendezvous, Jump):
            near(f"{row['way']}: moved, 10 -> 11", row["theory"], row["added"])
    columns = ["way", "least", "added", "for nothing", "removed", "for nothing"]
    table("share of keys that moves at 10 nodes; 20 seeds", columns, rows)
    exact = sum(jump(*asked) == bucket for asked, bucket in VECTORS.items())
    ok = exact == len(VECTORS)
    figure("jump: published vectors", "all 5 exact", f"{exact} of 5", ok=ok)


def maglev() -> None:
    """Compare the largest and the smallest share of Maglev's table."""
    taken = Maglev(names(1000, 7)).table
    counts = [taken.count(node) for node in set(taken)]
    above = max(counts) * 1000 / len(taken) - 1
    ok = len(counts) == 1000 and above <= 0.02
    figure(
        "maglev: largest share, 1,000 nodes", "at most 2 % above", f"{above:.2%}", ok=ok
    )


def microseconds(call: Callable[[], Any], per: int) -> float:
    """Return the median time of `call`, divided by `per`."""
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) / per * 1e6)
    return statistics.median(took)


def speed() -> None:
    """Time an owner and the building, for each way, by number of nodes."""
    keys, rows = some_keys(KEYS, 7), []
    for nodes in (10, 100, 1000):
        for way in WAYS:
            some, asked = names(nodes, 7), keys[: 20 * KEYS // nodes]
            placement = way(some)
            found_us = microseconds(
                lambda p=placement, a=asked: [p.owner(k) for k in a], len(asked)
            )
            built_us = microseconds(lambda w=way, s=some: w(s), 1)
            measured = {"way": way.__name__, "nodes": nodes}
            took = {
                "owner_us": round(found_us, 3),
                "build_ms": round(built_us / 1e3, 3),
            }
            line({"bench": "hashing", **measured, **took})
            rows.append([way.__name__, *(str(x) for x in (nodes, *took.values()))])
    table("time", ["way", "nodes", "owner, us", "building, ms"], rows)


def main() -> None:
    """Measure and report."""
    shares()
    moves()
    maglev()
    speed()


if __name__ == "__main__":
    main()
