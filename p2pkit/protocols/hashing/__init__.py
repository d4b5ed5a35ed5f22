"""Consistent hashing: who holds a key, with nobody to ask; each page one answer.

The question: ``placement``. The naive answer: ``modulo``. Those that survive a change
of nodes: ``ring``, ``rendezvous``, ``jump``, ``maglev``. How they compare: ``measure``.
Nothing here is a protocol: no message is sent, since everybody knows all nodes. What
to do when nobody does is what ``chord`` and ``kademlia`` are about.
"""

from p2pkit.protocols.hashing.jump import Jump, jump
from p2pkit.protocols.hashing.maglev import Maglev
from p2pkit.protocols.hashing.measure import (
    Balance,
    Disruption,
    balance,
    disruption,
    loads,
)
from p2pkit.protocols.hashing.modulo import Modulo
from p2pkit.protocols.hashing.placement import (
    Key,
    Placement,
    hash_of,
    mix,
    some_keys,
)
from p2pkit.protocols.hashing.rendezvous import Rendezvous
from p2pkit.protocols.hashing.ring import Ring

__all__ = [
    "Balance", "Disruption", "Jump", "Key", "Maglev", "Modulo", "Placement",
    "Rendezvous", "Ring", "balance", "disruption", "hash_of", "jump", "loads", "mix",
    "some_keys",
]  # fmt: skip
