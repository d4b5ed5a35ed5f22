"""Chord: a ring of nodes, each the owner of the keys before it; each page one idea.

Beside the paper (ToN 2003), begin with ``naive``: its figures 5 and 6 on one page, as
they stand, and how they break. Then what each became here; ``classroom.listing``
shows a page, or one part of it: ``listing("chord.stabilize", "Stabilizer")``.

================================  ==================================================
in the paper                      here
================================  ==================================================
ids, intervals on the circle      ``ring: Ring``, ``ring: positions_at``
the finger table                  ``fingers: Fingers``
closest_preceding_node (fig. 5)   ``node: Position.next_hops``, ``fingers: Routes``
find_successor (fig. 5), asking   ``lookup: Lookup.step``, ``walk: Walk``
the same, passed on               ``relay: Relays``
create, join (fig. 6)             ``joining: Membership``
stabilize (fig. 6)                ``stabilize: Stabilizer``
notify (fig. 6)                   ``rectify: Rectifier.on_notify``
fix_fingers (fig. 6)              ``fixing: Fixer.fix_next``
check_predecessor (fig. 6)        ``rectify: Rectifier.check_predecessor``
successor lists                   ``successors: extend``
leaving                           ``leaving: leave``
replicas                          ``replication: Replication``, ``offering: Offers``
virtual nodes                     ``host: ChordHost``
================================  ==================================================

``node: Position`` holds one position together, ``member`` and ``dht`` have the verbs.
Not in the paper: ``claims`` (whose ids may be whose), ``twins`` (two with one id),
``reunion`` (rings that were parted). What is below: ``config``, ``wire``,
``messages``, ``peers``, ``candidates``, ``timers``, ``storage``, ``values``,
``saving``. The other half of the naive twin: ``naive_node``. For experiments:
``placing``.
"""

from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.dht import Chord
from p2pkit.protocols.chord.naive import NaiveChord

__all__ = ["Chord", "ChordConfig", "NaiveChord"]
