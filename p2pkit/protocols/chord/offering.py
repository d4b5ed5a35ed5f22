"""Offering: copies travel by key and version first, by value where they are missing.

Read next: ``values.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact
from p2pkit.protocols.chord.messages import Missing, Offer, Request, Store
from p2pkit.protocols.chord.wire import MAX_OFFERED

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position


def copy_holders(
    owner: Contact, followers: Iterable[Contact], replicas: int
) -> list[Contact]:
    """Return who holds the copies: the next nodes, each address once."""
    at = {owner.address: owner}
    for one in followers:
        at.setdefault(one.address, one)
    return list(at.values())[1:replicas]


class Offers:
    """Brings values of one position to others."""

    def __init__(self, position: Position) -> None:
        self.position, self.storage = position, position.storage

    def offer(
        self, to: Contact, keys: Sequence[int], on_end: Callable[[bool], None]
    ) -> None:
        """Offer values to a peer, store what it lacks there; tell if it has all."""
        ring, items, left = self.position.ring, self.storage.items, keys[MAX_OFFERED:]
        held = {
            ring.pack(key): items[key].version
            for key in keys[:MAX_OFFERED] if key in items
        }  # fmt: skip

        def store(missing: Missing) -> None:
            wanted = [ring.unpack(raw) for raw in missing.keys if raw in held]
            go_on = partial(self.offer, to, left, on_end)
            self._store_all(to, wanted, lambda ok: go_on() if ok else on_end(False))

        if held:
            self._ask(to, partial(Offer, held=tuple(held.items())), store, on_end)
        else:
            on_end(True)

    def _store_all(
        self, to: Contact, keys: list[int], on_end: Callable[[bool], None]
    ) -> None:
        item = self.storage.items.get(keys[0]) if keys else None
        if item is None:
            on_end(True)
            return
        key = self.position.ring.pack(keys[0])
        make = partial(Store, key=key, value=item.value, version=item.version)
        self._ask(to, make, lambda _: self._store_all(to, keys[1:], on_end), on_end)

    def _ask(
        self,
        to: Contact,
        make: Callable[..., Request],
        on_reply: Callable[..., None],
        on_end: Callable[[bool], None],
    ) -> None:
        me = self.position.me.id
        self.position.peers.ask(me, to, make, on_reply, lambda: on_end(False))
