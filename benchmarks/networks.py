"""What a private network costs: starting in it, and the messages that cross it.

Run as ``python -m benchmarks.networks``. Clusters on the host's network and in a
private one take turns, so both are measured under the same load of the machine; the
figures are medians of what each round has of both.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.echo import Echo
from benchmarks.report import figure, line
from benchmarks.watched import Rate, TimedEcho, rate
from p2pkit import Cluster
from p2pkit.cluster.network import why_no_private_network

ROUNDS = 7
NODES, PROCESSES = 100, 2
NETWORKS = ("host", "private")
STARTS = (4, 64)
"""Host processes to start, each with one node."""
SLOWER = 0.10
"""Share of the time to start, and of throughput, that a private network may cost."""


def start_s(processes: int, network: str) -> float:
    """Return how long a cluster takes until every node has joined, in seconds."""
    began_s = time.perf_counter()
    # `Echo` lies in a small module: every host process loads that of its class.
    with Cluster(Echo, processes, processes, seed=7, network=network, progress="none"):
        return time.perf_counter() - began_s


def throughput(network: str) -> Rate:
    """Return the rates of a flood of pings."""
    with Cluster(
        TimedEcho, NODES, PROCESSES, seed=7, network=network, progress="none"
    ) as cluster:
        addresses = cluster.addresses
        for node, after in zip(cluster, addresses[1:] + addresses[:1], strict=True):
            node.ask(after)
        return rate(cluster)


def report(what: str, unit: str, host: list[float], private: list[float]) -> None:
    """Print the rounds of both, and what a private network costs."""
    for network, runs in zip(NETWORKS, (host, private), strict=True):
        rounded = [round(one, 3) for one in runs]
        line({"what": f"{what}, {network}", "unit": unit, "runs": rounded})
    ratio = statistics.median(b / a for a, b in zip(host, private, strict=True))
    cost = ratio - 1 if unit == "s" else 1 - ratio
    name = f"private network: cost of {what}"
    figure(name, f"< {SLOWER:.0%}", f"{cost:.1%}", ok=cost < SLOWER)


def main() -> None:
    """Measure and report; nothing where there is no private network."""
    if (refused := why_no_private_network()) is not None:
        line({"what": "private network", "refused": str(refused)})
        return
    for processes in STARTS:
        starts = [[start_s(processes, one) for one in NETWORKS] for _ in range(ROUNDS)]
        host, private = zip(*starts, strict=True)
        report(f"starting {processes} processes", "s", list(host), list(private))
    rates = [[throughput(one) for one in NETWORKS] for _ in range(ROUNDS)]
    for kind, said in (("wall", "throughput"), ("cpu", "messages a host CPU second")):
        host, private = zip(
            *([getattr(one, kind) for one in pair] for pair in rates), strict=True
        )
        report(said, "messages/s", list(host), list(private))


if __name__ == "__main__":
    main()
