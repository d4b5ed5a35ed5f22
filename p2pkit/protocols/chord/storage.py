"""Storage: the values that a position keeps, bounded, each with a version.

The owner of a key numbers what is put there; of two versions the higher one stays,
so copies that cross on the way end up the same everywhere. Anybody may put, so a
version proves nothing: who forges the highest keeps others from counting on, and not
from putting.
Source: CFS (F. Dabek et al., SOSP 2001), section 4, for copies on the successors.
Read next: ``replication.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.ring import Ring
from p2pkit.protocols.chord.wire import MAX_VERSION

Head = tuple[bytes, bytes]


class Item(msgspec.Struct):
    """A value, its version, and when we last heard that we should hold it."""

    value: bytes
    version: int
    heard_s: float


class Storage:
    """What one position holds; when it is full, more is refused."""

    def __init__(self, ring: Ring, config: ChordConfig) -> None:
        self.ring, self.config = ring, config
        self.items: dict[int, Item] = {}

    @property
    def is_full(self) -> bool:
        """Whether no further key can be kept."""
        return len(self.items) >= self.config.max_keys

    def put(self, key: int, value: bytes, now: float) -> int | None:
        """Keep what is put at us, its owner; return its version, None if full."""
        held = self.items.get(key)
        if held is not None and held.value == value:
            return held.version  # a request that came twice is one put
        if held is None and self.is_full:
            return None
        version = 1 if held is None else min(held.version + 1, MAX_VERSION)
        self.items[key] = Item(value, version, now)
        return version

    def take(self, key: int, value: bytes, version: int, now: float) -> bool:
        """Keep a copy unless we hold a newer one; tell whether it is held now."""
        held = self.items.get(key)
        if held is None and self.is_full:
            return False
        if held is None or (version, value) > (held.version, held.value):
            self.items[key] = Item(value, version, now)
        return True

    def on_store(
        self, head: Head, request: m.Store, owns: Callable[[int], bool], now: float
    ) -> m.Reply:
        """Answer a request to keep a value, as its owner or as a copy."""
        key = self.ring.unpack(request.key)
        if request.version:
            taken = self.take(key, request.value, request.version, now)
            return m.Done(*head, request.version) if taken else m.Refused(*head, m.FULL)
        if not owns(key):
            return m.Refused(*head, m.NOT_MINE)
        version = self.put(key, request.value, now)
        return m.Refused(*head, m.FULL) if version is None else m.Done(*head, version)

    def on_fetch(self, head: Head, request: m.Fetch) -> m.Reply:
        """Answer with the value under a key, if there is one."""
        held = self.items.get(self.ring.unpack(request.key))
        if held is None:
            return m.Held(*head, None)
        return m.Held(*head, held.value, held.version)

    def on_offer(self, head: Head, request: m.Offer, now: float) -> m.Reply:
        """Answer which of the keys offered we lack, or hold in an older version."""
        missing = []
        for raw, version in request.held:
            held = self.items.get(self.ring.unpack(raw))
            if held is None or held.version < version:
                missing.append(raw)
            else:
                held.heard_s = now
        return m.Missing(*head, tuple(missing))
