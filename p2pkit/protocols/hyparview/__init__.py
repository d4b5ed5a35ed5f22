"""HyParView: partial views that survive catastrophes; each page one idea.

The membership: ``views``, ``joining``, ``repair``, ``healing``, ``shuffling``,
``node``. Broadcast on top of it: ``flooding``, and the ``plumtree`` package. On the
wire: ``messages``. Settings: ``config``.
"""

from p2pkit.protocols.hyparview.config import HyParViewConfig
from p2pkit.protocols.hyparview.node import HyParView

__all__ = ["HyParView", "HyParViewConfig"]
