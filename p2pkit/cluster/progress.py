"""Progress while a cluster starts: tqdm in a notebook, rich in a terminal."""

from __future__ import annotations

import sys
from typing import Any, Literal, Protocol

Wanted = Literal["auto", "none"] | bool


class Progress(Protocol):
    """Is told how far something is; shows it from the thread that calls, or not."""

    def advance(self, steps: int) -> None:
        """Count more steps done."""
        ...

    def reach(self, done: int, total: int) -> None:
        """Say how many of how many are done, which may have become fewer."""
        ...

    def close(self) -> None:
        """Leave the line as it is."""
        ...


class NoProgress:
    """Shows nothing."""

    def advance(self, steps: int) -> None:
        """Do nothing."""

    def reach(self, done: int, total: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class NotebookProgress:
    """One widget, which a notebook's checks see as one line."""

    def __init__(self, what: str, total: int) -> None:
        from tqdm.auto import tqdm

        self._bar: Any = tqdm(total=total, desc=what, unit="node", leave=False)

    def advance(self, steps: int) -> None:
        """Count more steps done."""
        self._bar.update(steps)

    def reach(self, done: int, total: int) -> None:
        """Say how many of how many are done."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the bar."""
        self._bar.close()


class TerminalProgress:
    """One line in a terminal, on stderr, gone when it is done."""

    def __init__(self, what: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._bar = Bar(console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(what, total=total)

    def advance(self, steps: int) -> None:
        """Count more steps done."""
        self._bar.advance(self._task, steps)

    def reach(self, done: int, total: int) -> None:
        """Say how many of how many are done."""
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        """Take the line away."""
        self._bar.stop()


def progress(wanted: Wanted, what: str, total: int) -> Progress:
    """Return what shows progress here: a widget, a line, or nothing.

    Parameters
    ----------
    wanted : {"auto", "none"} or bool
        Whether anything is to be shown.
    what : str
        What is done, in a word or two.
    total : int
        How many steps it has.
    """
    if wanted in ("none", False):
        return NoProgress()
    if _in_notebook():
        return NotebookProgress(what, total)
    return TerminalProgress(what, total) if sys.stderr.isatty() else NoProgress()


def _in_notebook() -> bool:
    # Only a kernel has loaded this module, so nothing is imported to find out.
    shell = sys.modules.get("IPython")
    here = shell.get_ipython() if shell is not None else None
    return type(here).__name__ == "ZMQInteractiveShell"
