"""Dissemination: claims ride on probes, a logarithmic number of times each.

What it shows: news reaches everybody in a number of rounds that grows with the
logarithm of the cluster, so each node repeats a claim that often and then forgets it.
What has been told least goes first, and a newer claim about a member takes the place
of the older one.
Source: SWIM, sections 4.1 and 4.4; the limit and the rounds of gossip apart from
probes are memberlist's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from p2pkit.core import Address, Message
from p2pkit.protocols.swim.members import Member
from p2pkit.protocols.swim.messages import Claim, Compound
from p2pkit.protocols.swim.writing import write

if TYPE_CHECKING:
    from p2pkit.core import Timer
    from p2pkit.protocols.swim.node import SwimNode

HEAD_BYTES, PART_BYTES = 2, 2
"""What a compound adds, and what it adds for each part."""
MAX_PARTS = 255


def retransmits(mult: int, size: int) -> int:
    """Return how often one node sends a claim, among `size` members.

    Examples
    --------
    >>> [retransmits(4, n) for n in (1, 9, 10, 99, 100)]
    [4, 4, 8, 8, 12]
    """
    return mult * math.ceil(math.log10(size + 1))


class Queue:
    """The claims to be told, at most one a member."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Claim, int, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, claim: Claim) -> None:
        """Have a claim told; it takes the place of an older one about that member."""
        self._waiting.pop(claim.node, None)
        self._waiting[claim.node] = (claim, len(write(claim)), 0)

    def drop(self, names: Iterable[str]) -> None:
        """Tell nothing about these members."""
        for name in names:
            self._waiting.pop(name, None)

    def take(self, room_bytes: int, limit: int) -> list[Claim]:
        """Take what fits, least told first; forget what has been told `limit` times.

        Among equals the newest goes first.
        """
        taken: list[Claim] = []
        newest_first = reversed(self._waiting.values())
        for claim, size, told in sorted(newest_first, key=lambda one: one[2]):
            if size + PART_BYTES > room_bytes or len(taken) >= MAX_PARTS - 2:
                continue
            room_bytes -= size + PART_BYTES
            taken.append(claim)
            if told + 1 >= limit:
                del self._waiting[claim.node]
            else:
                self._waiting[claim.node] = (claim, size, told + 1)
        return taken


class Gossip:
    """What one node tells others, beside and apart from its probes."""

    def __init__(self, node: SwimNode) -> None:
        self.node, self.queue = node, Queue()
        self.timer: Timer | None = None

    def start(self) -> None:
        """Begin the rounds, at a time that chance picks."""
        period_s = self.node.config.gossip_s
        if period_s:
            first_s = self.node.ctx.rng.uniform(0.0, period_s)
            self.timer = self.node.ctx.after(first_s, self._on_round)

    def stop(self) -> None:
        """End the rounds."""
        if self.timer is not None:
            self.timer.cancel()

    def send(self, to: Address, *messages: Message) -> None:
        """Send messages in one datagram, filled up with claims where there is room."""
        config, parts = self.node.config, list(messages)
        if len(self.queue):
            used = HEAD_BYTES + sum(PART_BYTES + len(write(one)) for one in parts)
            limit = retransmits(config.retransmit_mult, self.node.size)
            parts += self.queue.take(config.datagram_bytes - used, limit)
        if parts:
            whole = Compound(tuple(parts)) if len(parts) > 1 else parts[0]
            self.node.ctx.send(to, whole)

    def _on_round(self) -> None:
        node, config = self.node, self.node.config
        if len(self.queue):
            for member in node.members.some(config.gossip_nodes, self._is_told):
                self.send(member.address)
        self.timer = node.ctx.after(config.gossip_s, self._on_round)

    def _is_told(self, member: Member) -> bool:
        """Tell whether gossip goes to a member: to the dead too for a while."""
        dead_s = self.node.ctx.now() - member.changed_s
        return member.is_up or dead_s < self.node.config.gossip_to_dead_s
