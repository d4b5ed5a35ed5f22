"""Push-sum: halve what you hold, keep one half, send the other to anybody.

What it shows: values and weights travel alike, so their quotient tends to the mean at
every node, and no exchange has to be answered. What is lost takes its weight along.
Source: Kempe, Dobra, Gehrke, "Gossip-based computation of aggregate information",
FOCS 2003, section 2. Read next: ``anti_entropy``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import msgpack

from p2pkit.core import Address, Context, MsgpackCodec
from p2pkit.protocols.averaging.config import (
    PushSumConfig,
    check_number,
    require_number,
)
from p2pkit.protocols.averaging.messages import Share
from p2pkit.protocols.rounds import Rounds


class PushSum(Rounds):
    """One node: a sum, its weight, and the mean as their quotient."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Share)
    Config = PushSumConfig
    config: PushSumConfig

    def __init__(self, ctx: Context, config: PushSumConfig) -> None:
        super().__init__(ctx, config)
        self.own, self.sum, self.weight = 0.0, 0.0, 1.0

    def hold(self, value: float) -> None:
        """Set what this node contributes; may be called again when it changes."""
        self.sum += require_number(value) - self.own
        self.own = float(value)

    def estimate(self) -> float:
        """Return the mean of all values, as far as it is known here."""
        return self.sum / self.weight

    def inspect(self) -> dict[str, Any]:
        """Return the node's own value, and the sum and weight it holds."""
        return {"own": self.own, "sum": self.sum, "weight": self.weight}

    def save(self) -> bytes:
        """Keep all three: what leaves with a node is missing elsewhere."""
        return msgpack.encode((self.own, self.sum, self.weight))

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        kept = msgpack.decode(saved, type=tuple[float, float, float])
        self.own, self.sum, self.weight = kept

    def receive(self, sender: Address, message: Share) -> None:
        """Add a peer's half to what we hold."""
        check_number(message.sum)
        check_number(message.weight)
        self.sum += message.sum
        self.weight += message.weight

    def on_round(self) -> None:
        """Send one half away."""
        if self.view:
            self.sum, self.weight = self.sum / 2, self.weight / 2
            self.ctx.send(self.pick(), Share(self.sum, self.weight))
