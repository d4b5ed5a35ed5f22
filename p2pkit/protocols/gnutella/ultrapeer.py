"""Supernodes: ultrapeers search for leaves, and leaves are left alone.

What it shows: between everybody and one server there is a middle. Those who can bear it
carry the search; the others are linked to a few of them, say which words they have, and
hear only what they can probably answer. When an ultrapeer dies its leaves find another.
Source: Singla and Rohrs, "Ultrapeers" (2002); Rohrs, "Query Routing" (2002); Fisk,
"Dynamic Query Protocol" (2003). Read first: ``servent.py``, ``election.py``.
Read next: ``ultrapeer_router.py``, ``dynamic.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from p2pkit.core import BothContext, Edge, LocalProtocolError, Operation, Recent
from p2pkit.protocols.gnutella.dynamic import Dynamic, Guided
from p2pkit.protocols.gnutella.election import LEAF, ULTRAPEER, Election
from p2pkit.protocols.gnutella.flooding import Coin, Everybody
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Vendor
from p2pkit.protocols.gnutella.qrp_messages import RoutePatch, RouteReset
from p2pkit.protocols.gnutella.query_tables import QueryTables
from p2pkit.protocols.gnutella.random_walk import Walker
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.rules import Courses, Rule
from p2pkit.protocols.gnutella.servent import Gnutella
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.ultrapeer_config import (
    ROLES,
    Role,
    SupernodesConfig,
)
from p2pkit.protocols.gnutella.ultrapeer_growth import UltrapeerGrowth
from p2pkit.protocols.gnutella.ultrapeer_router import MAX_GUIDES, UltrapeerRouter
from p2pkit.protocols.gnutella.ultrapeer_speech import UltrapeerSpeech


class Supernodes(Gnutella):
    """One servent, which is an ultrapeer, a leaf, or a bootstrap node."""

    Config: ClassVar[type[SupernodesConfig]] = SupernodesConfig
    courses: ClassVar[Courses] = Courses(Everybody(), Coin, Walker, Guided)
    speech_class: ClassVar[type[Speech]] = UltrapeerSpeech
    growth_class: ClassVar[type[Growth]] = UltrapeerGrowth
    router_class: ClassVar[type[Router]] = UltrapeerRouter
    config: SupernodesConfig
    speech: UltrapeerSpeech
    growth: UltrapeerGrowth
    router: UltrapeerRouter

    def __init__(
        self, ctx: BothContext, config: SupernodesConfig | None = None
    ) -> None:
        config = self.Config.of(config)
        if config.speeds_kbit:
            speed_kbit = ctx.rng.choice(config.speeds_kbit)
            config = self.Config.of(config, speed_kbit=speed_kbit)
        super().__init__(ctx, config)
        self.election = Election(ctx, config, self.links)
        self.tables = QueryTables(ctx, config.table_s, self.library, self.election)
        self.speech.election = self.growth.election = self.election
        self.router.election, self.router.tables = self.election, self.tables
        self.router.guides = Recent(MAX_GUIDES)
        self.handlers[RouteReset] = self.tables.on_reset
        self.handlers[RoutePatch] = self.tables.on_patch
        self.handlers[Vendor] = self._on_vendor

    def search(
        self,
        text: str,
        rule: Rule | str = "dynamic",
        ttl: int | None = None,
        want: int = 1,
    ) -> Operation[list[Hit]]:
        """Ask for files whose names have all these words; see `Gnutella.search`.

        The rule is `Dynamic` unless another one is given.
        """
        rule = Dynamic() if rule == "dynamic" else rule
        return super().search(text, rule, ttl, want)

    def share(self, name: str, data: bytes = b"") -> int:
        """Share a file; return its number."""
        number = super().share(name, data)
        self.tables.on_change()
        return number

    def unshare(self, number: int) -> None:
        """Share a file no more."""
        super().unshare(number)
        self.tables.on_change()

    def take_role(self, role: Role) -> str:
        """Be an ultrapeer, a leaf or a bootstrap node from now on, or be elected.

        All links are closed, and others looked for; returns the role.

        Raises
        ------
        LocalProtocolError
            If there is no such role.
        """
        if role not in ROLES:
            reason = f"there is no role {role!r}: say {', '.join(ROLES)}"
            raise LocalProtocolError(reason)
        self.election.mode = role
        before = self.election.role
        self.election.begin()
        after, self.election.role = self.election.role, before
        self.election.take(after, "it was told to")
        self.growth.begin_anew("Another role")
        return self.election.role

    def on_up(self, link: Link) -> None:
        """Hear of a link that is open."""
        super().on_up(link)
        if link.is_open and link.stream in self.links.in_use:
            self.tables.on_up(link)

    def on_down(self, link: Link) -> None:
        """Hear of a link that is gone, or never came to be."""
        self.tables.on_down(link)
        super().on_down(link)

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers of open links; those of a leaf are all of kind ``leaf``."""
        for edge in super().neighbors():
            yield Edge(LEAF, edge.to) if self.election.is_leaf else edge

    def inspect(self) -> dict[str, Any]:
        """Return what `Gnutella.inspect` does, the role, and how many peers of each."""
        return super().inspect() | {
            "role": self.election.role,
            "leaves": self.election.count(LEAF),
            "ultrapeers": self.election.count(ULTRAPEER),
            "speed_kbit": self.config.speed_kbit,
        }

    def _on_vendor(self, link: Link, message: Vendor) -> None:
        if not self.growth.on_vendor(link, message):
            self.neighborhood.on_vendor(link, message)

    def stop(self) -> None:
        """Say Bye on every link, and cancel the timers."""
        self.tables.stop()
        super().stop()
