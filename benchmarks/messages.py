"""Messages a second through each driver, with nothing but a ping on top.

Run as ``python -m benchmarks.messages``; prints the medians of five runs as JSON
lines. A message counts once: encoded and sent, received and decoded.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from benchmarks.echo import Echo
from benchmarks.report import figure, line
from p2pkit.core import Node
from p2pkit.net import Network
from p2pkit.sim import Simulation

RUNS = 5
NODES = 100
MESSAGES = 50_000
LIMIT_S = 60.0


def received(nodes: list[Node]) -> int:
    """Return how many messages the nodes have received together."""
    return sum(
        tally.messages for node in nodes for tally in node.counters.received.values()
    )


def ring(nodes: list[Node]) -> None:
    """Have each node ask the next one."""
    for node, after in zip(nodes, nodes[1:] + nodes[:1], strict=True):
        node.protocol.ask(after.me.address)


def virtual() -> float:
    """Return the messages a second of CPU time in virtual time."""
    simulation = Simulation(seed=7)
    nodes: list[Node] = [
        simulation.add(f"n{i:02}", Echo, (f"127.1.0.{i + 1}", 7000))
        for i in range(NODES)
    ]
    ring(nodes)
    began_s = time.process_time()
    simulation.advance(0.01 * MESSAGES / NODES)
    return received(nodes) / (time.process_time() - began_s)


def sockets(pairs: int) -> float:
    """Return the messages a second of wall time over loopback UDP, one process."""

    async def run() -> float:
        async with Network(seed=7) as network:
            nodes: list[Node] = [
                network.add(f"n{i:02}", Echo, ("127.0.0.1", 0))
                for i in range(2 * pairs)
            ]
            began_s = time.perf_counter()
            ring(nodes)
            await network.run_until(
                lambda: sum(node.protocol.answers for node in nodes) >= MESSAGES // 2,
                LIMIT_S,
            )
            return received(nodes) / (time.perf_counter() - began_s)

    return asyncio.run(run())


def main() -> None:
    """Print every figure."""
    report("virtual time, 100 nodes", virtual, 150_000)
    report("UDP, one pair", lambda: sockets(1), 40_000)
    report("UDP, 50 pairs", lambda: sockets(NODES // 2), 40_000)


def report(what: str, measure: Callable[[], float], wanted: float) -> None:
    """Print the median of several runs, and the runs."""
    runs = [measure() for _ in range(RUNS)]
    median = statistics.median(runs)
    line({"what": what, "unit": "messages/s", "runs": [round(run) for run in runs]})
    target, reached = f"{wanted:,.0f} messages/s", f"{median:,.0f} messages/s"
    figure(what, target, reached, ok=median >= wanted)


if __name__ == "__main__":
    main()
