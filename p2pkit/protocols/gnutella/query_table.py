"""Query table: which slots are filled, and what has changed since it was last sent.

What is sent is a patch: for each slot of the table by how much its number changes.
Numbers once were distances in hops, with `infinity` for "nowhere"; today a slot is
filled or not, so a patch lowers what becomes filled and raises what becomes empty.
Read first: ``qrp.py``. Read next: ``qrp_messages.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.gnutella.qrp import word_slot, words_needed

BITS = 16
"""Of our own tables: 65,536 slots, what servents have agreed on."""

MIN_BITS, MAX_BITS = 3, 20
"""Of the tables that are taken; the largest takes 128 KiB."""

INFINITY = 7
"""The number of an empty slot of ours; a filled one has 1."""

_CHANGED = re.compile(rb"[^\0]", re.DOTALL)


class QueryTable:
    """A set of slots.

    Parameters
    ----------
    bits : int
        The table has ``2**bits`` slots.

    Examples
    --------
    >>> table = QueryTable()
    >>> table.fill(["lecture", "graphs"])
    >>> table.may_have(["lecture", "graphs"]), table.may_have(["lecture", "music"])
    (True, False)
    """

    def __init__(self, bits: int = BITS) -> None:
        self.bits = bits
        self._filled = bytearray((1 << bits) // 8)

    def fill(self, words: Iterable[str]) -> None:
        """Fill the slots of some words."""
        for word in words:
            slot = word_slot(word, self.bits)
            self._filled[slot >> 3] |= 1 << (slot & 7)

    def may_have(self, words: Iterable[str]) -> bool:
        """Whether who sent this table may have a file with these words.

        There are no false negatives, but for words that are not indexed; false
        positives there are as many as slots are filled for other words.
        """
        found = [self._has(word_slot(word, self.bits)) for word in words]
        return bool(found) and sum(found) >= words_needed(len(found))

    def merge(self, other: QueryTable) -> None:
        """Fill all slots that another table has filled, whatever its size."""
        if other.bits == self.bits:
            both = _number(self._filled) | _number(other._filled)
            self._filled[:] = both.to_bytes(len(self._filled), "little")
            return
        spread = max(self.bits - other.bits, 0)
        for slot in other.slots():
            first = slot << spread if spread else slot >> other.bits - self.bits
            for one in range(first, first + (1 << spread)):
                self._filled[one >> 3] |= 1 << (one & 7)

    def slots(self) -> list[int]:
        """Return the filled slots, in order."""
        return [
            match.start() * 8 + bit
            for match in _CHANGED.finditer(self._filled)
            for bit in range(8)
            if match[0][0] >> bit & 1
        ]

    def patch_from(self, before: QueryTable) -> bytes:
        """Return the patch that makes this table of `before`: 4 bits for each slot.

        Empty if nothing has changed.
        """
        changed = _number(self._filled) ^ _number(before._filled)
        if not changed:
            return b""
        patch = bytearray((1 << self.bits) // 2)
        for match in _CHANGED.finditer(changed.to_bytes(len(self._filled), "little")):
            for bit in range(8):
                if match[0][0] >> bit & 1:
                    slot = match.start() * 8 + bit
                    change = 1 - INFINITY if self._has(slot) else INFINITY - 1
                    patch[slot >> 1] |= (change & 15) << (0 if slot & 1 else 4)
        return bytes(patch)

    def apply(self, patch: bytes, entry_bits: int) -> None:
        """Change the table by a patch of 4 or 8 bits for each slot.

        A number that is lowered is that of a filled slot, one that is raised that of
        an empty one. Of a patch that is shorter than the table the rest is no change.

        Raises
        ------
        RemoteProtocolError
            If it is longer than the table, or its numbers have another size.
        """
        if entry_bits not in (4, 8):
            raise RemoteProtocolError("entries of other bits")  # noqa: EM101, TRY003
        if len(patch) * 8 > entry_bits << self.bits:
            raise RemoteProtocolError("patch beyond its table")  # noqa: EM101, TRY003
        for match in _CHANGED.finditer(patch):
            at, byte = match.start(), match[0][0]
            if entry_bits == 8:
                self._change(at, byte & 0x80)
                continue
            for slot, half in ((2 * at, byte >> 4), (2 * at + 1, byte & 15)):
                if half:
                    self._change(slot, half & 8)

    def copy(self) -> QueryTable:
        """Return another table with the same slots."""
        copy = QueryTable(self.bits)
        copy._filled[:] = self._filled
        return copy

    def __len__(self) -> int:
        return _number(self._filled).bit_count()

    def _has(self, slot: int) -> bool:
        return bool(self._filled[slot >> 3] >> (slot & 7) & 1)

    def _change(self, slot: int, is_lower: int) -> None:
        if is_lower:
            self._filled[slot >> 3] |= 1 << (slot & 7)
        else:
            self._filled[slot >> 3] &= ~(1 << (slot & 7))


def _number(data: bytes | bytearray) -> int:
    return int.from_bytes(data, "little")
