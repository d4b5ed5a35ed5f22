"""Wireshark, started on a capture where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACES = (
    "/Applications/Wireshark.app/Contents/MacOS/Wireshark",
    "C:\\Program Files\\Wireshark\\Wireshark.exe",
)
"""Where it stands on systems that do not have it on their path."""

RESOLVE_HOSTS = ("-N", "n")
"""Show hosts by the names that the file gives them."""

_started: list[subprocess.Popen[bytes]] = []
"""Those that may still be open; they outlive us."""


def open_in_wireshark(path: Path) -> str:
    """Open a capture in Wireshark; return a sentence: what was done, or what to do."""
    program = shutil.which("wireshark") or next(filter(os.path.exists, PLACES), None)
    if program is None:
        return (
            f"Wireshark is not installed here: get it from wireshark.org, or the "
            f"package wireshark, and open {path}"
        )
    if not _has_screen():
        return (
            f"There is no screen here for Wireshark: copy {path} to where you have one"
        )
    _started[:] = [one for one in _started if one.poll() is None]
    one = subprocess.Popen(
        [program, *RESOLVE_HOSTS, "-r", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _started.append(one)
    return f"Wireshark opens {path}"


def _has_screen() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
