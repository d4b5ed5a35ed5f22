"""SWIM: who is there, on the wire of memberlist.

Read in this order: ``messages.py``, ``members.py``, ``suspicion.py``, ``beliefs.py``,
``door.py``, ``own.py``, ``health.py``, ``pings.py``, ``detector.py``,
``dissemination.py``, ``exchange.py``, ``sync.py``, ``joining.py``, ``healing.py``,
``node.py``, ``swim.py``; for the bytes ``raw.py``, ``bodies.py``, ``fields.py``,
``reading.py``, ``writing.py``, ``lzw.py``, ``wire.py``,
``framing.py``. ``heartbeats.py`` is the naive twin.
"""

from p2pkit.protocols.swim.config import SwimConfig
from p2pkit.protocols.swim.heartbeats import Heartbeats
from p2pkit.protocols.swim.swim import Swim

__all__ = ["Heartbeats", "Swim", "SwimConfig"]
