"""Chord: a member of the ring that keeps values for others.

What it shows: the ring answers one question, who owns a key. To put is to ask that and
to leave the value there and at the nodes that follow; to get is to ask and to fetch.
Source: I. Stoica et al., "Chord", ToN 2003; CFS, SOSP 2001, for values and copies.
Simplified: values do not expire, and those put under a chosen key prove nothing.
Read first: ``member.py``. Read next: ``naive.py``, without what keeps it whole.
"""

from __future__ import annotations

from p2pkit.core import Context, Id, LocalProtocolError, Operation
from p2pkit.protocols.chord import saving
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.member import ChordMember
from p2pkit.protocols.chord.values import TRIES, Values
from p2pkit.protocols.chord.wire import MAX_VALUE_BYTES


class Chord(ChordMember):
    """One node of the ring."""

    def __init__(self, ctx: Context, config: ChordConfig | None = None) -> None:
        super().__init__(ctx, config)
        self.values = Values(self)

    def put(self, value: bytes, key: Id | None = None) -> Operation[Id]:
        """Store a value under its hash, or under a key of your choice.

        Ends with the key. A value has at most 900 of them. Another value put
        under the same key replaces it.
        """
        if len(value) > MAX_VALUE_BYTES:
            reason = f"a value has at most {MAX_VALUE_BYTES} bytes: cut it up"
            raise LocalProtocolError(reason)
        ring = self.ring
        number = ring.key_for(value) if key is None else ring.key_of(key)
        operation: Operation[Id] = self._begin("put", number)
        self.values.put(number, value, operation, TRIES)
        return operation

    def get(self, key: Id) -> Operation[bytes | None]:
        """Find the value stored under `key`; None if nobody has it."""
        operation: Operation[bytes | None] = self._begin("get", self.ring.key_of(key))
        self.values.get(operation.target, operation)
        return operation

    def save(self) -> bytes:
        """Return the values and whom we know, for a restart with this state."""
        return saving.save(self)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned: values, and addresses to join through."""
        saving.restore(self, saved)
