"""Successor lists: the next r nodes on the ring, in order, and how two lists merge.

What it shows: the list is what keeps a ring whole. Published Chord could lose nodes
because a list was believed that skipped one, or whose head was dead. So a list is
taken over only from a head *that has just answered*, and only as long as it goes on
clockwise; it never names the node itself.
Source: P. Zave, "How to Make Chord Correct", 2017, section 4: the list of a node is
its head and the head's own list, without the last.
Read next: ``lookup.py``, then ``stabilize.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.protocols.chord.ring import Ring


def extend(
    ring: Ring, own: int, head: Contact, tail: Sequence[Contact], most: int
) -> list[Contact]:
    """Return the successor list of `own`: its head, then the head's list.

    It ends where the head's list comes around to `own`.

    Examples
    --------
    >>> a, b, c = (Contact(i, ("127.0.0.1", i)) for i in (1, 5, 9))
    >>> [one.id for one in extend(Ring(4), 1, b, [c, a], most=4)]
    [5, 9]
    """
    found, reached = [head], ring.gap(own, head.id)
    for one in tail:
        gap = ring.gap(own, one.id)
        if gap <= reached or len(found) == most:
            break
        found.append(one)
        reached = gap
    return found


def require_order(
    ring: Ring, start: int, contacts: Sequence[Contact], reached: int = 0
) -> None:
    """Raise `RemoteProtocolError` unless contacts go clockwise from `start`, once.

    The first must be farther from it than `reached`: -1 lets `start` itself pass.
    """
    for one in contacts:
        gap = ring.gap(start, one.id)
        if gap <= reached:
            reason = "successor list out of order"
            raise RemoteProtocolError(reason)
        reached = gap
