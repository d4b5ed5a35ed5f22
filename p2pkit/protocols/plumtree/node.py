"""Plumtree: broadcast along trees that repair themselves, on a HyParView overlay.

What it shows: a tree costs one payload a node and breaks with any of its links;
flooding costs one a link and breaks with nothing. Eager and lazy links together cost
what the tree costs, and survive what flooding survives.
Source: J. Leitao, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007.
The trees need of the membership below only its neighbors, and word of who comes and
goes; this page is where the two are put together.
Read first: the ``hyparview`` package, ``tree.py``, ``trees.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from p2pkit.core import Contact, Edge, MsgpackCodec
from p2pkit.protocols.hyparview.messages import codec_with
from p2pkit.protocols.hyparview.node import HyParView
from p2pkit.protocols.plumtree.config import PlumtreeConfig
from p2pkit.protocols.plumtree.messages import Gossip, Graft, IHave, Leave, Prune
from p2pkit.protocols.plumtree.trees import EVERYBODY, Trees


class Plumtree(HyParView):
    """One node: a HyParView membership with trees on top."""

    codec: ClassVar[MsgpackCodec] = codec_with(Gossip, IHave, Graft, Prune, Leave)
    Config = PlumtreeConfig
    Spreading = Trees
    config: PlumtreeConfig
    spreading: Trees

    def subscribe(self, topic: str) -> None:
        """Get what is published on a topic from now on."""
        self.spreading.subscribe(topic)

    def unsubscribe(self, topic: str) -> None:
        """Get it no more."""
        self.spreading.unsubscribe(topic)

    def multicast(self, topic: str, payload: bytes) -> bytes:
        """Send `payload` to the subscribers of a topic; return the message's id."""
        number: bytes = self.spreading.publish(payload, topic)
        return number

    def neighbors(self) -> Iterator[Edge]:
        """Yield eager and lazy links of the broadcast tree, then the views' peers."""
        tree = self.spreading.by_topic.get(EVERYBODY)
        if tree is not None:
            for kind, peers in (("eager", tree.eager), ("lazy", tree.lazy)):
                for peer in peers:
                    yield Edge(kind, Contact(0, peer))
        yield from super().neighbors()

    def inspect(self) -> dict[str, Any]:
        """Return the views and, by topic, the links of each tree."""
        trees = {
            topic: {"eager": list(tree.eager), "lazy": tree.lazy, "away": [*tree.away]}
            for topic, tree in self.spreading.by_topic.items()
        }
        return {**super().inspect(), "trees": trees, "topics": [*self.spreading.topics]}
