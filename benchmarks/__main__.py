"""Run the benchmarks, or those named, and print one table of figures to reach.

Each runs in a process of its own, one after the other, so none warms another's
caches. Their JSON lines are passed on; lines with a ``figure`` make up the table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from benchmarks.report import table

NAMES = (
    "imports",
    "messages",
    "lookups",
    "cluster_start",
    "networks",
    "hashing",
    "model_check",
    "gossip",
    "broadcast",
    "swim",
    "vivaldi",
    "chord",
    "gnutella",
    "search",
    "watched",
    "capture",
    "packets",
    "one_packet",
    "pictures",
    "grading",
    "dht_compare",
    "live",
)


def run(name: str) -> list[dict[str, Any]]:
    """Run one benchmark, pass its lines on, and return its figures."""
    print(f"--- {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    figures = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for text in child.stdout:
            print(text, end="", flush=True)
            if text.startswith("{"):
                found = json.loads(text)
                figures += [found] if "figure" in found else []
    if child.returncode:
        reached = f"ended with status {child.returncode}"
        figures.append({"figure": name, "target": "runs", "reached": reached})
    return figures


def main() -> int:
    """Run what was asked for; return 1 if a figure was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; there are {NAMES}")
    rows = []
    for name in names:
        if find_spec(f"benchmarks.{name}") is None:
            rows.append([name, "is there", "left out: no such module", "-"])
            continue
        for one in run(name):
            verdict = "yes" if one.get("ok") else "no"
            rows.append([one["figure"], one["target"], one["reached"], verdict])
    table("figures to reach", ["figure", "target", "reached", "ok"], rows)
    return int(any(row[-1] == "no" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
