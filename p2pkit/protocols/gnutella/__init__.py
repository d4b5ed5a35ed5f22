"""Gnutella: search without an index, on the wire of 2002."""

from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.node import Gnutella

__all__ = ["Gnutella", "GnutellaConfig"]
