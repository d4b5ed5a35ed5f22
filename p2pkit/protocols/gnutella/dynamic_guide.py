"""Guide: one question on its way through the neighbors of an ultrapeer.

The guess: if so many files were found at so many ultrapeers and their leaves, as many
more will be needed for the rest. Each neighbor left gets its share of those, which says
how far the question goes there. Ways that meet make the guess too high, so the last
neighbors may have to be asked as well. Read first: ``dynamic.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from p2pkit.protocols.gnutella.election import LEAF
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query
from p2pkit.protocols.gnutella.ultrapeer_router import UltrapeerRouter

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.dynamic import Guided


class Guide:
    """One question that an ultrapeer guides, for itself or for a leaf."""

    def __init__(
        self,
        router: UltrapeerRouter,
        query: Query,
        guided: Guided,
        leaf: Link | None = None,
    ) -> None:
        self.router, self.query, self.guided, self.leaf = router, query, guided, leaf
        self.hits = 0
        self.asked = 1.0  # ultrapeers, as far as can be known; we are the first
        self._left: list[Link] = []

    def begin(self) -> None:
        """Probe some, those first whose tables have the words."""
        router = self.router
        router.guides.put(self.query.guid, self)
        ultrapeers = [link for link in router.links() if link.role != LEAF]
        router.ctx.rng.shuffle(ultrapeers)
        likely = router.likely(ultrapeers, self.query)[: self.guided.probes]
        self._left = [link for link in ultrapeers if link not in likely]
        self._send(likely, 1)
        router.ctx.after(self.guided.wait_s, self._widen)

    def _widen(self) -> None:
        """Ask one more neighbor, as far as the guess says, until it is enough."""
        router, want = self.router, self.guided.want
        self._left = [link for link in self._left if link.is_open]
        is_over = self.leaf is not None and not self.leaf.is_open
        if is_over or self.hits >= want or not self._left or not self._is_known():
            router.guides.pop(self.query.guid, None)
            return
        each = (want - self.hits) * self.asked / max(self.hits, 0.1) / len(self._left)
        degree = max(2, router.election.config.degree)
        most = router.config.ttl - self.query.hops
        ttl = next((t for t in range(1, most) if reach(degree, t) >= each), most)
        self._send([self._left.pop()], max(1, ttl))
        router.ctx.after(self.guided.wait_s, self._widen)

    def _is_known(self) -> bool:
        """Whether whoever asked still waits, as far as we know."""
        router, guid = self.router, self.query.guid
        is_ours = router.came_by.get(guid, self.query) is None
        return not is_ours or guid in router.asked

    def _send(self, links: list[Link], ttl: int) -> None:
        degree = max(2, self.router.election.config.degree)
        self.asked += sum(reach(degree, ttl) for _ in links)
        self.router.send(links, msgspec.structs.replace(self.query, ttl=ttl))


def reach(degree: int, ttl: int) -> int:
    """Return how many ultrapeers one link leads to, if no two ways meet.

    Examples
    --------
    >>> [reach(degree=6, ttl=ttl) for ttl in (1, 2, 3)]
    [1, 6, 31]
    """
    return sum((degree - 1) ** step for step in range(ttl))
