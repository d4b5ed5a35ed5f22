"""Extras: packages that are loaded when asked for, or named in a sentence."""

from __future__ import annotations

from importlib import import_module
from typing import Any


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
            f"python -m pip install 'p2pkit[{extra}]'"
        )
        raise ModuleNotFoundError(reason, name=error.name) from error
