"""Joining: how a node takes its positions on the ring, and stays there.

What it shows: to join is to look up one's own id. The answer names the successor;
stabilizing does the rest, and a newcomer's keys come from that successor.
Source: I. Stoica et al., "Chord", ToN 2003, figure 6 and section 4.4.
Read next: ``twins.py``, ``reunion.py``, ``leaving.py``, then ``member.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import (
    Address,
    Contact,
    Joined,
    Operation,
    PeerUnreachable,
    format_address,
)
from p2pkit.protocols.chord import timers
from p2pkit.protocols.chord.reunion import Reunion
from p2pkit.protocols.chord.twins import confirm, give_up
from p2pkit.protocols.chord.walk import Found, place_through

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
        self.reunion = Reunion(chord)
        self._lists: list[list[Contact]] = []  # of successors, a round ago

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
        """Do each periodic work once; a node that nobody let in tries to join again."""
        if self.known and not self.positions[0].joined:
            again: Operation[int] = Operation("maintain")
            again.then(lambda _: on_end())
            self.join(self.known, again)
            return
        works = (self.seek, timers.stabilize, timers.replicate)
        timers.one_by_one(works, self.positions, partial(self._fix_at_rest, on_end))

    def _fix_at_rest(self, on_end: Call) -> None:
        """Look all fingers up if our lists stood still; before, it would be in vain."""
        before, self._lists = self._lists, [one.successors for one in self.positions]
        works = (timers.fix_all,) if self._lists == before else ()
        timers.one_by_one(works, self.positions, on_end)

    def seek(self, position: Position, on_end: Call) -> None:
        """Look for a member that was lost sight of; alone, through whom we joined."""
        self.reunion.seek(position, self.known, on_end)

    def _enter(
        self,
        position: Position,
        via: Address,
        on_end: Call,
        on_failure: Call,
        operation: Operation[int],
    ) -> None:
        """Look up the place of a position through the member at an address."""

        def found(end: Found) -> None:
            if end.owner is None:
                on_failure()
            elif end.owner.id == position.me.id:
                give_up(self.chord, position, end.owner, operation, on_end)
            else:
                position.stabilizer.enter(end.owner, on_end)

        place_through(position, via, found)

    def _enter_others(self, operation: Operation[int]) -> None:
        """Join with our further positions through the first, then look up fingers.

        A further position whose id is another node's, as happens with few id_bits, is
        done without.
        """
        ours = self.chord.ctx.me.address

        def enter(one: Position, on_end: Call) -> None:
            self._enter(one, ours, on_end, on_end, operation)

        def fixed() -> None:
            known = len(list(self.chord.neighbors()))
            self.chord.timers.start(self.chord.config, self.seek)
            self.chord.ctx.emit(Joined(known))
            operation.finish(known)

        def stays(one: Position, on_end: Call) -> None:
            confirm(self.chord, one, operation, on_end)

        works = (timers.fix_all, stays)
        then = partial(timers.one_by_one, works, self.positions, fixed)
        timers.in_turn(self.positions[1:], enter, then)
