"""Healing: lost neighbors are called again, so that two halves find together.

What it shows: after a cut each half has replaced the neighbors it lost by peers of its
own, all views are full, and nobody has a reason to call the other side: left alone,
two overlays would stay two. So a node remembers whom it lost, and calls one of them
now and then. It insists, for both have neighbors by now, and those who make room look
for others: so many links come to lead across.
Source: ours; the paper has nothing of the kind. SWIM's twin is ``swim/healing.py``.
Read next: ``shuffling.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.core import Address
from p2pkit.protocols.hyparview.messages import Neighbor

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView


class Healing:
    """The neighbors that one node lost without a word."""

    def __init__(self, node: HyParView) -> None:
        self.node, self.config = node, node.config
        self.lost: dict[Address, float] = {}  # and when, the longest ago first

    def note(self, peer: Address) -> None:
        """Remember a neighbor whose link broke; the longest lost makes room."""
        if peer in self.node.views.active and self.config.max_lost:
            self.lost.pop(peer, None)
            self.lost[peer] = self.node.ctx.now()
            if len(self.lost) > self.config.max_lost:
                del self.lost[next(iter(self.lost))]

    def call(self) -> None:
        """Ask one of the lost to be a neighbor again, unless it is one."""
        oldest_s = self.node.ctx.now() - self.config.forget_s
        for peer, since_s in list(self.lost.items()):
            if peer in self.node.views.active or since_s < oldest_s:
                del self.lost[peer]
        repair = self.node.repair
        if self.lost and repair.is_on and not repair.asked:
            repair.ask(self.node.views.choose(self.lost), Neighbor(urgent=True))
