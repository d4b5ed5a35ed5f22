"""Plumtree: trees for broadcast and multicast on HyParView; each page one idea.

``tree``, ``missing``, ``trees``, ``stock``, ``node``.
On the wire: ``messages``. Settings: ``config``.
"""

from p2pkit.protocols.plumtree.config import PlumtreeConfig
from p2pkit.protocols.plumtree.node import Plumtree

__all__ = ["Plumtree", "PlumtreeConfig"]
