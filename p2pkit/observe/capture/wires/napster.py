"""Napster at a glance: two bytes say what a message is.

The length before them belongs to the framing. Types are those of
`protocols.central_index.messages`.
"""

from __future__ import annotations

import numpy as np

from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires.types import UNKNOWN, Types
from p2pkit.protocols.central_index.wire import KINDS


def types(payload: Stretches) -> Types:
    """Return the type of each message."""
    found = Types.unknown(len(payload), [kind.__name__ for kind, *_ in KINDS])
    codes = np.full(1 << 16, UNKNOWN, np.int64)
    for code, (_, number, *_) in enumerate(KINDS):
        codes[number] = code
    numbers = payload.byte(0).astype(np.int64) | payload.byte(1).astype(np.int64) << 8
    found.codes[:] = np.where(payload.length >= 2, codes[numbers], UNKNOWN)
    return found
