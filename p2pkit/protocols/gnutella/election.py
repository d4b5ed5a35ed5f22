"""Election: who is an ultrapeer and who a leaf, decided by each for itself.

What it shows: nobody counts votes. A servent with a good line that has been here for
a while offers to be an ultrapeer. Whoever it meets knows whether its own places for
leaves run short, and says so in a header: if not, the newcomer is its leaf. A leaf
that finds no free place, and is able to, becomes an ultrapeer. One that is not able is
turned away, and then the ultrapeer asks one of its leaves to serve as well.
Source: A. Singla and C. Rohrs, "Ultrapeers: Another Step Towards Gnutella Scalability",
Lime Wire LLC (2002), sections 2 and 3. Read next: ``ultrapeer_speech.py``.
"""

from __future__ import annotations

from p2pkit.core import Address, BothContext, Event, Recent
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.ultrapeer_config import Role, SupernodesConfig

ULTRAPEER, LEAF, BOOTSTRAP = "ultrapeer", "leaf", "bootstrap"
MAX_NAMED = 200
"""Ultrapeers that a bootstrap node remembers."""


class RoleChanged(Event, frozen=True):
    """A servent has taken another role, and why."""

    role: str
    reason: str


class Election:
    """The role of one servent, and what it thinks of the roles of others."""

    def __init__(
        self, ctx: BothContext, config: SupernodesConfig, links: Links
    ) -> None:
        self.ctx, self.config, self.links = ctx, config, links
        self.mode: Role = config.role
        self.since_s = ctx.now()
        self.role = LEAF
        self.named: Recent[Address, None] = Recent(MAX_NAMED)  # who offered to serve
        self.turned_away = 0  # leaves, for want of a place, since the last upkeep
        self.begin()

    @property
    def is_ultrapeer(self) -> bool:
        """Whether this servent is an ultrapeer, or would be one."""
        return self.role == ULTRAPEER

    @property
    def is_leaf(self) -> bool:
        """Whether this servent is a leaf, or would be one."""
        return self.role == LEAF

    @property
    def is_able(self) -> bool:
        """Whether this servent may be an ultrapeer."""
        if self.mode != "auto":
            return self.mode == ULTRAPEER
        is_fast = self.config.speed_kbit >= self.config.min_speed_kbit
        return is_fast and self.ctx.now() - self.since_s >= self.config.min_uptime_s

    @property
    def is_needed(self) -> bool:
        """Whether this ultrapeer wants others beside it."""
        taken = self.config.needed_at * self.config.max_leaves
        few = self.count(ULTRAPEER) < self.config.degree
        return few or self.count(LEAF) >= taken

    def begin(self) -> None:
        """Take the role to begin with: able servents offer to be ultrapeers."""
        if self.mode == "auto":
            self.role = ULTRAPEER if self.is_able else LEAF
        else:
            self.role = self.mode

    def found(self) -> None:
        """Be the first servent of a network, which is an ultrapeer."""
        if self.mode == "auto":
            self.take(ULTRAPEER, "nobody else is here")

    def count(self, role: str, but: Link | None = None) -> int:
        """Return how many open links to peers of a role there are, `but` left out."""
        links = self.links.open()
        return sum(link.role == role for link in links if link is not but)

    def lacking(self) -> int:
        """Return how many links to ultrapeers are missing."""
        wanted = {ULTRAPEER: self.config.degree, LEAF: self.config.ultrapeers_per_leaf}
        under_way = sum(
            one.ours and not one.is_open for one in self.links.by_stream.values()
        )
        there = self.count(ULTRAPEER) + under_way + len(self.links.dialing)
        return max(0, wanted.get(self.role, 0) - there)

    def take(self, role: str, reason: str) -> None:
        """Take a role, and tell."""
        if role != self.role:
            self.role = role
            self.ctx.emit(RoleChanged(role, reason))

    def promote(self, reason: str) -> bool:
        """Become an ultrapeer, if able; return whether it is one only now."""
        if self.role != LEAF or not self.is_able:
            return False
        self.take(ULTRAPEER, reason)
        return True

    def hear_need(self, link: Link) -> None:
        """Become a leaf of an ultrapeer that needs no other beside it.

        Who has leaves keeps them, and who was told to be an ultrapeer stays one. Links
        of the time before end, for their peers take us for an ultrapeer.
        """
        answer = link.greeting.header("x-ultrapeer-needed").lower()
        is_free = self.mode == "auto" and self.is_ultrapeer and not self.count(LEAF)
        if answer == "false" and is_free:
            self.take(LEAF, "an ultrapeer has places and needs no other beside it")
            for other in list(self.links.open()):
                self.links.close(other, 200, "Becoming a leaf")


def role_said(link: Link) -> str:
    """Return the role that a peer has claimed; ``stream`` if it knows of none."""
    said = link.greeting.header("x-ultrapeer").lower()
    return {"true": ULTRAPEER, "false": LEAF}.get(said, "stream")
