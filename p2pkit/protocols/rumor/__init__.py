"""Rumor mongering, as Demers et al. describe and measure it, and its careless twin.

``mongering`` is the protocol, ``naive`` the twin; ``news`` is what both know and
report, ``config`` what can be set.
"""

from p2pkit.protocols.rumor.config import NaiveConfig, RumorConfig
from p2pkit.protocols.rumor.mongering import Rumor
from p2pkit.protocols.rumor.naive import NaiveGossip
from p2pkit.protocols.rumor.news import Cooled, Learned, rumor_id

__all__ = [
    "Cooled",
    "Learned",
    "NaiveConfig",
    "NaiveGossip",
    "Rumor",
    "RumorConfig",
    "rumor_id",
]
