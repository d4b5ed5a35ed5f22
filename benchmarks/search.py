"""Searches among ten thousand servents in virtual time: how long, and what they cost.

Run as ``python -m benchmarks.search``; prints JSON lines. The tables are those of
``p2pkit bench search``, each part in a process of its own, so that its minute is its
own; what misses its gate is a missed figure as well.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import subprocess
import sys
import time

from benchmarks.report import figure, line
from p2pkit.classroom.search_experiments import NO_FILE, network
from p2pkit.classroom.search_overlay import Overlay
from p2pkit.classroom.search_tables import PARTS
from p2pkit.protocols.gnutella import Flood

RUNS = 5
NODES = 10_000
SEED = 7
MINUTE_S = 60.0


def flood() -> None:
    """Print how long ten thousand servents take to link up, and to flood once."""
    links = network("random", NODES, 4, SEED)
    gc.collect()
    began_s = time.perf_counter()
    overlay = Overlay(links, SEED)
    built_s = time.perf_counter() - began_s
    took_s = []
    for asker in range(RUNS):
        began_s = time.perf_counter()
        outcome = overlay.search(asker, NO_FILE, Flood(ttl=7))
        took_s.append(time.perf_counter() - began_s)
        rate = outcome.questions / took_s[-1]
        line({"what": "flood", "messages": outcome.questions, "messages/s": rate})
    reached = f"{statistics.median(took_s):.2f} s, after {built_s:.1f} s to link up"
    ok = statistics.median(took_s) < 2
    figure("a flood of 10,000 nodes, TTL 7, degree 4", "2 s", reached, ok=ok)


def part(name: str) -> None:
    """Run one part of the tables, and print its time and what missed its gate."""
    command = [sys.executable, "-m", "p2pkit.cli", "bench", "search"]
    began_s, before = time.perf_counter(), _processor_s()
    done = subprocess.run(
        [*command, "--variant", name, "--json"], capture_output=True, text=True
    )
    wall_s, busy_s = time.perf_counter() - began_s, _processor_s() - before
    rows = [json.loads(text) for text in done.stdout.splitlines()]
    for row in rows:
        line({"what": name, **row})
    judged = [row for row in rows if row["ok"] is not None]
    missed = [f"{row['setting']}: {row['quantity']}" for row in judged if not row["ok"]]
    reached = f"{wall_s:.0f} s, {busy_s:.0f} s of them busy"
    ok = bool(judged) and wall_s < MINUTE_S
    figure(f"{name}, ten thousand nodes", "60 s", reached, ok=ok)
    reached = f"{len(judged) - len(missed)} of {len(judged)}"
    reached += f"; missed: {'; '.join(missed)}" if missed else ""
    figure(f"{name}, within gates", "all", reached, ok=bool(judged) and not missed)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print every figure."""
    flood()
    for name in PARTS:
        part(name)


if __name__ == "__main__":
    main()
