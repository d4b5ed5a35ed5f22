"""Reflection: what a query costs its sender, and what its answer costs the victim.

What it shows: an answer longer than its query is a lever. A forger who can send a
million bits a second has a node throw factor times as many at whoever it names, and a
thousand nodes a thousand times that, each doing nothing but its duty. The factor is
what the victim gets, over what the forger sent; with 28 bytes of IP and UDP header on
each datagram, for those go over the wire too.
Here nothing is forged: the prober is its own victim, and its counters are the measure.
Source: C. Rossow, "Amplification Hell", NDSS 2014; F. Adamsky et al., "P2P File-Sharing
in Hell", WOOT 2015, for the protocols of BitTorrent.
Defense: ``kademlia/restraint.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from p2pkit.core import Address, BothContext, Edge, Operation, Rng, Settings
from p2pkit.protocols import Gnutella, Kademlia, Swim

HEADER_BYTES = 28
"""An IPv4 header without options, and a UDP header."""


class Prober:
    """An attacker that asks in its own name, and does not even answer pings."""

    is_attacker: ClassVar[bool] = True
    Config = Settings

    def __init__(self, ctx: BothContext, config: Settings) -> None:
        self.ctx, self.config = ctx, config

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: Settings) -> int:
        """Return a random id; it is never told to anybody."""
        return rng.getrandbits(160)

    def probe(self, to: Address, message: Any) -> None:
        """Send one message."""
        self.ctx.send(to, message)

    def receive(self, sender: Address, message: Any) -> None:
        """Be hit: the driver's counters keep how hard."""

    def receive_stream(self, peer: Address, message: Any) -> None:
        """Be hit on a stream, which nobody can forge."""

    def on_connected(self, peer: Address) -> None:
        """Hear of a stream that somebody opens to the victim."""

    def on_closed(self, peer: Address) -> None:
        """Hear of its end."""

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Join nothing."""
        operation: Operation[None] = Operation("bootstrap")
        operation.finish(None)
        return operation

    maintain = bootstrap

    def neighbors(self) -> Iterable[Edge]:
        """Know nobody."""
        return ()

    def inspect(self) -> dict[str, Any]:
        """Return the role."""
        return {"role": "attacker"}

    def save(self) -> bytes:
        """Keep nothing."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take nothing up."""

    def stop(self) -> None:
        """End without a word."""


class KademliaProber(Prober):
    """One that speaks to the DHT."""

    codec: ClassVar[Any] = Kademlia.codec
    carrier: ClassVar[str] = Kademlia.carrier


class SwimProber(Prober):
    """One that speaks to members."""

    codec: ClassVar[Any] = Swim.codec
    carrier: ClassVar[str] = Swim.carrier
    framing: ClassVar[Any] = Swim.framing


class GnutellaProber(Prober):
    """One that speaks to servents."""

    codec: ClassVar[Any] = Gnutella.codec
    carrier: ClassVar[str] = Gnutella.carrier
    framing: ClassVar[Any] = Gnutella.framing
