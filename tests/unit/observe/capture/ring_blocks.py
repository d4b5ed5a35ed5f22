"""Blocks as the kernel's ring has them, made by hand."""

from __future__ import annotations

import struct

from p2pkit.observe.capture.packing import datagram

HERE, THERE = ("127.5.0.1", 6881), ("127.5.1.1", 6881)
SLOT_AT, DATA_AT = 48, 82


def frame(payload, source=HERE, target=THERE):
    return datagram(source, target, payload, 1)


def ring_block(frames, first_ns=1_000_000_001):
    """Return a block of frames, a nanosecond apart."""
    slots = b""
    for number, data in enumerate(frames):
        step = -(-(DATA_AT + len(data)) // 8) * 8
        at_s, ns = divmod(first_ns + number, 10**9)
        head = struct.pack(
            "=6IH", step, at_s, ns, len(data), len(data), 0, DATA_AT
        ).ljust(DATA_AT, b"\0")
        slots += (head + data).ljust(step, b"\0")
    used = SLOT_AT + len(slots)
    head = struct.pack("=6I", 1, SLOT_AT, 1, len(frames), SLOT_AT, used)
    return head.ljust(SLOT_AT, b"\0") + slots
