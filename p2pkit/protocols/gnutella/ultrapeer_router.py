"""Router of ultrapeers and leaves: who is spared a question.

Leaves pass nothing on. An ultrapeer asks those of its leaves whose table has the words,
and passes the question on to other ultrapeers as its course says; before the last hop
it looks into their tables as well. So a question about rare words meets few servents.
Read first: ``router.py``, ``query_tables.py``. Read next: ``dynamic.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Recent
from p2pkit.protocols.gnutella.election import LEAF, Election
from p2pkit.protocols.gnutella.library import words
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query, QueryHit
from p2pkit.protocols.gnutella.query_tables import QueryTables
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.rules import Course

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.dynamic_guide import Guide
    from p2pkit.protocols.gnutella.search import Search

MAX_GUIDES = 256
"""Questions that an ultrapeer guides at a time; the oldest makes room."""


class UltrapeerRouter(Router):
    """The way of questions; `election`, `tables` and `guides` are set by the node."""

    election: Election
    tables: QueryTables
    guides: Recent[bytes, Guide]

    def make(self, search: Search, ttl: int, course: Course | None = None) -> Query:
        """Return a new question of ours, which our leaves are asked at once."""
        query = super().make(search, ttl, course)
        self._ask_leaves(query, None)
        return query

    def onward(self, query: Query, came_by: Link | None = None) -> list[Link]:
        """Return the ultrapeers that a question may go to; none for a leaf's peers."""
        if self.election.is_leaf and came_by is not None:
            return []
        others = super().onward(query, came_by)
        ultrapeers = [link for link in others if link.role != LEAF]
        is_far = query.ext and self.courses.read(query).is_far
        if came_by is None or query.ttl > 2 or is_far:
            return ultrapeers
        return self.likely(ultrapeers, query)

    def likely(self, links: Iterable[Link], query: Query) -> list[Link]:
        """Return those of `links` whose table has the words of a question."""
        wanted = words(query.text)
        return [link for link in links if self.tables.may_have(link, wanted)]

    def on_query(self, link: Link, query: Query) -> None:
        """Answer a question, ask the leaves that may know, and pass it on."""
        is_news = query.guid not in self.came_by
        super().on_query(link, query)
        if is_news:
            self._ask_leaves(query, link)

    def on_hit(self, link: Link, hit: QueryHit) -> None:
        """Count a hit for who guides the question, and pass it back."""
        guide = self.guides.get(hit.guid)
        if guide is not None:
            guide.hits += len(hit.results)
        super().on_hit(link, hit)

    def _ask_leaves(self, query: Query, came_by: Link | None) -> None:
        if not self.election.is_ultrapeer:
            return
        leaves = [x for x in self.links() if x.role == LEAF and x is not came_by]
        likely = self.likely(leaves, query)
        hops = min(query.hops + (came_by is not None), self.config.max_ttl - 1)
        if likely:
            self.send(likely, msgspec.structs.replace(query, ttl=1, hops=hops, ext=b""))
