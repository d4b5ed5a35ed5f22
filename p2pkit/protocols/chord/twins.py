"""Twins: two nodes with one id, of which only one can stand on the ring.

What it shows: a lookup of one's own id tells who has it already, unless both join at
the same time. So a newcomer asks its successor once more when it is in place: if that
one takes somebody else with our id for its predecessor, the place is not ours.
With 160 bits that does not happen; with few, for teaching, it does.
Read next: ``reunion.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact, LocalProtocolError, Operation, format_address, short
from p2pkit.protocols.chord.leaving import goodbye
from p2pkit.protocols.chord.messages import GetLinks, Links, Ping

if TYPE_CHECKING:
    from p2pkit.protocols.chord.host import ChordHost
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]


def confirm(
    host: ChordHost, one: Position, operation: Operation[int], on_end: Call
) -> None:
    """Give a new position up if its successor has a twin of it, which is alive."""
    if not one.successors:
        on_end()
        return
    ask, head = host.peers.ask, one.successors[0]

    def heard(reply: Links) -> None:
        twin, _ = one.links(head, reply)
        if twin is None or twin.id != one.me.id or twin == one.me:
            on_end()
        else:
            taken = partial(give_up, host, one, twin, operation, on_end)
            ask(one.me.id, twin, Ping, lambda _: taken(), on_end)

    ask(one.me.id, head, GetLinks, heard, on_end)


def give_up(
    host: ChordHost,
    one: Position,
    other: Contact,
    operation: Operation[int],
    on_end: Call,
) -> None:
    """Leave a place to the node that has its id.

    A node does without a further position; without its first it cannot join.
    """
    if one is not host.positions[0]:
        goodbye(host, one)
        host.positions.remove(one)
        on_end()
        return
    for each in host.positions:
        goodbye(host, each)
    bits = host.config.id_bits
    reason = (
        f"the id {short(other.id, bits)} is taken by the node at "
        f"{format_address(other.address)}: use more than {bits} id_bits, or "
        "another address"
    )
    operation.fail(LocalProtocolError(reason))
