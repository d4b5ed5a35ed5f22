"""The kit's own messages at a glance: msgpack maps that begin with the class's name.

``81 a4 "type" aa "IndirectOf"``: a map, the key ``type``, the name. See
`core.MsgpackCodec`.
"""

from __future__ import annotations

import numpy as np

from p2pkit.observe.capture.records import Ints, Mask
from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires.types import UNKNOWN, Types

KEY = b"\xa4type"
SHORT_TEXT, TEXT_8 = 0xA0, 0xD9
MOST_NAME_BYTES = 64
"""Longer names of classes are cut."""


def looks_like(payload: Stretches) -> Mask:
    """Tell which pieces may be such messages."""
    at, _, length = _names(payload)
    return np.asarray((length > 0) & (at + length <= payload.length))


def types(payload: Stretches) -> Types:
    """Return the type of each message: the name it carries.

    Examples
    --------
    >>> one = bytes.fromhex("81a474797065a454656c6c")
    >>> types(Stretches.of([one, b"spam"])).name(0)
    'Tell'
    """
    at, inside, length = _names(payload)
    found = Types.unknown(len(payload))
    some = np.flatnonzero(inside)
    names = payload[some].texts(at[some], length[some], MOST_NAME_BYTES)
    unique, codes = np.unique(names, return_inverse=True)
    texts = [name.decode(errors="replace") for name in unique.tolist()]
    found.put(some, Types(codes.astype(np.int64), texts))
    return found


def _names(payload: Stretches) -> tuple[Ints, Mask, Ints]:
    """Return where each name begins, whether there is one, and its length."""
    first = payload.byte(0)
    is_map = (first >= 0x80) & (first <= 0x8F)
    at = np.where(first == 0xDE, 3, 1)  # a map of 16 entries or more
    is_map |= first == 0xDE
    inside = np.asarray(is_map & payload.has(at, KEY))
    at = at + len(KEY)
    head = payload.byte(at).astype(np.int64)
    is_short = (head >= SHORT_TEXT) & (head < SHORT_TEXT + 32)
    is_long = head == TEXT_8
    length = np.where(is_short, head - SHORT_TEXT, 0)
    length = np.where(is_long, payload.byte(at + 1), length)
    at = at + np.where(is_long, 2, 1)
    inside &= (is_short | is_long) & (length > 0) & (at + length <= payload.length)
    return at, inside, np.where(inside, length, UNKNOWN)
