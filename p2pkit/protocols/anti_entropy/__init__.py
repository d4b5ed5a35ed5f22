"""Anti-entropy: two nodes compare what they hold, and one or both catch up.

``messages`` is what they say, ``merges`` which of two versions stands, ``store`` what
a node holds and how it is summed up, ``node`` the protocol, ``config`` the settings.
"""

from p2pkit.protocols.anti_entropy.config import AntiEntropyConfig
from p2pkit.protocols.anti_entropy.merges import LastWriter, VersionVectors
from p2pkit.protocols.anti_entropy.messages import Updated
from p2pkit.protocols.anti_entropy.node import AntiEntropy

__all__ = [
    "AntiEntropy",
    "AntiEntropyConfig",
    "LastWriter",
    "Updated",
    "VersionVectors",
]
