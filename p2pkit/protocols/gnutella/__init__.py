"""Gnutella: search without an index, on the wire of 2002."""

from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.dynamic import Dynamic
from p2pkit.protocols.gnutella.election import RoleChanged
from p2pkit.protocols.gnutella.expanding_ring import ExpandingRing
from p2pkit.protocols.gnutella.flooding import Flood
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.random_walk import RandomWalk
from p2pkit.protocols.gnutella.reports import (
    Connected,
    Disconnected,
    HitRouted,
    QueryHeard,
)
from p2pkit.protocols.gnutella.rules import Course, Courses, Rule
from p2pkit.protocols.gnutella.servent import Gnutella
from p2pkit.protocols.gnutella.ultrapeer import Supernodes
from p2pkit.protocols.gnutella.ultrapeer_config import SupernodesConfig

__all__ = [
    "Connected",
    "Course",
    "Courses",
    "Disconnected",
    "Dynamic",
    "ExpandingRing",
    "Flood",
    "Gnutella",
    "GnutellaConfig",
    "Hit",
    "HitRouted",
    "QueryHeard",
    "RandomWalk",
    "RoleChanged",
    "Rule",
    "Supernodes",
    "SupernodesConfig",
]
