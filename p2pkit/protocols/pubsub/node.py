"""What every router of publish and subscribe shares: neighbors, topics, memory.

What it shows: routers differ in one thing alone, whom they pass a message on to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Delivered,
    Edge,
    Links,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Rng,
    StreamContext,
    message_id,
    require_payload,
)
from p2pkit.protocols.pubsub import messages as m
from p2pkit.protocols.pubsub import saving
from p2pkit.protocols.pubsub.config import PubSubConfig
from p2pkit.protocols.pubsub.dialing import Dialing
from p2pkit.protocols.pubsub.seen import Seen
from p2pkit.protocols.pubsub.topics import Topics


class PubSub:
    """One node; a subclass says in `spread` whom a message goes to."""

    codec: ClassVar[MsgpackCodec] = m.FLOODED
    carrier: ClassVar[str] = "stream"
    Config: ClassVar[type[PubSubConfig]] = PubSubConfig

    def __init__(self, ctx: StreamContext, config: PubSubConfig | None = None) -> None:
        self.ctx, self.config = ctx, self.Config.of(config)
        self.links = Links(ctx, self._on_down, self.config.max_links, self._on_up)
        self.on_connected = self.links.on_connected
        self.on_closed = self.links.on_closed
        self.dialing = Dialing(ctx, self.links, self.config)
        self.seen = Seen(ctx, self.config.seen_s, self.config.memory)
        self.topics = Topics(self.links, self.config.max_topics)

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: PubSubConfig) -> int:
        """Return a random id; peers are told apart by address."""
        return rng.getrandbits(160)

    def receive(self, stream: Address, message: Any) -> None:
        """Handle one message; calls never overlap."""
        sender = self.links.sender(stream, message)
        if sender is not None:
            self.hear(sender, message)

    def hear(self, sender: Address, message: m.Publish | m.Subscriptions) -> None:
        """Handle one message of a neighbor."""
        if isinstance(message, m.Publish):
            self._on_publish(sender, message)
        else:
            self.topics.on_subscriptions(sender, message)

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these neighbors; ends with how many there are."""
        return self.dialing.start(contacts)

    def maintain(self) -> Operation[int]:
        """Try to reach the neighbors that are not there; ends with how many are."""
        return self.dialing.dial("maintain")

    def subscribe(self, topic: str) -> None:
        """Get what is published on a topic from now on."""
        self.topics.subscribe(topic)

    def unsubscribe(self, topic: str) -> None:
        """Get it no more."""
        self.topics.unsubscribe(topic)

    def publish(self, topic: str, payload: bytes) -> bytes:
        """Send `payload` to the subscribers of a topic; return the message's id."""
        require_payload(payload, self.config.max_payload_bytes)
        nonce = self.ctx.rng.randbytes(m.NONCE_BYTES)
        number = message_id(topic, nonce, payload)
        self.seen.add(number)
        if topic in self.topics.ours:
            self.ctx.emit(Delivered(topic, number, None, 0))
        self.spread(number, m.Publish(topic, nonce, 1, payload), None)
        return number

    def spread(self, number: bytes, message: m.Publish, sender: Address | None) -> None:
        """Pass a message on; `sender` is None where it begins."""
        raise NotImplementedError

    def neighbors(self) -> Iterator[Edge]:
        """Yield the linked peers."""
        return (Edge("link", Contact(0, peer)) for peer in self.links)

    def inspect(self) -> dict[str, Any]:
        """Return our topics, and those of each neighbor."""
        return {"topics": [*self.topics.ours], "neighbors": [*self.topics.of.items()]}

    def save(self) -> bytes:
        """Return our topics and the neighbors to link to."""
        return saving.save(self)

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        saving.restore(self, saved)

    def stop(self) -> None:
        """Close every link and cancel the timers."""
        self.dialing.stop()
        self.links.stop()

    def on_lost(self, peer: Address) -> None:
        """Hear of a neighbor that is gone."""

    def on_invalid(self, sender: Address, message: m.Publish) -> None:
        """Hear of a message that no honest peer would send."""

    def on_duplicate(self, sender: Address, number: bytes, message: m.Publish) -> None:
        """Hear of a message that came before."""

    def _on_publish(self, sender: Address, message: m.Publish) -> None:
        if len(message.payload) > self.config.max_payload_bytes:
            self.on_invalid(sender, message)
            reason = "oversized payload"
            raise RemoteProtocolError(reason)
        if message.topic not in self.topics.ours:
            reason = "topic not ours"
            raise RemoteProtocolError(reason)
        number = message_id(message.topic, message.nonce, message.payload)
        if not self.seen.add(number):
            self.on_duplicate(sender, number, message)
            return
        self.ctx.emit(Delivered(message.topic, number, sender, message.hops))
        self.spread(number, message, sender)

    def _on_up(self, peer: Address) -> None:
        self.topics.on_up(peer)
        self.dialing.on_news(peer)

    def _on_down(self, peer: Address) -> None:
        self.topics.on_down(peer)
        self.dialing.on_news(peer)
        self.on_lost(peer)
