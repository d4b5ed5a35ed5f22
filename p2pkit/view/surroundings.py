"""Where we run: in a notebook that shows widgets, in one that cannot, or elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Any


def notebook() -> Any:
    """Return the shell of the notebook that we run in, or None."""
    ipython = sys.modules.get("IPython")  # loaded, if we run in it
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if hasattr(shell, "kernel") else None


def has_front_end(shell: Any) -> bool:
    """Whether somebody looks at the notebook, and not a program that runs it.

    Measured: JupyterLab and Notebook 7 name the cell in the metadata of each request,
    VS Code leaves its mark among the names; nbclient, and so nbval and nbconvert, do
    neither.
    """
    if "__vsc_ipynb_file__" in shell.user_ns:
        return True
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return "cellId" in (request or {}).get("metadata", {})


def has_screen() -> bool:
    """Tell whether a browser has a screen; a text browser would take our terminal."""
    if os.environ.get("CI") or os.environ.get("PYTEST_CURRENT_TEST"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
