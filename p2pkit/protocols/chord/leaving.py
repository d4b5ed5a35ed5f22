"""Leaving: a node that goes on purpose gives its values away and says goodbye.

What it shows: a goodbye is a hint. Whoever hears it asks whether the node is still a
member, so nobody can be sent away by a forged one; from now on we refuse to be.
Source: I. Stoica et al., "Chord", ToN 2003, section 5.3.3.
Read next: ``member.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Operation
from p2pkit.protocols.chord.messages import Leave
from p2pkit.protocols.chord.timers import in_turn

if TYPE_CHECKING:
    from p2pkit.protocols.chord.host import ChordHost
    from p2pkit.protocols.chord.node import Position


def leave(host: ChordHost, operation: Operation[int]) -> None:
    """Hand our values to those that follow us, then take our positions off."""
    handed = 0

    def go(one: Position, on_end: Callable[[], None]) -> None:
        def handed_over(count: int) -> None:
            nonlocal handed
            handed += count
            goodbye(host, one)
            on_end()

        one.replication.hand_over(handed_over)

    host.timers.stop()
    in_turn(host.positions, go, lambda: operation.finish(handed))


def goodbye(host: ChordHost, one: Position) -> None:
    """Take a position off the ring and tell the nodes before and after it."""
    near = dict.fromkeys([one.predecessor, *one.successors[:1]])
    ask, was_member, one.joined = host.peers.ask, one.joined, False
    for peer in near:
        if peer is not None and was_member:
            ask(one.me.id, peer, Leave, lambda _: None, lambda: None)
