"""Joining: comparing tables with somebody who is in already.

What it shows: one comparison tells a newcomer everybody, and gossip tells everybody of
the newcomer. Who finds nobody tries again: perhaps the others are still starting.
Source: memberlist's join; SWIM leaves it open.
Read first: ``sync.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    Joined,
    Operation,
    PeerUnreachable,
    Timer,
    format_address,
)
from p2pkit.protocols.swim.messages import Entry, PushPull

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode

REMEMBERED = 8
"""Members of before a restart that are tried beside the contacts given."""


class Joining:
    """How one node gets in."""

    def __init__(self, node: SwimNode) -> None:
        self.node = node
        self.remembered: list[Address] = []
        self.timer: Timer | None = None
        self.tables = 0
        self.named: Counter[str] = Counter()  # in how many of those tables

    def remember(self, table: Any) -> None:
        """Take up from a table of ours who was there, and our next incarnation."""
        assert isinstance(table, PushPull), "our own saved table"
        for entry in table.entries:
            if entry.node == self.node.name:
                self.node.own.incarnation = entry.incarnation + 1
            elif entry.state == 0:
                self.remembered.append(entry.address)
        del self.remembered[REMEMBERED:]

    def told(self, entries: Sequence[Entry]) -> None:
        """Take note of whom a table named that we were given for joining."""
        self.tables += 1
        self.named.update({entry.node for entry in entries})

    def join(self, contacts: Sequence[Address], operation: Operation[int]) -> None:
        """Compare tables with all of these; one that answers is enough."""
        node = self.node
        addresses = list(dict.fromkeys([*contacts, *self.remembered]))
        addresses = [one for one in addresses if one != node.ctx.me.address]
        left, joined = len(addresses), not addresses

        def on_end(ok: bool) -> None:
            nonlocal left, joined
            left, joined = left - 1, joined or ok
            if not left:
                end()

        def end() -> None:
            # What all of them told us is no news to them; what some did is to others.
            known = (name for name, times in self.named.items() if times == self.tables)
            node.gossip.queue.drop(known)
            self.tables = 0
            self.named.clear()
            if joined:
                node.ctx.emit(Joined(node.members.up))
                operation.finish(node.size)
            else:
                operation.fail(_nobody(addresses))
                self._try_again(contacts)

        for address in addresses:
            node.sync.exchange(address, on_end, join=True)
        if not addresses:
            end()

    def stop(self) -> None:
        """Try no more."""
        if self.timer is not None:
            self.timer.cancel()

    def _try_again(self, contacts: Sequence[Address]) -> None:
        def again() -> None:
            if not self.node.members.up:  # nobody has found us meanwhile
                self.join(contacts, Operation("bootstrap"))

        self.timer = self.node.ctx.after(self.node.config.probe_s, again)


def _nobody(addresses: Sequence[Address]) -> PeerUnreachable:
    first = format_address(addresses[0])
    return PeerUnreachable(
        f"none of {len(addresses)} members answered, {first} first: check that one "
        "is there and listens on TCP as well"
    )
