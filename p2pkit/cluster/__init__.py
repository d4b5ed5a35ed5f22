"""Floor 5: a cluster of nodes in processes of their own, or in virtual time.

`Cluster` is what a notebook holds. It is loaded when asked for, because the host
processes import this room too and stay small without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pkit.cluster.cluster import Cluster
    from p2pkit.cluster.node import Node

__all__ = ["Cluster", "Node"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        message = f"module 'p2pkit.cluster' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"p2pkit.cluster.{name.lower()}"), name)
