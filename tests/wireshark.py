"""Wireshark's dissectors as judges of a capture: what tests ask of tshark."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None,
    reason="tshark is not installed: apt-get install tshark",
)


def tshark(path: Path, *options: str) -> list[str]:
    """Return the lines that tshark prints for a capture."""
    command = ["tshark", "-n", "-r", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def fields(path: Path, which: str, *names: str, options: tuple[str, ...] = ()) -> Any:
    """Return the values of some fields of each packet that a filter takes.

    One dictionary a packet, from the name of a field to the list of its values.
    """
    wanted = [part for name in names for part in ("-e", name)]
    lines = tshark(path, *options, "-Y", which, "-T", "json", *wanted)
    found = json.loads("\n".join(lines)) if lines else []
    return [one["_source"].get("layers", {}) for one in found]


def complaints(path: Path, which: str, *options: str) -> list[str]:
    """Return a line for each packet that is malformed, or that `which` takes."""
    gate = f"_ws.malformed || ({which})"
    shown = ("frame.number", "frame.protocols", "_ws.expert.message")
    wanted = [part for name in shown for part in ("-e", name)]
    return tshark(path, *options, "-Y", gate, "-T", "fields", *wanted)
