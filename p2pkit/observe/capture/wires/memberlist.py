"""memberlist at a glance: the first byte of a message is its type.

A checksum stands before all else and is stepped over; what is compressed is left to the
codec. Source: memberlist's net.go as seen on the wire. Types are those of
`protocols.swim.messages`.
"""

from __future__ import annotations

import numpy as np

from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires.types import UNKNOWN, Types

NAMES = (
    "Ping", "IndirectPing", "Ack", "Suspect", "Alive", "Dead", "PushPull", "Compound",
    "User", "compressed", "encrypted", "Nack", "checksum", "Failure",
)  # fmt: skip
"""By first byte; those in small letters are envelopes, and no types."""

CHECKSUM, CHECKSUM_BYTES = 12, 5
ENVELOPES = (9, 10, 12)


def types(payload: Stretches) -> Types:
    """Return the type of each message.

    Examples
    --------
    >>> types(Stretches.of([bytes([0]), bytes([12, 0, 0, 0, 0, 2])])).codes.tolist()
    [0, 2]
    """
    first = payload.byte(0).astype(np.int64)
    inner = payload.byte(CHECKSUM_BYTES).astype(np.int64)
    is_checked = (first == CHECKSUM) & (payload.length > CHECKSUM_BYTES)
    first = np.where(is_checked, inner, first)
    first[(first >= len(NAMES)) | np.isin(first, ENVELOPES)] = UNKNOWN
    first[payload.length == 0] = UNKNOWN
    return Types(first, list(NAMES))
