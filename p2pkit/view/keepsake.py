"""Keepsakes: the latest still of a view, where `p2pkit lab` finds it when it saves.

A kernel that restarts can no longer tell the notebook what it last showed; its server
can, out of a folder that both know.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

FOLDER = "P2PKIT_STILLS"
"""The environment's name of the folder; `p2pkit lab` sets it."""

EVERY = 100
"""Messages of a view between two stills: five seconds of a busy overlay."""


class Keepsake:
    """A port of a session that keeps a still instead of telling a browser.

    Parameters
    ----------
    name : str
        The view's, of letters, digits and dashes.
    draw : callable
        Returns the still as HTML.
    """

    def __init__(self, name: str, draw: Callable[[], str]) -> None:
        folder = os.environ.get(FOLDER)
        self._file = Path(folder) / f"{name}.html" if folder else None
        self._draw, self._count = draw, 0

    def send(self, text: str) -> None:
        """Count a message; now and then, and at the end, keep a still."""
        self._count += 1
        if self._count % EVERY == 0 or text.startswith('{"type":"ended"'):
            self.keep()

    def keep(self) -> None:
        """Keep a still of now."""
        if self._file is None or not self._file.parent.is_dir():
            return
        # Whoever saves meanwhile finds the old one or the new one, never a half.
        half = self._file.with_suffix(".part")
        half.write_text(self._draw(), "utf-8")
        half.replace(self._file)
