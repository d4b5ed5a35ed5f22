"""How a process of ours is started: this Python, and this p2pkit."""

from __future__ import annotations

import sys
from pathlib import Path

_START = (
    # Our own p2pkit, also where another one is installed; but nothing else that lies
    # beside it comes before the standard library.
    "import sys, typing; sys.path.insert(0, {root!r}); import p2pkit; "
    "sys.path.append(sys.path.pop(0)); from {module} import main; main()"
)


def command(module: str) -> list[str]:
    """Return what starts `main` of a module of ours in a new interpreter."""
    root = str(Path(__file__).parents[2])
    return [sys.executable, "-P", "-c", _START.format(root=root, module=module)]
