"""Joining: how a node takes its positions on the ring, and stays there.

What it shows: to join is to look up one's own id. The answer names the successor;
stabilizing does the rest, and a newcomer's keys come from that successor.
Source: I. Stoica et al., "Chord", ToN 2003, figure 6 and section 4.4.
Read next: ``leaving.py``, then ``member.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import (
    Address,
    Contact,
    Joined,
    LocalProtocolError,
    Operation,
    PeerUnreachable,
    format_address,
    short,
)
from p2pkit.protocols.chord import timers
from p2pkit.protocols.chord.messages import GetLinks
from p2pkit.protocols.chord.walk import Found, Walk

if TYPE_CHECKING:
    from p2pkit.protocols.chord.member import ChordMember
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]
RETRY_S = 5.0
"""Wait until a node that nobody let in tries again; ours."""


class Membership:
    """How one node comes and stays."""

    def __init__(self, chord: ChordMember) -> None:
        self.chord, self.positions = chord, chord.positions
        self.known: list[Address] = []  # to join through, again if we are cut off

    def join(self, addresses: Sequence[Address], operation: Operation[int]) -> None:
        """Join through the first address that answers; none begins a new ring.

        If nobody lets us in the operation fails, and we try again from time to time.
        """
        self.known = list(addresses)
        first = self.positions[0]

        def try_next(left: Sequence[Address]) -> None:
            if operation.done:
                return
            if left:
                go_on = partial(try_next, left[1:])
                self._enter(first, left[0], in_place, go_on, operation)
                return
            where = ", ".join(map(format_address, addresses))
            reason = (
                f"no member of a ring answers at {where}: check that one runs there"
            )
            again = partial(self.join, addresses, Operation[int]("bootstrap"))
            self.chord.timers.once("join", RETRY_S, again)
            operation.fail(PeerUnreachable(reason))

        in_place = partial(self._enter_others, operation)
        if addresses:
            try_next(self.known)
        else:
            first.joined = True
            in_place()

    def round(self, on_end: Call) -> None:
        """Do each periodic work once; a node that is cut off joins again."""
        linked = any(one.successors or one.predecessor for one in self.positions)
        if self.known and not linked:
            again: Operation[int] = Operation("maintain")
            again.then(lambda _: on_end())
            self.join(self.known, again)
            return
        last = partial(timers.in_turn, self.positions, timers.replicate, on_end)
        then = partial(timers.in_turn, self.positions, timers.fix_next, last)
        timers.in_turn(self.positions, timers.stabilize, then)

    def _enter(
        self,
        position: Position,
        via: Address,
        on_end: Call,
        on_failure: Call,
        operation: Operation[int],
    ) -> None:
        """Look up the place of a position through the member at an address."""

        def met(contact: Contact, _: object) -> None:
            walk = Walk(position, position.me.id, found, joins=True)
            walk.start([contact])

        def found(end: Found) -> None:
            if end.owner is None:
                on_failure()
            elif end.owner.id == position.me.id:
                operation.fail(self._taken(end.owner))
            else:
                position.stabilizer.enter(end.owner, on_end)

        self.chord.peers.greet(position.me.id, via, GetLinks, met, on_failure)

    def _enter_others(self, operation: Operation[int]) -> None:
        """Join with our further positions through the first, then look up fingers."""
        ours = self.chord.ctx.me.address

        def enter(one: Position, on_end: Call) -> None:
            self._enter(one, ours, on_end, on_end, operation)

        def fixed() -> None:
            known = len(list(self.chord.neighbors()))
            self.chord.timers.start(self.chord.config)
            self.chord.ctx.emit(Joined(known))
            operation.finish(known)

        then = partial(timers.in_turn, self.positions, timers.fix_all, fixed)
        timers.in_turn(self.positions[1:], enter, then)

    def _taken(self, other: Contact) -> LocalProtocolError:
        bits = self.chord.config.id_bits
        reason = (
            f"the id {short(other.id, bits)} is taken by the node at "
            f"{format_address(other.address)}: use more than {bits} id_bits, or "
            "another address"
        )
        return LocalProtocolError(reason)
