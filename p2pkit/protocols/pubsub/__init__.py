"""Publish and subscribe: three routers that differ in whom they pass messages on to.

All: ``node``, ``topics``, ``dialing``, ``seen``, ``saving``. Routers: ``direct``,
``floodsub``, ``gossipsub`` with ``mesh``, ``gossip`` and ``score``. On the wire:
``messages``. Settings: ``config``.
"""

from p2pkit.protocols.pubsub.config import GossipsubConfig, PubSubConfig
from p2pkit.protocols.pubsub.direct import Direct
from p2pkit.protocols.pubsub.floodsub import Floodsub
from p2pkit.protocols.pubsub.gossipsub import Gossipsub

__all__ = ["Direct", "Floodsub", "Gossipsub", "GossipsubConfig", "PubSubConfig"]
