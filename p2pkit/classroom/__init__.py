"""Floor 7: what a class needs: protocol listings, experiments, foreign clients, labs.

What else takes long to load is loaded when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2pkit.classroom.listing import Listing, listing

if TYPE_CHECKING:
    from p2pkit.classroom.experiments import one_run, sweep
    from p2pkit.classroom.torrent_client import TorrentClient

__all__ = ["Listing", "TorrentClient", "listing", "one_run", "sweep"]

_HOMES = {
    "TorrentClient": "torrent_client",
    "one_run": "experiments",
    "sweep": "experiments",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'p2pkit.classroom' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    return getattr(import_module(f"p2pkit.classroom.{_HOMES[name]}"), name)
