"""What watching costs: a flood of pings in a cluster's hosts, with a feed and without.

Run as ``python -m benchmarks.watched``. The feed is opened and closed on the same
cluster again and again, so both are measured under the same load of the machine; each
round's share is taken with its neighbors in time, and the median of all is the figure.
"""

from __future__ import annotations

import operator
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.echo import Echo
from benchmarks.report import figure, line
from p2pkit import Cluster

NODES = 100
PROCESSES = 2
ROUNDS = 20
ROUND_S = 0.5
SETTLE_S = 0.2
LOST = 0.05
"""Share of throughput that watching may cost."""


class TimedEcho(Echo):
    """Tells how much processor time its process has had, too."""

    def cpu_s(self) -> float:
        """Return the processor time of this process so far, in seconds."""
        return time.process_time()


class Rate(NamedTuple):
    """Messages received by all nodes, a second of wall and of the hosts' own time."""

    wall: float
    cpu: float


def now(cluster: Cluster) -> tuple[int, float, float]:
    """Return the messages received so far, the time, and the hosts' own time."""
    messages = sum(one.messages for one in cluster.counters.received.values())
    cpu_s = sum(cluster[host].cpu_s() for host in range(PROCESSES))
    return messages, time.monotonic(), cpu_s


def rate(cluster: Cluster) -> Rate:
    """Return the rates of one round."""
    cluster.advance(SETTLE_S)
    before = now(cluster)
    cluster.advance(ROUND_S)
    messages, wall_s, cpu_s = map(operator.sub, now(cluster), before)
    return Rate(messages / wall_s, messages / cpu_s)


@contextmanager
def feed(cluster: Cluster) -> Iterator[list[int]]:
    """Read a feed in a thread, as a view does; counts frames, marks and let go."""
    counts = [0, 0, 0]

    def read() -> None:
        for frame in frames:
            counts[0] += 1
            counts[1] += len(frame.marks)
            counts[2] += frame.let_go

    with cluster.frames() as frames:
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        yield counts
    reader.join()


def main() -> None:
    """Print what each round reached, and the shares that watching costs."""
    off, on = [], []
    with Cluster(TimedEcho, NODES, PROCESSES, seed=7, progress="none") as cluster:
        addresses = cluster.addresses
        for node, after in zip(cluster, addresses[1:] + addresses[:1], strict=True):
            node.ask(after)
        off.append(rate(cluster))
        for _ in range(ROUNDS):
            with feed(cluster) as counts:
                on.append(rate(cluster))
            off.append(rate(cluster))
    line({"what": "last feed", "unit": "frames, marks, let go", "runs": counts})
    for kind, said in (("wall", "throughput"), ("cpu", "messages a host CPU second")):
        report(said, [getattr(x, kind) for x in off], [getattr(x, kind) for x in on])


def report(what: str, off: list[float], on: list[float]) -> None:
    """Print the rates of one kind, and what watching costs of them."""
    shares = [1 - x / statistics.mean(off[i : i + 2]) for i, x in enumerate(on)]
    for said, runs in (("not watched", off), ("watched", on)):
        unit = "messages/s"
        line(
            {"what": f"{what}, {said}", "unit": unit, "runs": [round(x) for x in runs]}
        )
    line(
        {
            "what": f"{what}, cost",
            "unit": "share",
            "runs": [round(x, 3) for x in shares],
        }
    )
    cost = statistics.median(shares)
    figure(f"watching costs of {what}", f"< {LOST:.0%}", f"{cost:.1%}", ok=cost < LOST)


if __name__ == "__main__":
    main()
