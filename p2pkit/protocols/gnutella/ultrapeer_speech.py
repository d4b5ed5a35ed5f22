"""Speech of ultrapeers and leaves: roles in a handshake, and who is taken in.

Who dials says what it is, or would be. A leaf takes nobody in; an ultrapeer takes other
ultrapeers and leaves, as many as it has places for; a bootstrap node takes nobody, and
names ultrapeers to all. Whoever is turned away is told whom to try.
Source: Singla and Rohrs (2002), section 2. Read next: ``ultrapeer_growth.py``.
"""

from __future__ import annotations

from p2pkit.core import Address
from p2pkit.protocols.gnutella.election import (
    BOOTSTRAP,
    LEAF,
    ULTRAPEER,
    Election,
    role_said,
)
from p2pkit.protocols.gnutella.host_cache import MAX_TRY, write_hosts
from p2pkit.protocols.gnutella.link import Headers, Link
from p2pkit.protocols.gnutella.speech import BUSY, Speech
from p2pkit.protocols.gnutella.ultrapeer_config import SupernodesConfig

SHIELDED = "GNUTELLA/0.6 503 I am a shielded leaf"
NO_PLACE = "GNUTELLA/0.6 503 No place for a leaf"
ENTRANCE = "GNUTELLA/0.6 503 Try these ultrapeers"
NOT_FOR_LEAVES = "GNUTELLA/0.6 503 I am looking for ultrapeers"


class UltrapeerSpeech(Speech):
    """What a servent with a role says; `election` is set by the node."""

    config: SupernodesConfig
    election: Election

    def about(self, link: Link) -> Headers:
        """Return the headers of every servent, and those about roles and tables."""
        is_ultrapeer = self.election.is_ultrapeer
        routing = ("x-query-routing", "0.1"), ("x-ultrapeer-query-routing", "0.1")
        needed: Headers = ()
        if is_ultrapeer and link.greeting.line:  # an answer, not an offer
            needed = (("x-ultrapeer-needed", str(self.election.is_needed)),)
        role = ("x-ultrapeer", str(is_ultrapeer))
        return *super().about(link), role, *routing, *needed

    def objection(self, link: Link, streams: int) -> str:
        """Note what the peer says of itself; return the line that turns it down."""
        self._note(link)
        if self.election.role == BOOTSTRAP:
            if link.role == ULTRAPEER:
                self.election.named.put(link.peer, None)
            return ENTRANCE
        if self.election.is_leaf:
            return SHIELDED
        leaves = self.election.count(LEAF)
        has_place = leaves < self.config.max_leaves
        if link.role == LEAF:
            self.election.turned_away += not has_place
            return "" if has_place else NO_PLACE
        has_room = streams - leaves <= self.config.max_links
        # Who offers to be an ultrapeer may also become our leaf.
        may_yield = link.role == ULTRAPEER and not self.election.is_needed
        return "" if has_room or (may_yield and has_place) else BUSY

    def second_thoughts(self, link: Link) -> str:
        """Note what the peer has answered; return the line that turns that down."""
        self._note(link)
        if link.role == LEAF or (link.role == "stream" and self.election.is_leaf):
            return NOT_FOR_LEAVES
        return ""

    def conclusion(self, link: Link) -> Headers:
        """Return what has changed since we made the offer: our role, perhaps."""
        self.election.hear_need(link)
        return (("x-ultrapeer", "False"),) if self.election.is_leaf else ()

    def tries(self, link: Link) -> Headers:
        """Return ultrapeers to try: those we know, or those that came by."""
        return (("x-try-ultrapeers", write_hosts(self._known(link.peer))),)

    def crawled(self) -> Headers:
        """Return our role, our ultrapeers and our leaves, for a crawler."""
        ultrapeers = [link.peer for link in self.links() if link.role != LEAF]
        if self.election.role == BOOTSTRAP:
            ultrapeers = self._known(self.ctx.me.address)
        leaves = [link.peer for link in self.links() if link.role == LEAF]
        return (
            ("x-ultrapeer", str(self.election.is_ultrapeer)),
            ("peers", write_hosts(ultrapeers)),
            ("leaves", write_hosts(leaves)),
        )

    def _known(self, but: Address) -> list[Address]:
        """Return some ultrapeers, as many as one header names."""
        known = list(self.election.named) or self.hosts.known()
        if self.election.is_ultrapeer:
            known = [one.peer for one in self.links() if one.role == ULTRAPEER]
        able = [one for one in known if one != but]
        return self.ctx.rng.sample(able, min(MAX_TRY, len(able)))

    def _note(self, link: Link) -> None:
        link.role = role_said(link)
        link.has_table = bool(link.greeting.header("x-query-routing"))
