"""Direct sending: who has something to say says it to everybody itself.

What it shows: nothing is cheaper in messages, nothing is faster, and nothing is harder
on the sender, who needs a link to every subscriber. Every other router is a way not to
need that.
Read next: ``floodsub.py``.
"""

from __future__ import annotations

from p2pkit.core import Address
from p2pkit.protocols.pubsub.messages import Publish
from p2pkit.protocols.pubsub.node import PubSub


class Direct(PubSub):
    """One node; it has to be linked to every other."""

    def spread(self, number: bytes, message: Publish, sender: Address | None) -> None:
        """Send our own messages to every subscriber, and pass on none."""
        if sender is None:
            for peer in self.topics.peers(message.topic):
                self.links.send(peer, message)
