"""Central index: one server knows who has what, and is asked by everybody."""

from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.downloads import Source
from p2pkit.protocols.central_index.node import CentralIndex
from p2pkit.protocols.central_index.reports import Expired, IndexGone, Registered

__all__ = [
    "CentralIndex",
    "CentralIndexConfig",
    "Expired",
    "IndexGone",
    "Registered",
    "Source",
]
