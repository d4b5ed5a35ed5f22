"""Packets: rings that the kernel fills, nodes' own taps, captures and their balance.

What dissects packets with scapy stands in a folder of its own, and is loaded when it
is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pkit.observe.capture.balance import Balance
    from p2pkit.observe.capture.packets import Packets

__all__ = ["Balance", "Packets"]


def __getattr__(name: str) -> Any:
    # Host processes import this room for its tap alone.
    from importlib import import_module

    if name not in __all__:
        message = f"module 'p2pkit.observe.capture' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"p2pkit.observe.capture.{name.lower()}"), name)
