"""Floodsub: pass every message on to every neighbor that wants its topic.

What it shows: with n subscribers and E links between them one message costs exactly
``2 E - n + 1`` sendings on a connected overlay, whoever begins: each node sends to all
its neighbors but the one it heard from. Nodes that do not want a topic pass none on.
Source: the libp2p specification of floodsub.
Read next: ``gossipsub.py``.
"""

from __future__ import annotations

import msgspec

from p2pkit.core import Address
from p2pkit.protocols.pubsub.messages import Publish
from p2pkit.protocols.pubsub.node import PubSub


class Floodsub(PubSub):
    """One node."""

    def spread(self, number: bytes, message: Publish, sender: Address | None) -> None:
        """Send a message to each subscribed neighbor but the one it came from."""
        hops = 1 if sender is None else message.hops + 1
        further = msgspec.structs.replace(message, hops=hops)
        for peer in self.topics.peers(message.topic):
            if peer != sender:
                self.links.send(peer, further)
