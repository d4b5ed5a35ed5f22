"""Fixing fingers: looking up, one after the other, who belongs into the table.

What it shows: right fingers make lookups short, wrong ones only make them longer, so
they are mended slowly. An entry is looked up through the ones before it, which are
half as far away: about four requests each. Most are right, and that is cheaper to find
out than what is right: a finger whose predecessor stands before the start still is it.
Source: I. Stoica et al., "Chord", ToN 2003, figure 6 and section 4.4.
Read next: ``joining.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.protocols.chord.messages import GetLinks, Links
from p2pkit.protocols.chord.walk import Found, OnFound

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]


class Fixer:
    """Keeps the fingers of one position."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._next = 0  # the finger whose turn it is

    def fix_all(self, on_end: Call) -> None:
        """Look up every distinct finger, from near to far."""

        def go_on(left: int) -> None:
            # Whatever goes wrong, a table is not worth more lookups than entries.
            if left and (self._next or left == bits):
                self.fix_next(lambda: go_on(left - 1))
            else:
                on_end()

        bits, self._next = self.position.ring.id_bits, 0
        go_on(bits)

    def fix_next(self, on_end: Call) -> None:
        """Look up the finger whose turn it is, and know which one is next."""
        position = self.position
        if not position.successors:
            self._next = 0
            on_end()
            return
        if self._next == 0:
            self._next = position.set_finger(0, position.successors[0])
        index = self._next % position.ring.id_bits

        def found(end: Found) -> None:
            after = index + 1
            if end.owner is not None and position.joined:
                after = position.set_finger(index, end.owner)
            self._next = after % position.ring.id_bits
            on_end()

        if index:
            self._check(index, found)
        else:
            self._next = 0
            on_end()

    def _check(self, index: int, on_found: OnFound) -> None:
        """Ask a finger whether it still is the one; look it up if not."""
        position, start = self.position, self.position.fingers.start(index)
        finger = position.fingers.entries[index]
        look_up = partial(position.find, start, on_found)
        if finger is None or finger == position.me:
            look_up()
            return

        def heard(reply: Links) -> None:
            before, _ = position.links(finger, reply)
            if before is not None and position.ring.within(start, before.id, finger.id):
                on_found(Found(finger))
            else:
                look_up()

        position.peers.ask(position.me.id, finger, GetLinks, heard, look_up)
