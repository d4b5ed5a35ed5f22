"""Pairwise averaging: two nodes meet, and both go on with the mean of their values.

What it shows: the sum of all values never changes and their variance shrinks by a
constant factor a round, so all soon hold the mean; who meets whom decides the factor.
Source: Jelasity, Montresor, Babaoglu, "Gossip-based aggregation in large dynamic
networks", ACM TOCS 23 (2005), section 3. There an exchange is atomic; here the peer
answers with the difference it took, so that exchanges may overlap and the sum holds.
Read next: ``push_sum.py``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, msgpack

from p2pkit.core import (
    Address,
    Context,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
)
from p2pkit.protocols.averaging.config import (
    PairwiseConfig,
    check_number,
    require_number,
)
from p2pkit.protocols.averaging.messages import Offer, Settle
from p2pkit.protocols.averaging.pairing import Roster
from p2pkit.protocols.rounds import Rounds

MAX_ANSWERED = 4096
"""Peers whose last offer is remembered, so that one made twice is settled once."""


class Pending(Struct):
    """An offer that is not settled yet."""

    peer: Address
    offer: Offer
    resends: int = 0


class PairwiseAveraging(Rounds):
    """One node and its value."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Offer, Settle)
    Config = PairwiseConfig
    config: PairwiseConfig

    def __init__(self, ctx: Context, config: PairwiseConfig) -> None:
        super().__init__(ctx, config)
        self.value = self.own = 0.0
        self.pending: Pending | None = None
        self._answered: dict[Address, Settle] = {}
        self._roster: Roster | None = None
        if config.pairing == "matching":
            self._phase_s = 0.0

    def hold(self, value: float) -> None:
        """Set what this node contributes; may be called again when it changes."""
        self.value += require_number(value) - self.own
        self.own = float(value)

    def estimate(self) -> float:
        """Return the mean of all values, as far as it is known here."""
        return self.value

    def inspect(self) -> dict[str, Any]:
        """Return the node's own value and its estimate of the mean."""
        return {"own": self.own, "estimate": self.value}

    def save(self) -> bytes:
        """Keep both values: what leaves with a node is missing from the sum."""
        return msgpack.encode((self.own, self.value))

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.own, self.value = msgpack.decode(saved, type=tuple[float, float])

    def bootstrap(self, contacts: Any) -> Operation[None]:
        """Keep `contacts` as the view, and act from the next round on."""
        self._roster = None
        if self.config.pairing == "matching":
            self._roster = Roster(self.ctx.me.address, contacts)
        return super().bootstrap(contacts)

    def receive(self, sender: Address, message: Offer | Settle) -> None:
        """Handle one message."""
        if isinstance(message, Offer):
            self._on_offer(sender, message)
        else:
            self._on_settle(sender, message)

    def on_round(self) -> None:
        """Make an offer; first again the one that was not settled."""
        pending = self.pending
        if pending is None or pending.resends >= self.config.resends:
            peer = self._partner()
            if peer is None:
                return
            offer = Offer(self.ctx.rng.getrandbits(32), self.value)
            pending = self.pending = Pending(peer, offer)
        else:
            pending.resends += 1
        self.ctx.send(pending.peer, pending.offer)

    def _partner(self) -> Address | None:
        if self._roster is not None:
            return self._roster.partner_to_call(self.round)
        return self.pick() if self.view else None

    def _await_round(self) -> None:
        if self.config.pairing != "random":
            super()._await_round()
            return
        wait_s = self.ctx.rng.expovariate(1 / self.config.round_s)
        self._timer = self.ctx.after(wait_s, self._on_round_timer)

    def _on_offer(self, sender: Address, message: Offer) -> None:
        check_number(message.value)
        last = self._answered.pop(sender, None)
        if last is None or last.number != message.number:
            taken = (message.value - self.value) / 2
            self.value += taken
            last = Settle(message.number, taken)
        if len(self._answered) >= MAX_ANSWERED:
            del self._answered[next(iter(self._answered))]
        self._answered[sender] = last
        self.ctx.send(sender, last)

    def _on_settle(self, sender: Address, message: Settle) -> None:
        pending = self.pending
        if pending is None or (sender, message.number) != (
            pending.peer,
            pending.offer.number,
        ):
            raise RemoteProtocolError("settles no offer of ours")  # noqa: EM101, TRY003
        check_number(message.taken)
        self.pending = None
        self.value -= message.taken
