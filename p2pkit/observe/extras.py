"""Extras: packages that are loaded when asked for, or named in a sentence."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any


def install_line(extra: str) -> str:
    """Return what to type to install an extra, in a checkout or elsewhere."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return f'python -m pip install -e ".[{extra}]" in the folder of p2pkit'
    return f'python -m pip install "p2pkit[{extra}]"'


def load(module: str, extra: str) -> Any:
    """Import a package that an extra brings.

    Parameters
    ----------
    module : str
        What to import, such as ``pandas`` or ``pyvis.network``.
    extra : str
        The extra of p2pkit that brings it, such as ``view``.

    Raises
    ------
    ModuleNotFoundError
        If it is missing; the sentence says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        reason = (
            f"this needs {error.name}, which is not installed here: "
            f"{install_line(extra)}"
        )
        raise ModuleNotFoundError(reason, name=error.name) from error
