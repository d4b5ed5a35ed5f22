"""Gossip messages a second on sockets, and a thousand sites in virtual time.

Run as ``python -m benchmarks.gossip``; prints JSON lines. A message counts once:
encoded and sent, received and decoded. On UDP all nodes run in one process on one
core, and tell rumors that nobody ever loses interest in, with an answer to each
telling; a bare ping over the same socket and codec is measured beside it, in turns.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Callable

from benchmarks.echo import TypedEcho
from benchmarks.messages import received, ring
from benchmarks.report import figure, line
from p2pkit.classroom.epidemics import NEWS, World
from p2pkit.core import Node
from p2pkit.net import Network
from p2pkit.protocols import Rumor

RUNS = 5
NODES = 16
RUMORS = 8
ROUND_S = 0.002
"""So short that nodes are always behind: the next round waits for the last one."""

MESSAGES = 60_000
LIMIT_S = 60.0
SITES = 1000


def gossip() -> float:
    """Return the gossip messages a second of wall time over loopback UDP."""

    async def run() -> float:
        config = Rumor.Config(forget="never", round_s=ROUND_S, max_rounds=1_000_000)
        async with Network(seed=7) as network:
            nodes: list[Node] = [
                network.add(f"n{i:02}", Rumor, (f"127.2.0.{i + 1}", 0), config=config)
                for i in range(NODES)
            ]
            everybody = tuple(node.me.address for node in nodes)
            for node in nodes:
                node.protocol.bootstrap(everybody)
                for number in range(RUMORS):
                    node.protocol.publish(b"rumor %d" % number)
            before, began_s = received(nodes), time.perf_counter()
            await network.run_until(
                lambda: received(nodes) - before >= MESSAGES, LIMIT_S
            )
            rate = (received(nodes) - before) / (time.perf_counter() - began_s)
            refused = [node.counters.rejected for node in nodes]
            assert not any(refused), refused
            return rate

    return asyncio.run(run())


def pings() -> float:
    """Return the same for pings, which is what the driver can do."""

    async def run() -> float:
        async with Network(seed=7) as network:
            nodes: list[Node] = [
                network.add(f"n{i:02}", TypedEcho, (f"127.2.0.{i + 1}", 0))
                for i in range(NODES)
            ]
            began_s = time.perf_counter()
            ring(nodes)
            await network.run_until(lambda: received(nodes) >= MESSAGES, LIMIT_S)
            return received(nodes) / (time.perf_counter() - began_s)

    return asyncio.run(run())


def thousand_sites(mode: str, k: int) -> tuple[float, float, int]:
    """Return seconds to build, seconds to run to the end, and messages."""
    gc.collect()
    began_s = time.perf_counter()
    world = World(Rumor, SITES, 7, mode=mode, k=k)
    built_s = time.perf_counter()
    world.nodes[0].protocol.publish(NEWS)
    while world.hot:
        world.sim.advance(world.config.round_s)
    ended_s = time.perf_counter()
    return built_s - began_s, ended_s - built_s, received(list(world.nodes))


def main() -> None:
    """Print every figure."""
    rates: dict[Callable[[], float], list[float]] = {gossip: [], pings: []}
    for _ in range(RUNS):
        for measure, runs in rates.items():
            runs.append(measure())
    for measure, runs in rates.items():
        shown = [round(run) for run in runs]
        line({"what": measure.__name__, "unit": "messages/s", "runs": shown})
    rate, bare = (statistics.median(runs) for runs in rates.values())
    reached = f"{rate:,.0f} messages/s ({rate / bare:.2f} of bare pings)"
    target = "40,000 messages/s"
    figure("rumors on UDP, one core", target, reached, ok=rate >= 40_000)
    for mode, k in (("push", 5), ("pull", 3), ("push-pull", 2)):
        found = [thousand_sites(mode, k) for _ in range(RUNS)]
        build_s, run_s = (statistics.median(one[i] for one in found) for i in (0, 1))
        name = f"1,000 sites to the end in virtual time, {mode}, k = {k}"
        reached = f"{build_s + run_s:.2f} s, {build_s:.2f} s of it to build them"
        line({"what": name, "messages": found[0][2], "runs": found})
        figure(name, "1 s", reached, ok=build_s + run_s < 1)


if __name__ == "__main__":
    main()
