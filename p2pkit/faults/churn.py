"""Churn as data: how long nodes stay and stay away, and who goes and comes when.

A model draws times; it kills nobody. Whoever runs a cluster or a simulation takes the
next event, lets time pass until then, and does what it says.
Source: for exponential lifetimes I. Stoica et al., "Chord", ToN 2003, section 6.4; for
heavy tails D. Stutzbach and R. Rejaie, "Understanding Churn in Peer-to-Peer Networks",
IMC 2006: Weibull with a shape of 0.34 to 0.59.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from math import gamma
from typing import Annotated, NamedTuple, Protocol

from msgspec import Meta

from p2pkit.core import LocalProtocolError, Rng, Settings

Seconds = Annotated[float, Meta(gt=0.0)]
KILL, RESTART = "kill", "restart"
"""What happens to a node; the words are verbs of a cluster."""


class Duration(Protocol):
    """How long something lasts."""

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        ...

    def draw(self, rng: Rng) -> float:
        """Return one duration in seconds."""
        ...


class _Time(Settings, frozen=True, tag=True):
    mean_s: Seconds

    def __post_init__(self) -> None:
        if not self.mean_s > 0:
            reason = f"mean_s is a time of more than 0 s, not {self.mean_s}"
            raise LocalProtocolError(reason)


class Always(_Time, frozen=True, tag=True):
    """The same duration each time."""

    def draw(self, rng: Rng) -> float:
        """Return it; no chance is used up."""
        return self.mean_s


class Memoryless(_Time, frozen=True, tag=True):
    """Exponential durations: whoever stayed long is as likely to go as others."""

    def draw(self, rng: Rng) -> float:
        """Return one duration in seconds."""
        return rng.expovariate(1.0 / self.mean_s)


class HeavyTail(_Time, frozen=True, tag=True):
    """Weibull durations: many short ones and, for a shape below 1, a few very long."""

    shape: Annotated[float, Meta(gt=0.05, le=20.0)] = 0.5

    def draw(self, rng: Rng) -> float:
        """Return one duration in seconds."""
        scale_s = self.mean_s / gamma(1.0 + 1.0 / self.shape)
        return rng.weibullvariate(scale_s, self.shape)


class Change(NamedTuple):
    """One node goes or comes: when, the place of the node, ``kill`` or ``restart``."""

    at_s: float
    node: int
    what: str


class Churn(Settings, frozen=True):
    """Nodes that come and go on their own, each by itself.

    Parameters
    ----------
    session, downtime : Duration
        How long a node stays, and how long it stays away.

    Examples
    --------
    >>> from p2pkit.core.driver import seeded
    >>> churn = Churn(session=Always(mean_s=10.0), downtime=Always(mean_s=2.0))
    >>> [tuple(one) for one in churn.changes(seeded(7), [3], until_s=25.0)]
    [(10.0, 3, 'kill'), (12.0, 3, 'restart'), (22.0, 3, 'kill'), (24.0, 3, 'restart')]
    """

    session: Always | Memoryless | HeavyTail
    downtime: Always | Memoryless | HeavyTail

    @property
    def alive(self) -> float:
        """Share of the nodes that are alive in the long run, 0 to 1."""
        return self.session.mean_s / (self.session.mean_s + self.downtime.mean_s)

    def changes_hz(self, nodes: int) -> float:
        """Return how many nodes go a second, and as many come, in the long run."""
        return nodes / (self.session.mean_s + self.downtime.mean_s)

    def changes(
        self, rng: Rng, nodes: Iterable[int], until_s: float
    ) -> Iterator[Change]:
        """Yield who goes and comes until `until_s`, in order of time.

        All nodes are alive at 0. Each node's next change is drawn when its last one
        was taken, so memory is one entry a node.
        """
        coming = [Change(self.session.draw(rng), node, KILL) for node in nodes]
        heapq.heapify(coming)
        while coming and coming[0].at_s < until_s:
            change = coming[0]
            goes = change.what == KILL
            wait_s = (self.downtime if goes else self.session).draw(rng)
            what = RESTART if goes else KILL
            heapq.heapreplace(coming, Change(change.at_s + wait_s, change.node, what))
            yield change
