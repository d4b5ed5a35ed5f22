"""Dynamic querying: ask a few, guess how rare it is, and widen until enough was found.

What it shows: a flood costs the same for what everybody has and for what one has. An
ultrapeer that asks one neighbor after the other, each as far as its guess says, pays
for what is common only what it needs; what is rare costs time instead.

A leaf asks one of its ultrapeers to do this for it and says how much is enough. Those
of 2003 did it for all questions of their leaves, who asked all of their ultrapeers.
Source: A. Fisk, "Gnutella Dynamic Query Protocol v0.1", LimeWire LLC (2003), with
shorter waits. Read first: ``ultrapeer_router.py``. Read next: ``dynamic_guide.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.gnutella.dynamic_guide import Guide
from p2pkit.protocols.gnutella.election import LEAF
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query
from p2pkit.protocols.gnutella.rules import Course, Rule
from p2pkit.protocols.gnutella.travel import travelled
from p2pkit.protocols.gnutella.ultrapeer_router import UltrapeerRouter

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.config import GnutellaConfig
    from p2pkit.protocols.gnutella.router import Router
    from p2pkit.protocols.gnutella.search import Search

Wait = Annotated[float, Meta(gt=0.0, le=60.0)]


class Dynamic(Rule, frozen=True, kw_only=True):
    """Search by probing and widening, until the search has what it wants.

    Parameters
    ----------
    probes : int
        Neighbors that are asked at first, and only for themselves and their leaves.
    wait_s : float
        Time for hits to come, before the next neighbor is asked (2.4 in the source).
    total_s : float
        How long the search lasts.
    """

    probes: Annotated[int, Meta(ge=1, le=64)] = 2
    wait_s: Wait = 0.5
    total_s: Annotated[float, Meta(gt=0)] = 15.0

    def begin(self, router: Router, search: Search) -> None:
        """Guide the question, or have an ultrapeer of ours do it."""
        if not isinstance(router, UltrapeerRouter):
            reason = "only ultrapeers and leaves search dynamically: use Supernodes"
            raise LocalProtocolError(reason)
        guided = Guided(min(search.want, 0xFFFF), self.probes, self.wait_s)
        if router.election.is_ultrapeer:
            Guide(router, router.make(search, 1), guided).begin()
            return
        ultrapeers = list(router.links())
        query = router.make(search, 1, guided)
        if ultrapeers:
            router.send([router.ctx.rng.choice(ultrapeers)], query)

    def lasts_s(self, config: GnutellaConfig) -> float:
        """Return how long the search waits for hits."""
        return self.total_s


class Guided(Course, frozen=True):
    """The course of a leaf's question that an ultrapeer is to guide.

    Parameters
    ----------
    want : int
        Files that are enough.
    probes, wait_s
        See `Dynamic`.
    """

    want: Annotated[int, Meta(ge=1, le=0xFFFF)]
    probes: Annotated[int, Meta(ge=1, le=64)]
    wait_s: Wait

    def relay(self, router: Router, link: Link, query: Query, is_news: bool) -> None:
        """Guide it, if it comes from a leaf; others have no claim to that."""
        if is_news and link.role == LEAF and isinstance(router, UltrapeerRouter):
            plain = msgspec.structs.replace(query, ext=b"")
            Guide(router, travelled(plain), self, link).begin()
