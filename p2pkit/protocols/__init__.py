"""Floor 2: the protocols, each a listing to be read beside its paper."""

from p2pkit.protocols.anti_entropy import AntiEntropy, AntiEntropyConfig
from p2pkit.protocols.averaging import PairwiseAveraging, PushSum
from p2pkit.protocols.chord import Chord, ChordConfig
from p2pkit.protocols.gnutella import Gnutella, GnutellaConfig
from p2pkit.protocols.kademlia import Kademlia, KademliaConfig
from p2pkit.protocols.rumor import NaiveGossip, Rumor, RumorConfig
from p2pkit.protocols.swim import Swim, SwimConfig

PROTOCOLS: dict[str, type] = {
    "anti-entropy": AntiEntropy,
    "averaging": PairwiseAveraging,
    "chord": Chord,
    "gnutella": Gnutella,
    "kademlia": Kademlia,
    "rumor": Rumor,
    "swim": Swim,
}
"""What the command line calls each protocol."""

__all__ = [
    "PROTOCOLS",
    "AntiEntropy",
    "AntiEntropyConfig",
    "Chord",
    "ChordConfig",
    "Gnutella",
    "GnutellaConfig",
    "Kademlia",
    "KademliaConfig",
    "NaiveGossip",
    "PairwiseAveraging",
    "PushSum",
    "Rumor",
    "RumorConfig",
    "Swim",
    "SwimConfig",
]
