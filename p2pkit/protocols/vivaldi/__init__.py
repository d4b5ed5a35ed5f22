"""Vivaldi: every node finds a place such that distances are round-trip times.

``coordinate`` is a place and the way between two, ``position`` how a node finds its
own, ``node`` whom it asks; ``messages`` is the wire, ``config`` what can be set.
"""

from p2pkit.protocols.vivaldi.config import VivaldiConfig
from p2pkit.protocols.vivaldi.coordinate import Coordinate, distance_s
from p2pkit.protocols.vivaldi.node import Vivaldi
from p2pkit.protocols.vivaldi.position import Position

__all__ = ["Coordinate", "Position", "Vivaldi", "VivaldiConfig", "distance_s"]
