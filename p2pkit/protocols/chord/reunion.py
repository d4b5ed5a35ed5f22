"""Reunion: members that were lost sight of are looked for, so parted rings meet again.

What it shows: the rules of Chord mend a ring, never two. After a partition each half
has forgotten the other, and both are in order: nothing is left that would join them.
So a node keeps the last addresses that fell out of its tables, and asks one of them
from time to time who follows its own id, as if it joined there. Whoever is nearer than
its successor is followed, once it has answered: the rule of stabilizing, so no place
is skipped that was not skipped before. Node by node, two rings become one.
Source: T. Shafaat, A. Ghodsi and S. Haridi, "Dealing with Network Partitions in
Structured Overlay Networks", Peer-to-Peer Networking and Applications 2(4), 2009: the
passive list and the lookup of one's own id, without their flood of messages.
Read next: ``leaving.py``, then ``member.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from p2pkit.core import Address
from p2pkit.protocols.chord.walk import Found, place_through

if TYPE_CHECKING:
    from p2pkit.protocols.chord.host import ChordHost
    from p2pkit.protocols.chord.node import Position

REMEMBERED = 16
"""Addresses kept; more push out the oldest. Ours: one of the other half is enough."""


class Reunion:
    """The members that one node has lost sight of, and how it finds them again."""

    def __init__(self, host: ChordHost) -> None:
        self.host = host
        self.lost: dict[Address, None] = {}  # the oldest first

    def on_lost(self, address: Address) -> None:
        """Hear that a peer does not answer; it counts if a table had it."""
        known = {edge.to.address for edge in self.host.neighbors()}
        if address not in known or address == self.host.ctx.me.address:
            return
        self.lost.pop(address, None)
        self.lost[address] = None
        if len(self.lost) > REMEMBERED:
            del self.lost[next(iter(self.lost))]

    def seek(
        self, position: Position, known: Sequence[Address], on_end: Callable[[], None]
    ) -> None:
        """Ask one lost member for our place, and follow whoever is nearer there.

        It is forgotten once it leads to nobody new: then it is on our ring. Who has
        lost everybody also asks those that it is `known` to have joined through.
        """
        alone = not position.successors and position.predecessor is None
        some = [*self.lost, *(known if alone else ())]
        if not some or not position.joined:
            on_end()
            return
        via = self.host.ctx.rng.choice(some)

        def found(end: Found) -> None:
            owner = end.owner
            if owner is not None and position.stabilizer.is_nearer(owner):
                position.stabilizer.meet(owner, on_end)
                return
            if owner is not None:
                self.lost.pop(via, None)
            on_end()

        place_through(position, via, found)
