"""Vivaldi: round-trip times foretold between nodes that never met.

What it shows: each node pings one random peer a round and moves a little, and after
some tens of rounds the distance between any two coordinates is their round trip.
Source: Dabek et al., "Vivaldi", SIGCOMM 2004, sections 2 and 3. What it leaves out: a
peer that answers late or lies within the bounds cannot be told from one far away; it
moves a node by `step_max_s` a round at most.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median_low
from typing import Any, ClassVar

from msgspec import Struct, msgpack, structs

from p2pkit.core import (
    Address,
    Context,
    LocalProtocolError,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Requests,
    RequestTimeout,
    format_address,
)
from p2pkit.protocols.rounds import Rounds
from p2pkit.protocols.vivaldi.config import VivaldiConfig
from p2pkit.protocols.vivaldi.coordinate import Coordinate, check, distance_s
from p2pkit.protocols.vivaldi.messages import Ping, Pong
from p2pkit.protocols.vivaldi.position import Position


class Met(Struct):
    """A peer that answered: where it said it was, and its last round trips."""

    coordinate: Coordinate
    rtts_s: list[float] = []


class Vivaldi(Rounds):
    """One node and its coordinate."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Ping, Pong)
    Config = VivaldiConfig
    config: VivaldiConfig

    def __init__(self, ctx: Context, config: VivaldiConfig) -> None:
        super().__init__(ctx, config)
        self.position = Position(config, ctx.rng)
        self.met: dict[Address, Met] = {}  # longest unheard of first
        wait_s = config.timeout_s
        self.requests = Requests(ctx, resend_s=wait_s, timeout_s=wait_s)

    def distance(self, address: Address) -> float:
        """Return the round trip to be expected to a peer that we met, in seconds."""
        return distance_s(self.position.coordinate, self._met(address).coordinate)

    def estimate(self, one: Address, other: Address) -> float:
        """Return the round trip to be expected between two peers that we met."""
        return distance_s(self._met(one).coordinate, self._met(other).coordinate)

    def nearest(self, count: int = 1) -> list[Address]:
        """Return the peers with the shortest expected round trips, nearest first."""
        return sorted(self.met, key=self.distance)[: max(count, 0)]

    def measure(self, address: Address) -> Operation[float]:
        """Ping a peer, learn from it, and end with the round trip in seconds."""
        operation: Operation[float] = Operation("measure", began_s=self.ctx.now())
        self._ping(address, operation)
        return operation

    def inspect(self) -> dict[str, Any]:
        """Return the node's coordinate and those of the peers it met."""
        plain = structs.asdict
        met = {format_address(a): plain(p.coordinate) for a, p in self.met.items()}
        return {"coordinate": plain(self.position.coordinate), "met": met}

    def save(self) -> bytes:
        """Keep the coordinate: a node that comes back is where it was."""
        return msgpack.encode(self.position.coordinate)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned; refuse what other settings have left."""
        coordinate = msgpack.decode(saved, type=Coordinate)
        try:
            check(coordinate, self.config)
        except RemoteProtocolError as error:
            reason = f"what was saved is a {error}: start without it"
            raise LocalProtocolError(reason) from error
        self.position.coordinate = coordinate

    def receive(self, sender: Address, message: Ping | Pong) -> None:
        """Handle one message."""
        if isinstance(message, Ping):
            self.ctx.send(sender, Pong(message.tid, self.position.coordinate))
            return
        check(message.coordinate, self.config)
        pending = self.requests.settle(sender, message.tid)
        if pending is None:
            raise RemoteProtocolError("answer to no question")  # noqa: EM101, TRY003
        pending.on_reply(message)

    def on_round(self) -> None:
        """Measure the way to a random peer."""
        if self.view:
            self._ping(self.pick(), Operation("measure"))

    def maintain(self) -> Operation[Any]:
        """Measure once at once; a peer that does not answer is a failure."""
        return self.measure(self.pick()) if self.view else super().maintain()

    def stop(self) -> None:
        """Ask no more."""
        super().stop()
        self.requests.stop()

    def _met(self, address: Address) -> Met:
        if address not in self.met:
            name = format_address(address)
            reason = f"{name} has not told us where it is: measure({address!r}) first"
            raise LocalProtocolError(reason)
        return self.met[address]

    def _ping(self, peer: Address, operation: Operation[float]) -> None:
        began_s = self.ctx.now()

        def answered(reply: Pong) -> None:
            rtt_s = self.ctx.now() - began_s
            self._learn(peer, reply.coordinate, rtt_s)
            operation.finish(rtt_s)

        # Sent once: of two sends nobody could tell which one was answered (Karn 1987).
        self.requests.ask(peer, Ping, answered, self._failed(peer, operation), sends=1)

    def _failed(self, peer: Address, operation: Operation[float]) -> Callable[[], None]:
        reason = f"no answer from {format_address(peer)}: check that a node runs there"
        return lambda: operation.fail(RequestTimeout(reason))

    def _learn(self, peer: Address, claimed: Coordinate, rtt_s: float) -> None:
        met = self.met.pop(peer, None) or Met(claimed)
        met.coordinate = claimed
        met.rtts_s = [*met.rtts_s, rtt_s][-self.config.filter_samples :]
        if len(self.met) >= self.config.memory:
            del self.met[next(iter(self.met))]
        self.met[peer] = met
        self.position.observe(claimed, median_low(met.rtts_s))
