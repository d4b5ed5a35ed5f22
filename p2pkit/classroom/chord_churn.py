"""Lookups while nodes come and go: Chord's churn experiment, on either carrier.

Source: I. Stoica et al., "Chord", ToN 2003, section 6.4: 1000 nodes, stabilizing every
15 to 45 s, one lookup a second, 0.05 to 0.4 joins and leaves a second. Time-outs rise
from 0.05 to 0.46 a lookup, and of 10,000 lookups 0 to about 15 fail.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from p2pkit.core import Finished, Id, P2PError
from p2pkit.core.driver import seeded
from p2pkit.faults import Change, Churn, Memoryless
from p2pkit.faults.churn import KILL
from p2pkit.observe.ring import hops
from p2pkit.protocols import Chord

if TYPE_CHECKING:
    from p2pkit.cluster import Cluster

AWAY = 0.1
"""Share of its life that a node is away, if only a rate is given; ours."""


def churn_at(rate_hz: float, nodes: int) -> Churn:
    """Return exponential lifetimes by which `rate_hz` nodes go each second."""
    life_s = nodes / rate_hz
    return Churn(
        session=Memoryless(mean_s=(1 - AWAY) * life_s),
        downtime=Memoryless(mean_s=AWAY * life_s),
    )


def churn_run(
    churn: Churn,
    seed: int,
    nodes: int = 1000,
    seconds: float = 1000.0,
    lookups_hz: float = 1.0,
    leave: bool = True,
    carrier: str = "virtual",
    processes: int | None = None,
    **settings: Any,
) -> dict[str, float]:
    """Look keys up while nodes come and go.

    Parameters
    ----------
    churn : Churn
        How long nodes stay and stay away; `churn_at` makes one of a rate.
    seed : int
        Starts every generator.
    nodes : int
        How many there are at first; all begin alive.
    seconds, lookups_hz : float
        How long, and how many lookups a second of it.
    leave : bool
        Whether nodes say goodbye as in the paper, or just die.
    carrier, processes : str, int
        As of `Cluster`; a real run takes `seconds` of real time.
    **settings
        Settings of Chord; the paper's are ``stabilize_s=30, successors=20``.

    Returns
    -------
    dict
        `lookups`, `failed_per_10k` (no answer, or not the owner among those alive),
        `timeouts` and `hops` a lookup, `went` and `came`.
    """
    from p2pkit.cluster import Cluster

    rng, limit_s = seeded(seed, "churn"), 600.0
    with Cluster(
        Chord, nodes, processes, seed=seed, carrier=carrier, progress="none",
        timeout_s=limit_s, **settings,
    ) as cluster:  # fmt: skip
        cluster.wait_ready()
        began_s = cluster.now()
        tally = _Tally(cluster)
        changes = churn.changes(rng, range(nodes), seconds)
        for at_s, change in _with_lookups(changes, seconds, 1.0 / lookups_hz):
            left_s = began_s + at_s - cluster.now()
            if left_s > 0:
                cluster.advance(left_s)
            if change is None:
                tally.look_up(rng.random(), rng.getrandbits(cluster.config.id_bits))
            else:
                tally.change(change.node, goes=change.what == KILL, leave=leave)
        return tally.row()


def _with_lookups(
    changes: Iterator[Change], seconds: float, every_s: float
) -> Iterator[tuple[float, Change | None]]:
    """Yield changes, and None for each lookup between them, in order of time."""
    number, change = 1, next(changes, None)
    while (at_s := number * every_s) <= seconds or change is not None:
        if change is not None and change.at_s <= at_s:
            yield change.at_s, change
            change = next(changes, None)
        else:
            yield at_s, None
            number += 1


class _Tally:
    """What became of the lookups so far."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.lookups = self.failed = self.timeouts = self.hops = 0
        self.went = self.came = 0

    def look_up(self, pick: float, key: int) -> None:
        """Look a key up from one of the nodes that are alive."""
        alive = self.cluster.alive
        node = alive[int(pick * len(alive))]
        try:
            found = node.lookup(Id(key)).id
        except P2PError:
            found = None
        ids = sorted(one.id for one in self.cluster.alive)
        self.lookups += 1
        self.failed += found != ids[bisect_left(ids, key) % len(ids)]
        last = self.cluster.trace[-1].event
        if isinstance(last, Finished) and last.verb == "lookup":
            self.hops += hops(last)
            self.timeouts += sum(one.outcome != "answered" for one in last.steps)

    def change(self, index: int, *, goes: bool, leave: bool) -> None:
        """Let a node go or come back."""
        state = self.cluster[index].state
        if goes and state == "alive" and len(self.cluster.alive) > 2:
            self.went += 1
            self.cluster.stop(index) if leave else self.cluster.kill(index)
        elif not goes and state == "dead":
            self.came += 1
            self.cluster.restart(index)

    def row(self) -> dict[str, float]:
        """Return the means."""
        count = max(1, self.lookups)
        return {
            "lookups": self.lookups,
            "failed_per_10k": 10_000 * self.failed / count,
            "timeouts": self.timeouts / count,
            "hops": self.hops / count,
            "went": self.went,
            "came": self.came,
        }
