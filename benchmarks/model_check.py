"""How much of a small ring can be explored, and what is found: states and seconds.

Rings of up to five places, up to three joins and failures. What takes longer than the
tests may is here; a layout that ends at the limit of states says so.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.report import figure, line, table
from p2pkit.classroom.model_check import explore
from p2pkit.protocols.chord import Chord
from p2pkit.protocols.chord.naive import NaiveChord

# Layout, joins and failures, joins and rounds at once.
RINGS = (
    ("SSSN", 2, 2), ("SSSFN", 3, 1), ("SSFSN", 3, 1), ("SSNSF", 3, 1),
    ("SSSNN", 3, 1), ("SSNSN", 3, 1), ("SSSFN", 3, 2), ("SSSNN", 2, 2),
)  # fmt: skip
LIMIT = 2_000_000


def main() -> None:
    """Explore and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=LIMIT, help="states a ring")
    limit, rows = parser.parse_args().limit, []
    for layout, events, at_once in RINGS:
        began = time.perf_counter()
        seen = explore(Chord, layout, events, True, at_once, limit, successors=2)
        took_s = time.perf_counter() - began
        name = f"{layout}, {events} events, {at_once} at once"
        counts = {"states": seen.states, "steps": seen.transitions}
        line({"bench": "model_check", "ring": name, **counts, "seconds": took_s})
        found = str(seen).partition(": ")[2]
        # What ends at the limit proves nothing, and says so; nothing wrong was found.
        target = "all in order" if seen.complete else f"none of {limit:,} wrong"
        figure(f"Chord {name}", target, found, ok=seen.violation is None)
        rows.append(
            [name, f"{seen.states:,}", f"{seen.transitions:,}", f"{took_s:.1f}"]
        )
    naive = explore(NaiveChord, "SSN", 2)
    said = naive.violation.reason if naive.violation else "nothing"
    figure("naive twin, SSN, 2 events", "a violation", said, ok=not naive)
    table("rings explored", ["ring", "states", "steps", "s"], rows)


if __name__ == "__main__":
    main()
