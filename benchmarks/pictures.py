"""How long pictures of large overlays take: places, SVG, PNG, a space-time diagram.

Run as ``python -m benchmarks pictures``. Processor time, medians of five runs: what a
person waits for on a machine that has nothing else to do.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx

from benchmarks.report import figure, line
from p2pkit.core import topologies
from p2pkit.observe.flights import Flight
from p2pkit.view import space_time, still
from p2pkit.view.layout import LAYOUTS, places
from p2pkit.view.layouter import Layouter

RUNS = 5
NODES = 1000
MESSAGES = 300


def overlay() -> nx.DiGraph[str]:
    """Return nodes with four random neighbors each."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    names = [f"n{i:04}" for i in range(NODES)]
    for i, name in enumerate(names):
        address = f"127.0.{i // 250}.{i % 250 + 1}:6881"
        # A multiplier without small factors spreads the ids.
        number = i * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276B % 2**160
        graph.add_node(name, id=number, address=address, state="alive")
    for a, b in topologies.regular(NODES, 4, 7):
        graph.add_edge(names[a], names[b], kind="active", kinds=("active",))
    return graph


def took_s(call: Callable[[], object]) -> float:
    """Return the median of the processor time that a call takes, in seconds."""
    call()  # what is imported on first use does not count
    times = []
    for _ in range(RUNS):
        began_s = time.process_time()
        call()
        times.append(time.process_time() - began_s)
    return statistics.median(times)


def bound(name: str, limit_s: float, call: Callable[[], object]) -> None:
    """Print a figure: how long a call takes, and how long it may."""
    reached_s = took_s(call)
    target = f"at most {limit_s:g} s"
    figure(name, target, f"{reached_s:.3f} s", ok=reached_s <= limit_s)


def main() -> None:
    """Measure and print."""
    graph = overlay()
    for layout in LAYOUTS:
        seconds = took_s(lambda layout=layout: places(graph, layout))
        line({"layout": layout, "nodes": NODES, "seconds": round(seconds, 4)})
    bound(f"force layout, {NODES:,} nodes", 1.0, lambda: places(graph, "force"))
    layouter = Layouter("force")
    layouter.update(graph.subgraph(list(graph)[1:]).copy())

    def join() -> None:
        layouter.places.pop("n0000", None)
        layouter.update(graph)

    bound(f"one node joins {NODES:,} by force", 0.1, join)
    bound(
        f"still of {NODES:,} nodes as SVG",
        0.5,
        lambda: still(graph, layout="circle").svg(),
    )
    names = list(graph)[:40]
    flights = [
        Flight(i / 1000, i / 1000 + 0.01, names[i % 40], names[i * 7 % 40], "P", b"")
        for i in range(MESSAGES)
    ]
    bound(f"diagram of {MESSAGES} messages", 0.2, lambda: space_time(flights).html())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.png"
        shown = still(graph, layout="circle")
        bound(f"still of {NODES:,} nodes as PNG", 3.0, lambda: shown.save(file))


if __name__ == "__main__":
    main()
