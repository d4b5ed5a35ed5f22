"""Sampling: the messages of one driver, all counted, some looked at, on its tap.

Every message is counted by the pair and the kind it belongs to. A bounded number of a
batch is looked at more closely: they become marks, and the last of each node are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from p2pkit.cluster.news import MarkNews
from p2pkit.core import Address, Node, Sighting, Tally

RECENT = 50
"""Messages of one node that are kept to be looked at."""
MAX_PAIRS = 10_000
"""Peers and kinds that one node's traffic is kept apart by; the rest is one sum."""
OTHERS: Address = ("", 0)
"""Stands for all peers beyond `MAX_PAIRS`."""
MAX_FLYING = 20_000
"""Messages of the sample that may be on their way at a time, in virtual time."""
UNSETTLED_S = 10.0
"""How long a message of the sample may be on its way until it is told as lost."""


class Pairs(dict[tuple[Address, type], Tally]):
    """What one node sent, by peer and message class."""

    __slots__ = ("others",)

    def __init__(self) -> None:
        super().__init__()
        self.others = Tally()

    def __missing__(self, key: tuple[Address, type]) -> Tally:
        if len(self) >= MAX_PAIRS:
            return self.others
        tally = self[key] = Tally()
        return tally


class Book:
    """What one node sent since watching began, over its restarts too."""

    __slots__ = ("messages", "pairs", "recent")

    def __init__(self) -> None:
        self.messages = 0
        self.pairs = Pairs()
        self.recent: deque[Sighting] = deque(maxlen=RECENT)


class Books(dict[str, Book]):
    """The books of all nodes, each made when first needed."""

    def __missing__(self, name: str) -> Book:
        book = self[name] = Book()
        return book


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
    books : Books
        What each node sent.
    """

    def __init__(
        self, nodes: Mapping[str, Node], now: Callable[[], float], sample: int
    ) -> None:
        self.books, self.sample = Books(), sample
        self._nodes, self._now = nodes, now
        self._marks: list[MarkNews] = []
        self._sightings: list[Sighting] = []
        self._told_total = self._taken = self._window = 0
        self._open()

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Count a message, and look at it while there is room."""
        book = self.books[node.name]
        book.messages += 1
        tally = book.pairs[to, message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(data)
        if self._looks:
            self._look_at(book, node.name, to, message, data)

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Look at a message that arrived, while there is room."""
        kind = message.__class__.__name__
        seen = Sighting(self._now(), node.name, sender, "heard", kind, data)
        self.books[node.name].recent.append(seen)
        if self._window:
            self._sightings.append(seen)
        self._hear_room -= 1
        if self._hear_room <= 0:
            self._look()

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Look at a message that got lost here."""
        if self._looks or self._window:
            seen = Sighting(self._now(), node.name, peer, "lost", "", data, reason)
            self.books[node.name].recent.append(seen)
            if self._window:
                self._sightings.append(seen)

    def take(self) -> tuple[list[MarkNews], int, list[Sighting]]:
        """Return the marks, how many messages were not looked at, and the sightings.

        All since the last call; a new batch begins.
        """
        total = self.total()
        let_go = total - self._told_total - self._taken
        taken = self._marks, let_go, self._sightings
        self._marks, self._sightings, self._told_total = [], [], total
        self._open()
        return taken

    def total(self) -> int:
        """Return how many messages were sent since watching began."""
        return sum(book.messages for book in self.books.values())

    def listen(self, limit: int) -> int:
        """Record messages whole until `limit` were sent; return the total so far."""
        self._window = max(self._window, limit)
        self._look()
        return self.total()

    def unlisten(self) -> int:
        """Stop recording; return how many messages were sent so far."""
        self._window = 0
        self._look()
        return self.total()

    def recent(self, name: str) -> list[Sighting]:
        """Return the last messages of one node that were looked at."""
        return list(self.books[name].recent) if name in self.books else []

    def traffic(self, name: str) -> list[tuple[Address, str, int, int]]:
        """Return what a node sent: peer, kind, messages and bytes, exact."""
        if name not in self.books:
            return []
        pairs = self.books[name].pairs
        rows = [
            (to, kind.__name__, one.messages, one.payload_bytes)
            for (to, kind), one in pairs.items()
        ]
        others = pairs.others
        if others.messages:
            rows.append((OTHERS, "others", others.messages, others.payload_bytes))
        return rows

    def _open(self) -> None:
        self._room = self._hear_room = self.sample
        self._taken = 0
        self._last: bytes | None = None
        self._look()

    def _look(self) -> None:
        self._looks = self._room > 0 or self._window > 0
        self.hears = self._hear_room > 0 or self._window > 0

    def _look_at(
        self, book: Book, name: str, to: Address, message: Any, data: bytes
    ) -> None:
        kind, at_s = message.__class__.__name__, self._now()
        seen = Sighting(at_s, name, to, "sent", kind, data)
        book.recent.append(seen)
        if self._window:
            self._window -= 1
            self._sightings.append(seen)
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
        self.hears = True

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
