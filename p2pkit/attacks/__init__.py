"""Adversaries: protocols that misbehave on purpose, each beside its defense.

They decide as any protocol does, and so run on both carriers; but only among the nodes
of a cluster, let in with `Cluster.add_attackers`. Their messages reach the nodes of
that cluster and nothing else, see `core.targets`.
"""

from p2pkit.attacks.budget import Budgeted
from p2pkit.attacks.eclipse import Eclipse, EclipseConfig
from p2pkit.attacks.spoofing import Forged
from p2pkit.attacks.sybil import Sybil, SybilConfig

__all__ = ["Budgeted", "Eclipse", "EclipseConfig", "Forged", "Sybil", "SybilConfig"]
