"""p2pkit: read, run, watch, break and mend peer-to-peer protocols.

``from p2pkit import Cluster, watch`` is where most notebooks begin. What draws or
tabulates is loaded when it is asked for, so importing the package stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pkit.cluster import Cluster
    from p2pkit.observe import check
    from p2pkit.view import watch

__version__ = "0.1.0"
__all__ = ["Cluster", "__version__", "check", "watch"]

_HOMES = {
    "Cluster": "p2pkit.cluster",
    "check": "p2pkit.observe",
    "watch": "p2pkit.view",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'p2pkit' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
