"""Floor 6: pictures. They are drawn from graphs and events, and ask no node anything.

Loaded when asked for: pyvis, matplotlib and the page server are not needed by whoever
runs a cluster without looking at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import p2pkit.view.packet_plots as packet_plots
    import p2pkit.view.plots as plots
    from p2pkit.view.lamport import SpaceTime, space_time
    from p2pkit.view.live import LiveView, watch
    from p2pkit.view.player import replay
    from p2pkit.view.stills import Still, still

__all__ = [
    "LiveView", "SpaceTime", "Still", "packet_plots", "plots", "replay", "space_time",
    "still", "watch",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in ("packet_plots", "plots"):
        return import_module(f"p2pkit.view.{name}")
    if name in ("LiveView", "watch"):
        return getattr(import_module("p2pkit.view.live"), name)
    if name in ("SpaceTime", "space_time"):
        return getattr(import_module("p2pkit.view.lamport"), name)
    if name == "replay":
        return import_module("p2pkit.view.player").replay
    if name in ("Still", "still"):
        return getattr(import_module("p2pkit.view.stills"), name)
    message = f"module 'p2pkit.view' has no attribute {name!r}"
    raise AttributeError(message)
