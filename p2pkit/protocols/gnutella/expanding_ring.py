"""Expanding ring: flood a little, and further only if nothing was found.

What it shows: what is common is found near by, and then a flood to the horizon is a
waste. What is rare costs more than one flood: each ring asks those inside it again.
Source: C. Lv et al., "Search and Replication in Unstructured Peer-to-Peer Networks",
ICS 2002, section 4.2. Read first: ``flooding.py``. Read next: ``random_walk.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from p2pkit.protocols.gnutella.rules import Rule

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.config import GnutellaConfig
    from p2pkit.protocols.gnutella.router import Router
    from p2pkit.protocols.gnutella.search import Search

Ttl = Annotated[int, Meta(ge=1, le=255)]


class ExpandingRing(Rule, frozen=True, kw_only=True):
    """Flood with one TTL after the other, until enough was found.

    Parameters
    ----------
    ttls : tuple of int
        One for each flood; those beyond the servent's `max_ttl` are cut to it.
    ring_s : float
        Seconds between two floods: what an answer may take.
    """

    ttls: Annotated[tuple[Ttl, ...], Meta(min_length=1, max_length=32)] = (1, 3, 5, 7)
    ring_s: Annotated[float, Meta(gt=0)] = 1.0

    def begin(self, router: Router, search: Search) -> None:
        """Ask the first ring, and set the time for the next."""
        self._ask(router, search, 0)

    def lasts_s(self, config: GnutellaConfig) -> float:
        """Return the time of all rings."""
        return self.ring_s * len(self.ttls)

    def _ask(self, router: Router, search: Search, number: int) -> None:
        if search.done or number == len(self.ttls):
            return
        query = router.make(search, self.ttls[number])
        router.send(router.onward(query), query)
        router.ctx.after(self.ring_s, lambda: self._ask(router, search, number + 1))
