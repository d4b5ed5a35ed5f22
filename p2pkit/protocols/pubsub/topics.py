"""Topics: which are ours, and which of our neighbors is subscribed to which.

What it shows: routing by topic needs no more than each node telling its neighbors what
it wants, and what not any more.
Source: the libp2p specification of publish and subscribe.
"""

from __future__ import annotations

from collections.abc import Iterator

from p2pkit.core import Address, Links, LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.pubsub.messages import Subscriptions


class Topics:
    """The subscriptions of one node and of its neighbors."""

    def __init__(self, links: Links, limit: int) -> None:
        self.links, self.limit = links, limit
        self.ours: dict[str, None] = {}
        self.of: dict[Address, dict[str, None]] = {}

    def peers(self, topic: str) -> Iterator[Address]:
        """Yield the neighbors that are subscribed to a topic."""
        return (peer for peer, topics in self.of.items() if topic in topics)

    def subscribe(self, topic: str) -> None:
        """Want a topic, and say so to every neighbor."""
        if topic in self.ours:
            return
        if len(self.ours) >= self.limit:
            reason = f"a node has at most {self.limit} topics: leave one before"
            raise LocalProtocolError(reason)
        self.ours[topic] = None
        self._tell_all(Subscriptions(add=(topic,)))

    def unsubscribe(self, topic: str) -> None:
        """Want it no more, and say so to every neighbor."""
        if topic in self.ours:
            del self.ours[topic]
            self._tell_all(Subscriptions(remove=(topic,)))

    def on_subscriptions(self, sender: Address, message: Subscriptions) -> None:
        """Note what a neighbor wants; naming a topic twice changes nothing."""
        topics = self.of.setdefault(sender, {})
        for topic in message.remove:
            topics.pop(topic, None)
        for topic in message.add:
            if topic not in topics and len(topics) >= self.limit:
                reason = "too many topics"
                raise RemoteProtocolError(reason)
            topics[topic] = None

    def on_up(self, peer: Address) -> None:
        """Tell a new neighbor what we want."""
        self.of[peer] = {}
        if self.ours:
            self.links.send(peer, Subscriptions(add=tuple(self.ours)))

    def on_down(self, peer: Address) -> None:
        """Forget a neighbor that is gone."""
        self.of.pop(peer, None)

    def _tell_all(self, message: Subscriptions) -> None:
        for peer in self.links:
            self.links.send(peer, message)
