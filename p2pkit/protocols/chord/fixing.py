"""Fixing fingers: looking up, one after the other, who belongs into the table.

What it shows: right fingers make lookups short, wrong ones only make them longer, so
they are mended slowly. An entry is looked up through the ones before it, which are
half as far away: about two requests each.
Source: I. Stoica et al., "Chord", ToN 2003, figure 6 and section 4.4.
Read next: ``joining.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.protocols.chord.walk import Found

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
            position.find(position.fingers.start(index), found)
        else:
            self._next = 0
            on_end()
