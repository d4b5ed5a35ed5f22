"""Chord: a ring of nodes, each the owner of the keys before it; each page one idea.

The ring: ``ring``, ``fingers``, ``successors``, ``candidates``, ``lookup``, ``wire``,
``messages``, ``claims``, ``peers``, ``walk``, ``relay``, ``node``. Its repair:
``stabilize``, ``rectify``, ``fixing``, ``timers``, ``joining``, ``leaving``, ``host``,
``member``. Storing: ``storage``, ``offering``, ``replication``, ``values``,
``saving``, ``dht``. What goes wrong without care: ``naive_node``, ``naive``.
Settings: ``config``. For experiments: ``placing``.
"""

from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.dht import Chord
from p2pkit.protocols.chord.naive import NaiveChord

__all__ = ["Chord", "ChordConfig", "NaiveChord"]
