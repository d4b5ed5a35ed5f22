"""Gossipsub: full messages along a mesh of few links, names of messages to others.

What it shows: a mesh of about d links a topic costs a constant number of copies, in a
network of whatever size; gossip beside it repairs what the mesh misses; scores keep
links with peers that do their part.
Source: the libp2p specifications of gossipsub 1.0 and 1.1.
Read first: ``floodsub.py``, ``mesh.py``, ``gossip.py``, ``score.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from p2pkit.core import (
    Address,
    Contact,
    Edge,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    StreamContext,
    Timer,
)
from p2pkit.protocols.pubsub.config import GossipsubConfig
from p2pkit.protocols.pubsub.gossip import Gossip
from p2pkit.protocols.pubsub.mesh import Mesh
from p2pkit.protocols.pubsub.messages import (
    MESHED,
    Graft,
    IHave,
    IWant,
    Prune,
    Publish,
    Subscriptions,
)
from p2pkit.protocols.pubsub.node import PubSub
from p2pkit.protocols.pubsub.score import Scores


class Gossipsub(PubSub):
    """One node."""

    codec: ClassVar[MsgpackCodec] = MESHED
    Config = GossipsubConfig
    config: GossipsubConfig

    def __init__(
        self, ctx: StreamContext, config: GossipsubConfig | None = None
    ) -> None:
        super().__init__(ctx, config)
        self.scores = Scores(self)
        self.mesh, self.gossip = Mesh(self), Gossip(self)
        self._timer: Timer | None = None

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these neighbors; ends with how many there are."""
        first_s = self.config.heartbeat_s * self.ctx.rng.random()
        self._timer = self.ctx.after(first_s, self._on_heartbeat)
        return super().bootstrap(contacts)

    def hear(self, sender: Address, message: Any) -> None:
        """Handle one message of a neighbor; of the worst nothing is heard."""
        if self.score(sender) < self.config.weights.graylist_threshold:
            reason = "score too low"
            raise RemoteProtocolError(reason)
        gossips = self.score(sender) >= self.config.weights.gossip_threshold
        match message:
            case Graft():
                self.mesh.on_graft(sender, message)
            case Prune():
                self.mesh.on_prune(sender, message)
            case IHave() if gossips:
                self.gossip.on_ihave(sender, message)
            case IWant() if gossips:
                self.gossip.on_iwant(sender, message)
            case Publish() | Subscriptions():
                super().hear(sender, message)

    def subscribe(self, topic: str) -> None:
        """Get what is published on a topic from now on."""
        super().subscribe(topic)
        if topic not in self.mesh.links:
            self.mesh.join(topic)

    def unsubscribe(self, topic: str) -> None:
        """Get it no more."""
        super().unsubscribe(topic)
        self.mesh.leave(topic)

    def score(self, peer: Address) -> float:
        """Return what we think of a neighbor; 0 where scoring is off."""
        return self.scores.of(peer)

    def spread(self, number: bytes, message: Publish, sender: Address | None) -> None:
        """Send a message along the mesh, and keep it for those who will ask."""
        self.gossip.keep(number, message)
        if sender is None:
            peers = self._audience(message.topic)
        else:
            self.scores.delivered(sender, message.topic, is_first=True)
            peers = list(self.mesh.links.get(message.topic, ()))
            message = msgspec.structs.replace(message, hops=message.hops + 1)
        for peer in peers:
            if peer != sender:
                self.links.send(peer, message)

    def on_duplicate(self, sender: Address, number: bytes, message: Publish) -> None:
        """Count a message that came before: its sender did its part as well."""
        self.scores.delivered(sender, message.topic, is_first=False)

    def on_invalid(self, sender: Address, message: Publish) -> None:
        """Hold an invalid message against its sender."""
        if message.topic in self.topics.ours:
            self.scores.invalid(sender, message.topic)

    def on_lost(self, peer: Address) -> None:
        """Forget a neighbor's place in the mesh, but not what it did."""
        self.mesh.on_lost(peer)

    def neighbors(self) -> Iterator[Edge]:
        """Yield the mesh links, then all links."""
        for peers in self.mesh.links.values():
            yield from (Edge("mesh", Contact(0, peer)) for peer in peers)
        yield from super().neighbors()

    def inspect(self) -> dict[str, Any]:
        """Return the topics, the mesh and the scores."""
        mesh = {topic: [*peers] for topic, peers in self.mesh.links.items()}
        scores = [(peer, self.score(peer)) for peer in self.links]
        return {**super().inspect(), "mesh": mesh, "scores": scores}

    def stop(self) -> None:
        """Close every link and cancel the timers."""
        super().stop()
        if self._timer is not None:
            self._timer.cancel()

    def _audience(self, topic: str) -> list[Address]:
        if self.config.flood_publish:
            return [p for p in self.topics.peers(topic) if self.score(p) >= 0]
        return self.mesh.targets(topic)

    def _on_heartbeat(self) -> None:
        self._timer = self.ctx.after(self.config.heartbeat_s, self._on_heartbeat)
        self.scores.heartbeat()
        self.mesh.heartbeat()
        self.gossip.heartbeat()
