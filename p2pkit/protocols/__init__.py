"""Floor 2: the protocols, each a listing to be read beside its paper."""

from p2pkit.protocols.kademlia import Kademlia, KademliaConfig
from p2pkit.protocols.rumor import NaiveGossip, Rumor, RumorConfig

PROTOCOLS: dict[str, type] = {"kademlia": Kademlia, "rumor": Rumor}
"""What the command line calls each protocol."""

__all__ = [
    "PROTOCOLS",
    "Kademlia",
    "KademliaConfig",
    "NaiveGossip",
    "Rumor",
    "RumorConfig",
]
