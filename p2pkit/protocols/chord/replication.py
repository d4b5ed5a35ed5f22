"""Replication: copies on the successor list, handed on when the ring changes.

What it shows: whoever follows the owner takes over when it dies, so that is where the
copies belong: nothing has to move at a failure. Three rules do it all. An owner
offers its keys to the next nodes, which ask for what they lack. A position whose
predecessor is new offers it what belongs there now. A copy its owner has not asked
about for long goes to the owner, and here it goes if we are not among the next.
Source: I. Stoica et al., "Chord", ToN 2003, section 5.3.3; CFS, SOSP 2001, section 4.
Read next: ``offering.py``, ``values.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact
from p2pkit.protocols.chord.offering import Offers, copy_holders
from p2pkit.protocols.chord.walk import Found

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]
Job = Callable[[Call], None]
FORGOTTEN = 3
"""Rounds after which a copy that its owner did not offer again is looked after."""


class Replication:
    """The copies of one position's keys."""

    def __init__(self, position: Position) -> None:
        self.position, self.storage = position, position.storage
        self._jobs: deque[Job] = deque()  # one at a time, so that a round is no burst
        self.offers = Offers(position)
        self._busy = False

    def round(self, on_end: Call) -> None:
        """Offer our keys to those who should hold copies; mind what was forgotten."""
        position, items = self.position, self.storage.items
        old_s = position.ctx.now() - FORGOTTEN * position.config.replicate_s
        ours = [key for key in items if position.owns(key)]
        strays = [
            key for key, item in items.items()
            if item.heard_s <= old_s and not position.owns(key)
        ]  # fmt: skip
        after, most = position.successors, position.config.replicas
        for one in copy_holders(position.me, after, most):
            self._do(partial(self._offer_job, one, ours))
        for key in strays:
            self._do(partial(self._mind, key))
        self._do(partial(_tell, on_end))

    def on_predecessor(self, before: Contact | None, new: Contact) -> None:
        """Give a new predecessor the keys that are its own from now on."""
        ring, me = self.position.ring, self.position.me.id
        start = me if before is None else before.id
        keys = [key for key in self.storage.items if ring.within(key, start, new.id)]
        if keys:
            self._do(partial(self._offer_job, new, keys))

    def hand_over(self, on_end: Callable[[int], None]) -> None:
        """Give all we own to our successor, for we go; ends with how many it has."""
        position = self.position
        keys = [key for key in self.storage.items if position.owns(key)]
        if not position.successors:
            on_end(0)
            return
        self.offers.offer(
            position.successors[0], keys, lambda ok: on_end(len(keys) if ok else 0)
        )

    def _mind(self, key: int, go_on: Call) -> None:
        """Bring a copy home; keep it only if we belong to those who hold copies."""
        position = self.position

        def found(end: Found) -> None:
            owner = end.owner
            if owner is None or owner.id == position.me.id:
                go_on()
                return
            holders = copy_holders(owner, end.followers, position.config.replicas)
            keep = any(one.id == position.me.id for one in holders)
            self.offers.offer(owner, [key], partial(brought, keep))

        def brought(keep: bool, ok: bool) -> None:
            if keep and key in self.storage.items:
                self.storage.items[key].heard_s = position.ctx.now()
            elif ok:
                self.storage.items.pop(key, None)
            go_on()

        position.find(key, found)

    def _offer_job(self, to: Contact, keys: Sequence[int], go_on: Call) -> None:
        self.offers.offer(to, keys, lambda _: go_on())

    def _do(self, job: Job) -> None:
        self._jobs.append(job)
        if not self._busy:
            self._busy = True
            self._next()

    def _next(self) -> None:
        if self._jobs:
            self._jobs.popleft()(self._soon)
        else:
            self._busy = False

    def _soon(self) -> None:
        self.position.ctx.after(0.0, self._next)


def _tell(on_end: Call, go_on: Call) -> None:
    on_end()
    go_on()
