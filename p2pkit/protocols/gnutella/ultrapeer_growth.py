"""Growth of ultrapeers and leaves: whom they look for, and what they do without them.

A servent follows the names it is given until it has its links. It tries each of them
once and then waits for the next upkeep. Who finds no ultrapeer at all becomes one, if
it is able. A leaf whose ultrapeer dies has others, and looks for another at once.
Read first: ``growth.py``, ``election.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.core import Address, Operation, Recent
from p2pkit.protocols.gnutella.checks import say
from p2pkit.protocols.gnutella.election import LEAF, ULTRAPEER, Election
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Vendor
from p2pkit.protocols.gnutella.trailer import VENDOR
from p2pkit.protocols.gnutella.ultrapeer_config import SupernodesConfig

NO_PLACE = "no ultrapeer has a place for a leaf"
ASKED = "an ultrapeer has turned leaves away and asked for help"
SERVE = 6
"""The message of ours with which it asks; others have none for that."""

MAX_TRIED = 400
"""Addresses that are not tried twice in one round of upkeep."""


class UltrapeerGrowth(Growth):
    """Keeps up the links to ultrapeers; `election` is set by the node."""

    config: SupernodesConfig
    election: Election

    def join(self, contacts: Sequence[Address]) -> Operation[int]:
        """Look for ultrapeers among these and those they name."""
        self._tried: Recent[Address, None] = Recent(MAX_TRIED)
        self.election.since_s = self.ctx.now()
        self.election.begin()
        if not contacts:
            self.election.found()
        return super().join(contacts)

    def grow(self) -> None:
        """Begin another round: names may be tried again."""
        self._tried.clear()
        for peer in self.told:
            self.links.dial(peer)
        self._ask_to_serve()
        self._follow()
        self._settle()

    def on_up(self, link: Link) -> None:
        """Hear of a link; who offered to be an ultrapeer may have yielded."""
        if not link.ours and link.greeting.header("x-ultrapeer").lower() == "false":
            link.role = LEAF
        if link.role == LEAF:
            self.hosts.forget(link.peer)  # nobody is to try it
        if self._is_too_many(link):
            self.links.close(link, 503, "No place")
        else:
            super().on_up(link)

    def on_down(self, link: Link) -> None:
        """Hear that a link is gone, or was refused, and look for another."""
        super().on_down(link)
        self._follow()
        self._settle()

    def on_vendor(self, link: Link, message: Vendor) -> bool:
        """Hear an ultrapeer of ours ask us to serve; return whether it was that."""
        if (message.vendor, message.selector) != (VENDOR, SERVE):
            return False
        if link.role == ULTRAPEER and self.election.promote(ASKED):
            self.begin_anew("Becoming an ultrapeer")
        return True

    def begin_anew(self, why: str) -> None:
        """Close all links, for the role has changed, and look for others."""
        for link in list(self.links.by_stream.values()):
            self.links.close(link, 200, why)
        self.grow()

    def lacking(self) -> int:
        """Return how many links to ultrapeers are missing."""
        return self.election.lacking() if self.config.grow else 0

    def _follow(self) -> None:
        """Dial as many as are missing, of those not tried yet."""
        lacking = self.lacking()
        but = self.links.peers() | set(self._tried)
        for peer in self.hosts.pick(self.ctx.rng, lacking, but):
            self._tried.put(peer, None)
            self.links.dial(peer)

    def _settle(self) -> None:
        """End what waits for links, unless there is somebody left to try."""
        undecided = any(not one.is_open for one in self.links.by_stream.values())
        if undecided or self.links.dialing:
            return
        if not self.election.count(ULTRAPEER) and self.election.promote(NO_PLACE):
            self._tried.clear()
            self._follow()
            if self.links.dialing:
                return
        super()._settle()

    def _ask_to_serve(self) -> None:
        """Ask one of our leaves to be an ultrapeer, if others were turned away."""
        leaves = [link for link in self.links.open() if link.role == LEAF]
        if self.election.turned_away and leaves:
            leaf = self.ctx.rng.choice(leaves)
            guid = new_guid(self.ctx.rng)
            self.ctx.send_stream(leaf.stream, say(guid, SERVE, b""))
        self.election.turned_away = 0

    def _is_too_many(self, link: Link) -> bool:
        """Whether a link has no place in the roles that its two ends ended with."""
        if link.role == LEAF:  # some come at once, and some were to be ultrapeers
            return self.election.count(LEAF, link) >= self.config.max_leaves
        roles = (ULTRAPEER, "stream")
        others = sum(self.election.count(role, link) for role in roles)
        if self.election.is_leaf:  # a leaf that is dialed was an ultrapeer just now
            return not link.ours or others >= self.config.ultrapeers_per_leaf
        return not link.ours and others >= self.config.max_links
