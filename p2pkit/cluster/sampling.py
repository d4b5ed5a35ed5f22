"""Sampling: the messages of one driver, all counted, some looked at, on its tap.

What is sent is counted by its pair and kind, which costs 0.3 us a message: nothing
beside what most protocols do with it, and 4 % of a flood of pings. So in a flood the
rest of a batch is left to the nodes' own counters, unless somebody asked for pairs. A
bounded number of a batch is looked at: they become marks, and the last of each node
are kept.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from p2pkit.cluster.news import MarkNews
from p2pkit.core import Address, Node, Sighting

RECENT = 50
"""Messages of one node that are kept to be looked at."""
MAX_PAIRS = 100_000
"""Pairs and kinds that a host counts apart; the rest is one sum a node."""
COUNTED = 250
"""Messages of a batch that a host counts by pair: 5,000 a second."""
EXACT_S = 60.0
"""How long all are counted by pair after somebody has asked for one."""
OTHERS: Address = ("", 0)
"""Stands for the peers beyond `MAX_PAIRS`."""
MAX_FLYING = 20_000
"""Messages of the sample that may be on their way at a time, in virtual time."""
UNSETTLED_S = 10.0
"""How long a message of the sample may be on its way until it is told as lost."""


class Sampler:
    """The tap of a driver whose nodes are watched, see `core.Tap`.

    Parameters
    ----------
    nodes : mapping of str to Node
        The driver's nodes by name, as they are now.
    now : callable
        Tells the seconds since the run began.
    sample : int
        Messages a batch that are looked at.

    Attributes
    ----------
    pairs : dict
        Messages and bytes by the sender's name, the peer's address, and the class.
    """

    def __init__(
        self, nodes: Mapping[str, Node], now: Callable[[], float], sample: int
    ) -> None:
        self.sample = sample
        self.pairs: dict[tuple[str, Address, type], list[int]] = {}
        self._recent: dict[str, deque[Sighting]] = {}
        self._nodes, self._now = nodes, now
        self._marks: list[MarkNews] = []
        self._sightings: list[Sighting] = []
        self._taken = self._window = 0
        self._exact_until_s = 0.0
        self._open()

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Count a message, and look at it while there is room."""
        # The hot path of watching: a try costs nothing where the pair is known.
        try:
            tally = self.pairs[node.name, to, message.__class__]
        except KeyError:
            tally = self._open_pair(node.name, to, message.__class__)
        tally[0] += 1
        tally[1] += len(data)
        self._count_room -= 1
        if self._count_room <= 0:
            self._look()
        if self._looks:
            self._look_at(node.name, to, message, data)

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Look at a message that arrived, while there is room."""
        kind = message.__class__.__name__
        seen = Sighting(self._now(), node.name, sender, "heard", kind, data)
        self._keep_seen(seen)
        self._hear_room -= 1
        if self._hear_room <= 0:
            self._look()

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Look at a message that got lost here."""
        if self._looks or self._window:
            seen = Sighting(self._now(), node.name, peer, "lost", "", data, reason)
            self._keep_seen(seen)

    def take(self) -> tuple[list[MarkNews], int, list[Sighting]]:
        """Return the marks, how many messages became one, and the sightings.

        All since the last call; a new batch begins.
        """
        taken = self._marks, self._taken, self._sightings
        self._marks, self._sightings = [], []
        self._open()
        return taken

    def listen(self, limit: int) -> None:
        """Record messages whole until `limit` were sent."""
        self._window = max(self._window, limit)
        self._look()

    def unlisten(self) -> None:
        """Record messages whole no more."""
        self._window = 0
        self._look()

    def recent(self, name: str) -> list[Sighting]:
        """Return the last messages of one node that were looked at."""
        return list(self._recent.get(name, ()))

    def traffic(self, name: str) -> list[tuple[Address, str, int, int]]:
        """Return what a node sent: peer, kind, messages and bytes.

        Exact, but for what a flood of more than `COUNTED` messages a batch held before
        the first call; from then on everything is counted.
        """
        self._exact_until_s = self._now() + EXACT_S
        self._count_room = sys.maxsize
        self._look()
        return [
            (to, kind.__name__, tally[0], tally[1])
            for (source, to, kind), tally in self.pairs.items()
            if source == name
        ]

    def _open_pair(self, name: str, to: Address, kind: type) -> list[int]:
        if len(self.pairs) >= MAX_PAIRS:
            to, kind = OTHERS, object
        return self.pairs.setdefault((name, to, kind), [0, 0])

    def _keep_seen(self, seen: Sighting) -> None:
        recent = self._recent.get(seen.node)
        if recent is None:
            recent = self._recent[seen.node] = deque(maxlen=RECENT)
        recent.append(seen)
        if self._window:
            self._sightings.append(seen)

    def _open(self) -> None:
        self._room = self._hear_room = self.sample
        self._count_room = COUNTED
        if self._exact_until_s > self._now():
            self._count_room = sys.maxsize
        self._taken = 0
        self._last: bytes | None = None
        self._look()

    def _look(self) -> None:
        self._looks = self._room > 0 or self._window > 0
        self.sends = self._looks or self._count_room > 0
        self.hears = self._hear_room > 0 or self._window > 0

    def _look_at(self, name: str, to: Address, message: Any, data: bytes) -> None:
        kind, at_s = message.__class__.__name__, self._now()
        seen = Sighting(at_s, name, to, "sent", kind, data)
        self._keep_seen(seen)
        if self._window:
            self._window -= 1
        if self._room:
            self._room -= 1
            self._taken += 1
            self._keep(MarkNews(name, to, kind, at_s, len(data)), data)
        self._look()

    def _keep(self, mark: MarkNews, data: bytes) -> None:
        """Keep a mark of the sample; when it arrives is another host's to know."""
        self._marks.append(mark)


class FlightSampler(Sampler):
    """A sampler in virtual time: a mark is kept when its message has arrived."""

    def __init__(
        self, nodes: Mapping[str, Node], now: Callable[[], float], sample: int
    ) -> None:
        self._flying: dict[bytes, deque[MarkNews]] = {}
        self._aloft = 0
        super().__init__(nodes, now, sample)

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Look at a message that arrived, and end its flight."""
        super().heard(node, sender, message, data)
        if data in self._flying:
            self._end(node, sender, data, ok=True)

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Look at a message that got lost here, and end its flight."""
        super().lost(node, peer, data, reason)
        if data in self._flying:
            self._end(node, peer, data, ok=False)

    def take(self) -> tuple[list[MarkNews], int, list[Sighting]]:
        """Return the same, and as lost what has been on its way for too long."""
        before_s = self._now() - UNSETTLED_S
        late = [
            (data, mark)
            for data, flying in self._flying.items()
            for mark in flying
            if mark.at_s < before_s
        ]
        for data, mark in late:
            self._land(data, mark, ok=False)
        return super().take()

    def _look(self) -> None:
        super()._look()
        self.sends = self.hears = True

    def _keep(self, mark: MarkNews, data: bytes) -> None:
        if self._aloft >= MAX_FLYING:
            self._marks.append(mark)
            return
        self._flying.setdefault(data, deque()).append(mark)
        self._aloft += 1

    def _end(self, node: Node, peer: Address, data: bytes, *, ok: bool) -> None:
        flying = self._flying[data]
        if not ok:  # what is lost where it began was sent just now
            for mark in reversed(flying):
                if mark.source == node.name and mark.to == peer:
                    self._land(data, mark, ok=False)
                    return
        for mark in flying:
            if self._leads(mark, peer, node.me.address):
                self._land(data, mark, ok=ok)
                return

    def _leads(self, mark: MarkNews, peer: Address, here: Address) -> bool:
        """Tell whether a mark's message comes from `peer` and goes to `here`.

        On a stream one of the two ends is named by its host alone.
        """
        source = self._nodes[mark.source].me.address
        return (mark.to == here and source[0] == peer[0]) or (
            source == peer and mark.to[0] == here[0]
        )

    def _land(self, data: bytes, mark: MarkNews, *, ok: bool) -> None:
        flying = self._flying[data]
        flying.remove(mark)
        self._aloft -= 1
        if not flying:
            del self._flying[data]
        mark.took_s, mark.ok = self._now() - mark.at_s, ok
        self._marks.append(mark)


class LossSampler(Sampler):
    """A sampler on sockets: a mark is kept at once, and lost if its sender knows."""

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Look at a message that got lost here; if it is the last one, say so."""
        super().lost(node, peer, data, reason)
        if self._last is data:
            self._marks[-1].ok = False

    def _keep(self, mark: MarkNews, data: bytes) -> None:
        super()._keep(mark, data)
        self._last = data
