"""Missing messages: announced by somebody, and not here in time.

What it shows: an announcement is a promise and an alarm. If the payload does not come
along the tree before our patience ends, the tree is broken, and whoever announced it
is grafted into it; if that one fails, the next.
Source: J. Leitao, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007,
algorithm 2, with its two timers.
Read next: ``trees.py``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Address, Timer

if TYPE_CHECKING:
    from p2pkit.protocols.plumtree.tree import Tree


class Missing:
    """The messages that one tree of one node is waiting for."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.config, self.ctx = tree, tree.config, tree.ctx
        self._announcers: dict[bytes, dict[Address, int]] = {}  # with their hops
        self._timers: dict[bytes, Timer] = {}

    def __len__(self) -> int:
        return len(self._announcers)

    def announced(self, peer: Address, number: bytes, hops: int) -> None:
        """Note who has a message that we have not."""
        if number not in self._announcers:
            self.tree.trees.require_room()
            self._announcers[number] = {}
            self._wait(number, self.config.graft_s)
        self._announcers[number][peer] = hops

    def found(self, number: bytes) -> dict[Address, int]:
        """Wait no longer for a message; return who announced it, at how many hops."""
        if number in self._timers:
            self._timers.pop(number).cancel()
        return self._announcers.pop(number, {})

    def forget(self, peer: Address) -> None:
        """Ask nothing of a neighbor that is gone."""
        for announcers in self._announcers.values():
            announcers.pop(peer, None)

    def stop(self) -> None:
        """Wait for nothing any more."""
        for number in list(self._announcers):
            self.found(number)

    def _wait(self, number: bytes, delay_s: float) -> None:
        ask = partial(self._on_patience_ended, number)
        self._timers[number] = self.ctx.after(delay_s, ask)

    def _on_patience_ended(self, number: bytes) -> None:
        announcers = self._announcers[number]
        if not announcers:
            self.found(number)
            return
        peer = next(iter(announcers))
        del announcers[peer]
        self._wait(number, self.config.regraft_s)
        self.tree.graft([peer], number)
