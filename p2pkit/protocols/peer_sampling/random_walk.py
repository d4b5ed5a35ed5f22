"""Random walks: a random node of the whole overlay, found by asking neighbors alone.

What it shows: after a few hops a walk has forgotten where it began. It ends at each
node in proportion to how many views that node stands in, and Cyclon keeps this nearly
the same for all; on an overlay with hubs the hubs would be drawn far more often.
Source: L. Lovasz, "Random walks on graphs", 1993, section 1; "CYCLON" (2005), 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    LocalProtocolError,
    Operation,
    RemoteProtocolError,
    Timer,
)
from p2pkit.protocols.peer_sampling.messages import Sample, Sampled

if TYPE_CHECKING:
    from p2pkit.protocols.peer_sampling.cyclon import Cyclon

TID_BYTES = 4


class Batch:
    """Walks that were begun together: what they have found, and who waits for it."""

    def __init__(self, operation: Operation[list[Address]], wanted: int) -> None:
        self.operation, self.wanted = operation, wanted
        self.tids: list[bytes] = []
        self.found: list[Address] = []
        self.timer: Timer | None = None


class RandomWalks:
    """The walks of one node: its own, and those that come by."""

    def __init__(self, node: Cyclon) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        self._open: dict[bytes, Batch] = {}

    def handlers(self) -> dict[type, Callable[[Address, Any], None]]:
        """Return which message is for which handler."""
        return {Sample: self.on_sample, Sampled: self.on_sampled}

    def sample(self, count: int) -> Operation[list[Address]]:
        """Start `count` walks; ends when all have ended, or with those in time."""
        if not 1 <= count <= self.config.max_samples - len(self._open):
            reason = (
                f"{count} walks are too few, or too many with {len(self._open)} under "
                f"way: there may be 1 to {self.config.max_samples} at a time"
            )
            raise LocalProtocolError(reason)
        batch = Batch(Operation("sample", began_s=self.ctx.now()), count)
        for _ in range(count):
            self._begin(batch)
        batch.timer = self.ctx.after(self.config.timeout_s, lambda: self._end(batch))
        return batch.operation

    def on_sample(self, _: Address, message: Sample) -> None:
        """Pass a walk on, but not to where it began; at its end say so there."""
        if message.ttl > self.config.walk_hops:
            reason = "walk longer than any of ours"
            raise RemoteProtocolError(reason)
        peer = self.node.view.random(without=(message.origin,)) if message.ttl else None
        if peer is None:
            self.ctx.send(message.origin, Sampled(message.tid))
        else:
            self.ctx.send(peer, Sample(message.tid, message.origin, message.ttl - 1))

    def on_sampled(self, sender: Address, message: Sampled) -> None:
        """Count who was reached."""
        batch = self._open.pop(message.tid, None)
        if batch is None:
            reason = "answer to no question"
            raise RemoteProtocolError(reason)
        batch.found.append(sender)
        if len(batch.found) == batch.wanted:
            self._end(batch)

    def stop(self) -> None:
        """Forget every walk."""
        for batch in self._open.values():
            if batch.timer is not None:
                batch.timer.cancel()
        self._open.clear()

    def _begin(self, batch: Batch) -> None:
        peer, tid = self.node.view.random(), self.ctx.rng.randbytes(TID_BYTES)
        if peer is not None:
            self._open[tid] = batch
            batch.tids.append(tid)
            ttl = self.config.walk_hops
            self.ctx.send(peer, Sample(tid, self.ctx.me.address, ttl))

    def _end(self, batch: Batch) -> None:
        for tid in batch.tids:
            self._open.pop(tid, None)
        if batch.timer is not None:
            batch.timer.cancel()
        batch.operation.finish(batch.found)
