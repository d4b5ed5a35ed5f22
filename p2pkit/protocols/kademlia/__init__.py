"""Kademlia, as the BitTorrent Mainline DHT runs it; each page one idea.

Routing: ``distance``, ``bucket``, ``table``, ``lookup``, ``peers``, ``checks``,
``walk``, ``responder``, ``node``, ``upkeep``, ``refresh``. Storing: ``items``,
``storage``, ``tokens``, ``values``, ``torrents``, ``replication``, ``saving``,
``dht``. On the wire: ``messages``, ``compact``, ``krpc``. Hardening: ``bep42``,
``hardened``, ``disjoint``, ``restraint``.
Settings: ``config``.
"""

from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.dht import Kademlia

__all__ = ["Kademlia", "KademliaConfig"]
