"""Floor 4: what was seen: snapshots of the overlay, traces, and the oracles.

Everything here reads data; nothing asks a node behind the cluster's back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2pkit.observe.converged import gaps, missing
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot
from p2pkit.observe.trace import Trace

if TYPE_CHECKING:
    import p2pkit.observe.check as check
    import p2pkit.observe.paths as paths
    from p2pkit.observe.graph import overlay_graph

__all__ = [
    "NodeSnapshot",
    "Snapshot",
    "Trace",
    "check",
    "gaps",
    "missing",
    "overlay_graph",
    "paths",
]


def __getattr__(name: str) -> Any:
    # Host processes import this room for its snapshots alone: networkx and the
    # oracles are loaded where somebody asks for them.
    from importlib import import_module

    if name in ("check", "paths"):
        return import_module(f"p2pkit.observe.{name}")
    if name == "overlay_graph":
        return import_module("p2pkit.observe.graph").overlay_graph
    message = f"module 'p2pkit.observe' has no attribute {name!r}"
    raise AttributeError(message)
