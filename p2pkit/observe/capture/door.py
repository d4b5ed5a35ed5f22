"""The door to the room that builds on scapy: opened when somebody asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from p2pkit.core import CaptureError


def scapy_room(name: str) -> Any:
    """Return a module of ``p2pkit.observe.capture.layers``.

    Scapy takes a quarter of a second to load and has a license of its own, so nobody
    loads it before it is needed, and what does not need it works without it.

    Raises
    ------
    CaptureError
        If scapy is not installed.
    """
    try:
        return import_module(f"p2pkit.observe.capture.layers.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "scapy":
            raise
        reason = (
            "scapy, which builds packets and takes them apart, is not installed: "
            'pip install "p2pkit[capture]"'
        )
        raise CaptureError(reason) from error
