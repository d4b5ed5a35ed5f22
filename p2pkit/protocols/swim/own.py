"""What others say of us: a suspicion is answered with a higher incarnation.

What it shows: a member that hears it is suspected raises its incarnation and says so,
which outweighs everything said before. Nobody else may raise it; who forges a number
at the end of its 32 bits could silence the member for good, so far jumps are refused.
Source: SWIM, section 4.2; Lifeguard, section IV.A: having to refute shows slowness.
Read next: ``detector.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.swim.fields import MAX_META_BYTES
from p2pkit.protocols.swim.members import State
from p2pkit.protocols.swim.messages import Alive, Claim, ViewChanged
from p2pkit.protocols.swim.tags import pack_tags

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode

VSN: Final = bytes((1, 5, 2, 2, 5, 5))
"""Lowest, highest and spoken version: of memberlist, then of serf above it."""


class Own:
    """Our own place in the table of others: name, data and incarnation."""

    def __init__(self, node: SwimNode) -> None:
        self.node, self.incarnation = node, 1
        self.meta = pack_tags(node.config.tags, MAX_META_BYTES)

    def alive(self) -> Alive:
        """Return our sign of life."""
        node = self.node
        address = node.ctx.me.address
        return Alive(self.incarnation, node.name, address, self.meta, VSN)

    def hear(self, claim: Claim) -> None:
        """Object to what is said of us, unless it is older than our last word."""
        node, me = self.node, self.node.ctx.me
        limit_jump(claim, self.incarnation, node.config.max_jump)
        if isinstance(claim, Alive):
            if claim.address != me.address:
                reason = "another node has our name"
                raise RemoteProtocolError(reason)
            if claim.incarnation <= self.incarnation:
                return
        elif claim.incarnation < self.incarnation or node.is_leaving:
            return
        self.incarnation = claim.incarnation + 1
        node.health.note(+1)
        node.gossip.queue.put(self.alive())
        node.ctx.emit(ViewChanged(me.id, node.name, str(State.ALIVE), self.incarnation))


def limit_jump(claim: Claim, known: int, most: int) -> None:
    """Refuse a claim whose incarnation runs too far ahead of the one we know."""
    if claim.incarnation - known > most:
        reason = "incarnation jumps too far"
        raise RemoteProtocolError(reason)
