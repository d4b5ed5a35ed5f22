"""What capturing costs, and what it loses: a cluster that says as much as it can.

Run as ``python -m benchmarks.capture``. Capturing begins and ends on the same cluster
again and again, so all are measured under the same load of the machine; each round's
share is taken with its neighbors in time, and the median is the figure. Then nodes
say 50,000 datagrams a second for ten seconds, and the balance is printed.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.echo import Echo
from benchmarks.report import figure, line
from benchmarks.watched import PROCESSES, Rate, TimedEcho, rate
from p2pkit import Cluster
from p2pkit.core import Address, CaptureError, ClusterError

NODES = 100
ROUNDS = 12
COSTS = {"ring": 0.03, "tap": 0.15}
"""Share of throughput that each source may cost."""

CLOCKS = {"wall": "wall time", "cpu": "the hosts' own time"}
FLOODS = (("ring", "host"), ("ring", "private"), ("tap", "host"))
RATE_HZ, FLOOD_S = 50_000, 10.0
TICK_S = 0.002


class PacedEcho(Echo):
    """Says pings at a given rate, and answers none."""

    def begin(self, to: Address, rate_hz: float, seconds: float) -> None:
        """Say pings to a peer until the time is over."""
        self.to, self.rate_hz, self.began_s = to, rate_hz, self.ctx.now()
        self.until_s, self.said = self.began_s + seconds, 0
        self._on_tick()

    def _on_tick(self) -> None:
        now_s = min(self.ctx.now(), self.until_s)
        due = int((now_s - self.began_s) * self.rate_hz)
        for _ in range(due - self.said):
            self.ask(self.to)
        self.said = due
        if now_s < self.until_s:
            self.ctx.after(TICK_S, self._on_tick)

    def receive(self, sender: Address, message: Any) -> None:
        """Only count."""
        self.answers += 1


def captured(cluster: Cluster, source: str, folder: Path) -> Rate:
    """Return the rates of one round that is captured."""
    path = folder / "cost.pcapng"
    # Its line would stand between those of this benchmark.
    with (
        redirect_stdout(StringIO()),
        cluster.capture(path, source, overwrite=True),
    ):
        return rate(cluster)


def costs(folder: Path) -> None:
    """Print what each source costs of throughput, wall time and processor time."""
    with Cluster(TimedEcho, NODES, PROCESSES, seed=7, progress="none") as cluster:
        addresses = cluster.addresses
        for node, after in zip(cluster, addresses[1:] + addresses[:1], strict=True):
            node.ask(after)
        off: dict[str, list[Rate]] = {source: [] for source in COSTS}
        on: dict[str, list[Rate]] = {source: [] for source in COSTS}
        for _ in range(ROUNDS):
            for source in COSTS:
                off[source].append(rate(cluster))
                on[source].append(captured(cluster, source, folder))
                off[source].append(rate(cluster))
    for source, most in COSTS.items():
        for kind in Rate._fields:
            report(source, most, kind, off[source], on[source])


def report(
    source: str, most: float, kind: str, off: list[Rate], on: list[Rate]
) -> None:
    """Print the rates of one kind, and the share that a source costs of them."""
    was, now_is = ([getattr(one, kind) for one in some] for some in (off, on))
    shares = [
        1 - one / statistics.mean(was[2 * i : 2 * i + 2])
        for i, one in enumerate(now_is)
    ]
    said = f"messages a second of {CLOCKS[kind]}"
    for what, runs in (("off", was), (source, now_is)):
        line({"what": f"{said}, {what}", "runs": [round(one) for one in runs]})
    cost = statistics.median(shares)
    name = f"{source} costs of {said}"
    figure(name, f"< {most:.0%}", f"{cost:.1%}", ok=cost < most)


def flood(folder: Path, source: str, network: str) -> None:
    """Print the balance of ten seconds at full rate."""
    half, path = NODES // 2, folder / "flood.pcapng"
    what = f"{source}, {network} network"
    options = {"seed": 7, "progress": "none", "network": network}
    try:
        with Cluster(PacedEcho, NODES, PROCESSES, **options) as cluster:
            began = redirect_stdout(StringIO())
            with began, cluster.capture(path, source, overwrite=True) as packets:
                for index in range(half):
                    to = cluster[index + half].address
                    cluster[index].begin(to, RATE_HZ / half, FLOOD_S)
                cluster.advance(FLOOD_S + 0.5)
    except (CaptureError, ClusterError) as error:
        line({"what": what, "refused": str(error)})
        return
    found = packets.balance
    line({"what": f"{what}: balance", "line": str(found)})
    lost = found.lost + abs(found.missing) + abs(found.unheard)
    reached = f"{lost} of {found.sent:,} ({found.sent / FLOOD_S:,.0f}/s)"
    figure(f"{what}: lost or unaccounted for", "0 at 50,000/s", reached, ok=lost == 0)


def main() -> None:
    """Print what capturing costs and loses."""
    with tempfile.TemporaryDirectory() as name:
        costs(Path(name))
        for source, network in FLOODS:
            flood(Path(name), source, network)


if __name__ == "__main__":
    main()
