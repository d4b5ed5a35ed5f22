"""Values: put and get, once a lookup has said who owns the key.

Source: CFS (F. Dabek et al., SOSP 2001), section 4, for copies on the successors.
Read next: ``dht.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact, Id, Operation, P2PError, short
from p2pkit.protocols.chord.messages import Done, Fetch, Held, Store
from p2pkit.protocols.chord.offering import copy_holders
from p2pkit.protocols.chord.walk import Found

if TYPE_CHECKING:
    from p2pkit.protocols.chord.member import ChordMember

TRIES = 3
"""Lookups of one put: an owner may have got a new predecessor meanwhile."""


class NotStored(P2PError):
    """No node took a value."""

    definite = False

    def __init__(self, key: int, id_bits: int) -> None:
        super().__init__(
            f"no node stored {short(key, id_bits)}: its owner does not answer, or "
            "refuses; see whether the ring is whole with check.ring(cluster)"
        )


class Values:
    """Puts and gets of one node."""

    def __init__(self, chord: ChordMember) -> None:
        self.chord, self.config = chord, chord.config

    def put(self, key: int, value: bytes, operation: Operation[Id], tries: int) -> None:
        """Store a value at the owner of its key, then copies at those that follow."""
        raw = self.chord.ring.pack(key)

        def found(end: Found) -> None:
            operation.steps += end.steps
            if end.owner is None:
                again()
                return
            stored = partial(copy, end.owner, end.followers)
            self._ask(end.owner, partial(Store, key=raw, value=value), stored, again)

        def again() -> None:
            if tries > 1:
                self.put(key, value, operation, tries - 1)
            else:
                operation.fail(NotStored(key, self.config.id_bits))

        def copy(owner: Contact, followers: tuple[Contact, ...], reply: Done) -> None:
            holders = copy_holders(owner, followers, self.config.replicas)
            left = len(holders) + 1

            def one_less(_: object = None) -> None:
                nonlocal left
                left -= 1
                if not left:
                    operation.finish(Id(key))

            make = partial(Store, key=raw, value=value, version=reply.version)
            for one in holders:
                self._ask(one, make, one_less, one_less)
            one_less()

        self.chord.find(key, found)

    def get(self, key: int, operation: Operation[bytes | None]) -> None:
        """Ask the owner of a key for its value, then those that hold copies."""
        make = partial(Fetch, key=self.chord.ring.pack(key))

        def found(end: Found) -> None:
            operation.steps = end.steps
            if end.owner is None:
                operation.finish(None)
                return
            most = self.config.replicas
            fetch([end.owner, *copy_holders(end.owner, end.followers, most)])

        def fetch(left: list[Contact]) -> None:
            if not left:
                operation.finish(None)
                return
            go_on = partial(fetch, left[1:])
            self._ask(left[0], make, partial(heard, go_on), go_on)

        def heard(go_on: Callable[[], None], reply: Held) -> None:
            if reply.value is None:
                go_on()
            else:
                operation.finish(reply.value)

        self.chord.find(key, found)

    def _ask(
        self,
        to: Contact,
        make: Callable[..., Store | Fetch],
        on_reply: Callable[..., None],
        on_failure: Callable[[], None],
    ) -> None:
        self.chord.peers.ask(self.chord.ctx.me.id, to, make, on_reply, on_failure)
