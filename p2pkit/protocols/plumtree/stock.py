"""Stock: payloads kept for those who will ask, and announcements not yet sent.

Read next: ``node.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.core import Address, Timer
from p2pkit.protocols.plumtree.messages import MOST_ANNOUNCED, Gossip, IHave

if TYPE_CHECKING:
    from p2pkit.protocols.plumtree.node import Plumtree


class Kept:
    """The newest messages, of at most so many bytes and so many in number."""

    def __init__(self, most_bytes: int, most: int) -> None:
        self.most_bytes, self.most = most_bytes, most
        self._messages: dict[bytes, Gossip] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, number: bytes, message: Gossip) -> None:
        """Keep a message; the oldest make room for it."""
        self._messages[number] = message
        self._bytes += len(message.payload)
        while self._bytes > self.most_bytes or len(self) > self.most:
            oldest = self._messages.pop(next(iter(self._messages)))
            self._bytes -= len(oldest.payload)

    def get(self, number: bytes) -> Gossip | None:
        """Return a message that is still kept."""
        return self._messages.get(number)


class Announcements:
    """What lazy neighbors will be told, gathered so that one message says much."""

    def __init__(self, node: Plumtree) -> None:
        self.node = node
        self._gathered: dict[tuple[Address, str], list[tuple[bytes, int]]] = {}
        self._timer: Timer | None = None

    def put(self, peer: Address, topic: str, number: bytes, hops: int) -> None:
        """Announce a message to a neighbor with the next lot."""
        self._gathered.setdefault((peer, topic), []).append((number, hops))
        if self._timer is None:
            delay_s = self.node.config.announce_s
            self._timer = self.node.ctx.after(delay_s, self._on_due)

    def forget(self, peer: Address) -> None:
        """Announce nothing to a neighbor that is gone."""
        for key in [one for one in self._gathered if one[0] == peer]:
            del self._gathered[key]

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _on_due(self) -> None:
        self._timer = None
        gathered, self._gathered = self._gathered, {}
        for (peer, topic), news in gathered.items():
            for first in range(0, len(news), MOST_ANNOUNCED):
                part = tuple(news[first : first + MOST_ANNOUNCED])
                self.node.links.send(peer, IHave(topic, part))
