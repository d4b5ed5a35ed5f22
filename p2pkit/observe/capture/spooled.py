"""Packets of a capture that is still going on, or whose recorder was killed.

Until it ends, its file has the blocks of the ring as the kernel wrote them; they are
read where they lie. Read first: ``ring.py``, ``spool.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from p2pkit.observe.capture.records import MOST_BYTES, Bytes
from p2pkit.observe.capture.ring import BLOCK_HEAD, BLOCK_HEAD_AT, PACKET_HEAD

HEAD_BYTES = 12
"""Bytes of a pcapng block before the ring's: type, length, and the ring's length."""

Spooled = tuple[int, int, int, int]
"""Where a packet lies, its bytes kept and on the wire, and its time in nanoseconds."""


def packets_in(data: Bytes, at: int, length: int) -> Iterator[Spooled]:
    """Yield the packets in the block of `length` bytes at `at`, as far as they go."""
    view, end = data.data, at + length
    begin = at + HEAD_BYTES
    if begin + BLOCK_HEAD_AT + BLOCK_HEAD.size > end:
        return
    count, offset, _ = BLOCK_HEAD.unpack_from(view, begin + BLOCK_HEAD_AT)
    for _ in range(count):
        packet = begin + offset
        if packet + PACKET_HEAD.size > end:
            return
        step, at_s, ns, kept, wire, _, start = PACKET_HEAD.unpack_from(view, packet)
        if kept > MOST_BYTES or packet + start + kept > end:
            return
        yield packet + start, kept, wire, at_s * 1_000_000_000 + ns
        offset += step
