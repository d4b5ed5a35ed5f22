"""Walks: to a key, from peer to peer, each nearer than the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import Find, Found, Pong, key_of
from p2pkit.core import Contact

if TYPE_CHECKING:
    from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper


class Walk:
    """One path to a key; it begins at once, and ends once.

    Parameters
    ----------
    node : Keeper
        Whose walk it is.
    key : int
        Where to.
    start : list of Contact
        Where from: the first `k` of them count.
    asked : dict of int to Contact
        Whom other paths have asked, by id: they are not asked again. Grows.
    on_end : callable
        Called with the walk at its end.

    Attributes
    ----------
    value : bytes
        What was found; empty if nothing was.
    """

    def __init__(
        self,
        node: Keeper,
        key: int,
        start: Sequence[Contact],
        asked: dict[int, Contact],
        on_end: Callable[[Walk], None],
    ) -> None:
        self.node, self.key, self.on_end = node, key, on_end
        self.value = node.values.get(key, b"")
        self.asked, self.left = asked, node.config.asks
        self.known: dict[int, Contact] = {}
        self.heard: dict[int, Contact] = {}
        self.on_their_way: dict[int, Contact] = {}
        self.is_over = False
        self._add(node.thin(start)[: node.config.k])
        self._step()

    def nearest(self) -> list[Contact]:
        """Return the `k` nearest that have answered, nearest first."""
        return self._top(self.heard)

    def _add(self, contacts: Sequence[Contact]) -> None:
        for one in contacts:
            # Who was asked on another path, or in vain on this one, is out.
            is_new = one.id not in self.known and one.id not in self.asked
            if is_new and one.id != self.node.ctx.me.id and self.node.fits(one):
                self.known[one.id] = one

    def _top(self, among: dict[int, Contact]) -> list[Contact]:
        near = sorted(among.values(), key=lambda one: one.id ^ self.key)
        return self.node.thin(near)[: self.node.config.k]

    def _step(self) -> None:
        """Ask the nearest that were not asked yet, or end."""
        if self.is_over:
            return
        for one in [] if self.value else self._top(self.known):
            if len(self.on_their_way) == self.node.config.alpha or not self.left:
                break
            if one.id not in self.asked:
                self._ask(one)
        if not self.on_their_way or self.value:
            self.is_over = True
            self.on_end(self)

    def _ask(self, one: Contact) -> None:
        self.left -= 1
        self.asked[one.id] = self.on_their_way[one.id] = one
        self.node.ask(
            one.address, Find, (self.key,),
            lambda answer: self._on_answer(one, answer),
            lambda: self._on_silence(one),
        )  # fmt: skip

    def _on_answer(self, one: Contact, answer: Found | Pong) -> None:
        if not isinstance(answer, Found) or answer.me != one.id:
            self._on_silence(one)  # somebody else lives there
            return
        del self.on_their_way[one.id]
        self.heard[one.id] = one
        if answer.value and key_of(answer.value) == self.key:
            self.value = answer.value
        self._add(answer.peers)
        self._step()

    def _on_silence(self, one: Contact) -> None:
        del self.on_their_way[one.id]
        self.known.pop(one.id, None)
        self._step()
