"""Flooding: ask every neighbor, who ask every neighbor of theirs.

What it shows: the simplest search there is, its exact price, and its horizon. In a
connected overlay of n servents and E links, a question that reaches all of them costs
2E - n + 1 messages: each servent but the first passes it to all neighbors but one.
With a coin at every link fewer messages are wasted, and some servents are missed.
Source: RFC-Gnutella 0.6, section 2.2; C. Lv et al., "Search and Replication in
Unstructured Peer-to-Peer Networks", ICS 2002, section 4.
Read first: ``node.py``, ``rules.py``. Read next: ``expanding_ring.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query
from p2pkit.protocols.gnutella.rules import Course, Rule
from p2pkit.protocols.gnutella.travel import travelled

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.router import Router
    from p2pkit.protocols.gnutella.search import Search

Odds = Annotated[float, Meta(ge=0.0, le=1.0)]


class Everybody(Course, frozen=True):
    """The course of a question that carries none: to all neighbors, by TTL."""

    def relay(self, router: Router, link: Link, query: Query, is_news: bool) -> None:
        """Pass on what is news, if it may go on, to all but where it came from."""
        if is_news and query.ttl > 1:
            router.send(router.onward(query, link), travelled(query))


class Coin(Course, frozen=True):
    """To each neighbor with the same odds, by TTL.

    Parameters
    ----------
    odds : float
        Chance that a link is crossed, 0 to 1.
    """

    odds: Odds

    def relay(self, router: Router, link: Link, query: Query, is_news: bool) -> None:
        """Toss a coin for each neighbor, when the question is news."""
        if is_news and query.ttl > 1:
            rng = router.ctx.rng
            onward = router.onward(query, link)
            some = [one for one in onward if rng.random() < self.odds]
            router.send(some, travelled(query))


class Flood(Rule, frozen=True, kw_only=True):
    """Ask all neighbors.

    Parameters
    ----------
    ttl : int
        How far the question goes; 0 stands for the servent's setting.
    odds : float
        Chance that a servent passes it to a neighbor; whoever asks, asks all.
    """

    ttl: Annotated[int, Meta(ge=0, le=255)] = 0
    odds: Odds = 1.0

    def begin(self, router: Router, search: Search) -> None:
        """Ask."""
        course = Everybody() if self.odds == 1.0 else Coin(self.odds)
        query = router.make(search, self.ttl or router.config.ttl, course)
        router.send(router.onward(query), query)
