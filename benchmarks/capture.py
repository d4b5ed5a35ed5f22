"""What capturing costs, and what it loses: a cluster that says as much as it can.

Run as ``python -m benchmarks.capture``. Capturing begins and ends on the same cluster
again and again, so all are measured under the same load of the machine; each round's
share is taken with its neighbors in time, and the median is the figure. Then nodes
say 50,000 datagrams a second for ten seconds, and the balance is printed.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.echo import Echo
from benchmarks.report import figure, line
from benchmarks.watched import PROCESSES, Rate, TimedEcho, rate
from p2pkit import Cluster
from p2pkit.core import Address, CaptureError

NODES = 100
ROUNDS = 10
COSTS = {"ring": 0.03, "tap": 0.15}
"""Share of throughput that each source may cost."""

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


def round_with(cluster: Cluster, source: str, folder: Path) -> Rate:
    """Return the rates of one round that is captured."""
    with cluster.capture(folder / f"{source}.pcapng", source):
        return rate(cluster)


def costs(folder: Path) -> None:
    """Print what each source costs of throughput, wall time and processor time."""
    rounds: dict[str, list[Rate]] = {"off": [], **{one: [] for one in COSTS}}
    with Cluster(TimedEcho, NODES, PROCESSES, seed=7, progress="none") as cluster:
        addresses = cluster.addresses
        for node, after in zip(cluster, addresses[1:] + addresses[:1], strict=True):
            node.ask(after)
        for _ in range(ROUNDS):
            for source in COSTS:
                rounds["off"].append(rate(cluster))
                rounds[source].append(round_with(cluster, source, folder))
    for kind in Rate._fields:
        report(
            kind,
            {
                name: [getattr(one, kind) for one in some]
                for name, some in rounds.items()
            },
        )


def report(kind: str, rounds: dict[str, list[float]]) -> None:
    """Print the rates of one kind, and the share that each source costs."""
    for place, (source, most) in enumerate(COSTS.items()):
        off = rounds["off"][place :: len(COSTS)]
        shares = [1 - on / was for on, was in zip(rounds[source], off, strict=True)]
        cost = statistics.median(shares)
        line(
            {
                "what": f"{source}: messages per second, {kind}",
                "runs": [round(x) for x in rounds[source]],
            }
        )
        figure(
            f"{source} costs, {kind}", f"< {most:.0%}", f"{cost:.1%}", ok=cost < most
        )


def flood(folder: Path, source: str) -> None:
    """Print the balance of ten seconds at full rate."""
    with Cluster(PacedEcho, NODES, PROCESSES, seed=7, progress="none") as cluster:
        half = NODES // 2
        try:
            with cluster.capture(folder / "flood.pcapng", source) as packets:
                for index in range(half):
                    to = cluster[index + half].address
                    cluster[index].begin(to, RATE_HZ / half, FLOOD_S)
                cluster.advance(FLOOD_S + 0.5)
        except CaptureError as error:
            line({"what": source, "refused": str(error)})
            return
    found = packets.balance
    rate_hz = found.sent / FLOOD_S
    line({"what": f"{source}: balance", "line": str(found)})
    lost = found.lost + abs(found.missing) + abs(found.unheard)
    figure(
        f"{source}: lost or unaccounted at 50,000/s",
        "0 of 500,000",
        f"{lost} of {found.sent:,} ({rate_hz:,.0f}/s)",
        ok=lost == 0,
    )


def main() -> None:
    """Print what capturing costs and loses."""
    with tempfile.TemporaryDirectory() as name:
        costs(Path(name))
        for source in COSTS:
            flood(Path(name), source)


if __name__ == "__main__":
    main()
