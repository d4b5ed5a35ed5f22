"""Floor 2: the protocols, each a listing to be read beside its paper."""

from p2pkit.protocols.anti_entropy import AntiEntropy, AntiEntropyConfig
from p2pkit.protocols.averaging import PairwiseAveraging, PushSum
from p2pkit.protocols.central_index import CentralIndex, CentralIndexConfig
from p2pkit.protocols.chord import Chord, ChordConfig
from p2pkit.protocols.gnutella import (
    Gnutella,
    GnutellaConfig,
    Supernodes,
    SupernodesConfig,
)
from p2pkit.protocols.hyparview import HyParView, HyParViewConfig
from p2pkit.protocols.kademlia import Kademlia, KademliaConfig
from p2pkit.protocols.peer_sampling import Cyclon, CyclonConfig
from p2pkit.protocols.plumtree import Plumtree, PlumtreeConfig
from p2pkit.protocols.pubsub import (
    Direct,
    Floodsub,
    Gossipsub,
    GossipsubConfig,
    PubSubConfig,
)
from p2pkit.protocols.rumor import NaiveGossip, Rumor, RumorConfig
from p2pkit.protocols.swim import Swim, SwimConfig
from p2pkit.protocols.vivaldi import Vivaldi, VivaldiConfig

PROTOCOLS: dict[str, type] = {
    "anti-entropy": AntiEntropy,
    "averaging": PairwiseAveraging,
    "central-index": CentralIndex,
    "chord": Chord,
    "gnutella": Gnutella,
    "cyclon": Cyclon,
    "direct": Direct,
    "floodsub": Floodsub,
    "gossipsub": Gossipsub,
    "hyparview": HyParView,
    "kademlia": Kademlia,
    "plumtree": Plumtree,
    "rumor": Rumor,
    "supernodes": Supernodes,
    "swim": Swim,
    "vivaldi": Vivaldi,
}
"""What the command line calls each protocol."""

__all__ = [
    "PROTOCOLS",
    "AntiEntropy",
    "AntiEntropyConfig",
    "CentralIndex",
    "CentralIndexConfig",
    "Chord",
    "ChordConfig",
    "Cyclon",
    "CyclonConfig",
    "Direct",
    "Floodsub",
    "Gnutella",
    "GnutellaConfig",
    "Gossipsub",
    "GossipsubConfig",
    "HyParView",
    "HyParViewConfig",
    "Kademlia",
    "KademliaConfig",
    "NaiveGossip",
    "PairwiseAveraging",
    "Plumtree",
    "PlumtreeConfig",
    "PubSubConfig",
    "PushSum",
    "Rumor",
    "RumorConfig",
    "Supernodes",
    "SupernodesConfig",
    "Swim",
    "SwimConfig",
    "Vivaldi",
    "VivaldiConfig",
]
