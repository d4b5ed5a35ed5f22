"""Gnutella: search without an index, on the wire of 2002."""

from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.expanding_ring import ExpandingRing
from p2pkit.protocols.gnutella.flooding import Flood
from p2pkit.protocols.gnutella.random_walk import RandomWalk
from p2pkit.protocols.gnutella.reports import HitRouted, QueryHeard
from p2pkit.protocols.gnutella.rules import Course, Courses, Rule
from p2pkit.protocols.gnutella.servent import Gnutella

__all__ = [
    "Course",
    "Courses",
    "ExpandingRing",
    "Flood",
    "Gnutella",
    "GnutellaConfig",
    "HitRouted",
    "QueryHeard",
    "RandomWalk",
    "Rule",
]
