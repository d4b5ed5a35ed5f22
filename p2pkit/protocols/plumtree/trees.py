"""All trees of one node: payloads kept, announcements gathered, topics wanted.

What it shows: what the trees share is memory, and memory has bounds: topics, messages
seen, payloads kept for those who will ask, messages announced and not yet here.
Read next: ``node.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import (
    Address,
    Delivered,
    LocalProtocolError,
    Recent,
    RemoteProtocolError,
    message_id,
    require_payload,
)
from p2pkit.protocols.plumtree import messages as m
from p2pkit.protocols.plumtree.stock import Announcements, Kept
from p2pkit.protocols.plumtree.tree import Tree

if TYPE_CHECKING:
    from p2pkit.protocols.plumtree.node import Plumtree

EVERYBODY = ""
"""The topic that every node wants: broadcast is multicast to it."""


class Trees:
    """The trees of one node, by topic."""

    def __init__(self, node: Plumtree) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        self.by_topic: dict[str, Tree] = {}
        self.topics = {EVERYBODY: None}  # that we want
        self.seen = Recent[bytes, None](node.config.memory)
        self.kept = Kept(node.config.keep_bytes, node.config.memory)
        self.announcements = Announcements(node)
        self.send, self.announce = node.links.send, self.announcements.put

    @property
    def active(self) -> Iterable[Address]:
        """The neighbors."""
        return self.node.views.active

    def publish(self, payload: bytes, topic: str = EVERYBODY) -> bytes:
        """Send `payload` to whoever wants the topic; return the message's id."""
        require_payload(payload, self.config.max_payload_bytes)
        nonce = self.ctx.rng.randbytes(m.NONCE_BYTES)
        message = m.Gossip(topic, nonce, 0, payload)
        tree, number = self._tree(topic), message_id(topic, nonce, payload)
        if tree.out_until_s is not None:
            tree.come_back()
        self.deliver(number, message, None)
        tree.push(number, message, None)
        return number

    def subscribe(self, topic: str) -> None:
        """Want a topic from now on."""
        tree = self._tree(topic)
        self.topics[topic] = None
        if tree.out_until_s is not None:
            tree.come_back()

    def unsubscribe(self, topic: str) -> None:
        """Want a topic no more; its tree is left at its next message."""
        if topic == EVERYBODY:
            reason = "a broadcast is for everybody: only a topic can be unsubscribed"
            raise LocalProtocolError(reason)
        self.topics.pop(topic, None)

    def receive(
        self, sender: Address, message: m.Gossip | m.IHave | m.Graft | m.Prune | m.Leave
    ) -> None:
        """Handle one message of a neighbor."""
        tree = self._tree(message.topic)
        match message:
            case m.Gossip():
                if len(message.payload) > self.config.max_payload_bytes:
                    reason = "oversized payload"
                    raise RemoteProtocolError(reason)
                number = message_id(message.topic, message.nonce, message.payload)
                tree.on_gossip(sender, number, message)
            case m.IHave():
                for number, hops in message.news:
                    tree.on_ihave(sender, number, hops)
            case m.Graft():
                tree.on_graft(sender)
                self._resend(sender, message.missing)
            case m.Prune():
                tree.on_prune(sender)
            case m.Leave():
                tree.on_leave(sender)

    def deliver(self, number: bytes, message: m.Gossip, sender: Address | None) -> None:
        """Remember a message that is new, and report it if we want it."""
        self.seen.put(number, None)
        self.kept.put(number, message)
        if message.topic in self.topics:
            self.ctx.emit(Delivered(message.topic, number, sender, message.hops))

    def require_room(self) -> None:
        """Raise `RemoteProtocolError` if no more messages may be missing."""
        missing = sum(len(tree.missing) for tree in self.by_topic.values())
        if missing >= self.config.max_missing:
            reason = "too many announcements"
            raise RemoteProtocolError(reason)

    def on_up(self, peer: Address) -> None:
        """Hear of a new neighbor."""
        for tree in self.by_topic.values():
            tree.on_up(peer)

    def on_down(self, peer: Address) -> None:
        """Hear of a neighbor that is gone."""
        for tree in self.by_topic.values():
            tree.on_down(peer)
        self.announcements.forget(peer)

    def stop(self) -> None:
        """Cancel the timers."""
        for tree in self.by_topic.values():
            tree.missing.stop()
        self.announcements.stop()

    def _resend(self, peer: Address, number: bytes | None) -> None:
        found = None if number is None else self.kept.get(number)
        if found is not None:
            self.send(peer, msgspec.structs.replace(found, hops=found.hops + 1))

    def _tree(self, topic: str) -> Tree:
        if topic not in self.by_topic:
            if len(self.by_topic) >= self.config.max_topics:
                self._make_room()
            self.by_topic[topic] = Tree(self, topic)
        return self.by_topic[topic]

    def _make_room(self) -> None:
        for topic, tree in self.by_topic.items():
            if tree.out_until_s is not None:
                del self.by_topic[topic]
                return
        reason = "too many topics"
        raise RemoteProtocolError(reason)
