"""Kademlia, as the BitTorrent Mainline DHT runs it; each page one idea.

Routing: ``distance``, ``bucket``, ``table``, ``lookup``, ``peers``, ``walk``, ``node``,
``upkeep``. Storing: ``items``, ``storage``, ``tokens``, ``values``, ``torrents``,
``replication``, ``dht``. On the wire: ``messages``, ``compact``, ``krpc``. Hardening:
``bep42``.
"""

from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.dht import Kademlia

__all__ = ["Kademlia", "KademliaConfig"]
