"""Peer sampling: random peers for protocols that need some; each page one idea.

``aging_view``, ``introducing``, ``cyclon``, ``random_walk``. On the wire:
``messages``. Settings: ``config``.
"""

from p2pkit.protocols.peer_sampling.config import CyclonConfig
from p2pkit.protocols.peer_sampling.cyclon import Cyclon

__all__ = ["Cyclon", "CyclonConfig"]
