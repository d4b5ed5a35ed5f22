"""The visible part: a submission's notebook, run from top to bottom by nbval.

This tells a student whether their notebook runs, and counts for nothing: skip comments,
tags and stored outputs can make any cell pass. It runs in a kernel, as code that may be
hostile: in a process of its own, behind the walls of ``confine``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from p2pkit.classroom.grading.confine import WALLS, WALLS_FILE, command_for
from p2pkit.classroom.grading.reading import Unreadable, content
from p2pkit.classroom.labs.telling import NO_PICTURES
from p2pkit.observe.extras import load

LIMIT_S = 180.0
CELL_S = 60
"""Seconds for one cell: a check of a lab takes less than half of it."""
MAX_REPORT_BYTES = 4 << 20
SAID_CHARS = 300
START = (
    # What checks formats of addresses takes a second to load, and no notebook has one.
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)
COLORS = re.compile(r"(\x1b|#x1B)\[[0-9;]*m")
"""What colors text in a terminal, as it is and as pytest writes it into XML."""
ALL_AGAIN = "lab.grade()"
"""A cell that makes all checks once more, each of which has a cell above."""
ERROR = re.compile(r"[A-Za-z_.]*(Error|Exception|Interrupt|Exit|Timeout)\b.*")


class CellRun(msgspec.Struct, frozen=True):
    """A cell that did not run to its end: its number among code cells, and why."""

    cell: int
    why: str


class VisibleRun(msgspec.Struct, frozen=True):
    """How a notebook ran.

    Parameters
    ----------
    ran, failed : int
        Code cells that ran to their end, and that did not.
    failures : tuple of CellRun
        The latter.
    stopped : str
        Why there is no more to tell; else empty.
    walls : tuple of str
        What it was confined by.
    """

    ran: int = 0
    failed: int = 0
    failures: tuple[CellRun, ...] = ()
    stopped: str = ""
    walls: tuple[str, ...] = ()


def run_visible(
    notebook: Any, limit_s: float = LIMIT_S, *, trust: bool = False
) -> VisibleRun:
    """Run a restored notebook and return how that went.

    Parameters
    ----------
    notebook : notebook
        With the lab's own cells as they were released.
    limit_s : float
        Seconds for all of it.
    trust : bool
        Whether to run it where a wall is missing as well.
    """
    with _folder() as place:
        text = load("nbformat", "notebook").writes(_without_repeats(notebook))
        (place / "lab.ipynb").write_text(text, encoding="utf-8")
        in_time = _run(command_for(_pytest(), trust=trust), place, limit_s)
        walls = _walls(place / WALLS_FILE)
        missing = [one for one in WALLS if one not in walls]
        if missing and not trust:
            why = f"this machine cannot give its kernel {' and '.join(missing)}"
            return VisibleRun(stopped=f"it was not run: {why}", walls=walls)
        if not in_time:
            return VisibleRun(stopped=f"it took more than {limit_s:g} s", walls=walls)
        return _read(place / "report.xml", walls)


def _without_repeats(notebook: Any) -> Any:
    """Return the notebook, with nothing in the cell that repeats all others."""
    left = deepcopy(notebook)
    for cell in left.cells:
        if cell.cell_type == "code" and cell.source.strip() == ALL_AGAIN:
            cell.source = ""
    return left


def _run(command: list[str], place: Path, limit_s: float) -> bool:
    """Run a command, and nothing longer; return whether it ended in time."""
    process = subprocess.Popen(
        command,
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(place),
        start_new_session=True,
    )
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return False
    else:
        return True
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its session is all that it started
        process.wait()


def _pytest() -> list[str]:
    return [
        sys.executable, "-c", START, "-q", "-p", "no:cacheprovider", "-p", "nbval",
        "--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_S}",
        "-c", os.devnull, "--rootdir=.", "--confcutdir=.", "--junitxml=report.xml",
        "lab.ipynb",
    ]  # fmt: skip


def _environment(place: Path) -> dict[str, str]:
    """Return the few variables that a kernel needs; none of the teacher's own."""
    found = [one for one in sys.path if one]
    return {
        "HOME": str(place), "TMPDIR": str(place), "JUPYTER_RUNTIME_DIR": str(place),
        "IPYTHONDIR": str(place), "MPLCONFIGDIR": str(place), "LANG": "C.UTF-8",
        "PATH": os.path.dirname(sys.executable), "PYTHONPATH": os.pathsep.join(found),
        "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", NO_PICTURES: "1",
    }  # fmt: skip


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder for a while; a hostile notebook may leave anything in it."""
    place = Path(tempfile.mkdtemp(prefix="p2pkit-visible-"))
    try:
        yield place
    finally:
        try:
            shutil.rmtree(place, ignore_errors=True)
        except RecursionError:  # a thousand folders in each other
            subprocess.run(["rm", "-rf", "--", os.fspath(place)], check=False)


def _walls(path: Path) -> tuple[str, ...]:
    try:
        return tuple(content(path)[:500].decode().splitlines())
    except (Unreadable, ValueError):
        return ()


def _read(path: Path, walls: tuple[str, ...]) -> VisibleRun:
    """Read a report that a hostile notebook may have written."""
    try:
        text = content(path)
        if len(text) > MAX_REPORT_BYTES:
            return VisibleRun(stopped="its report cannot be read", walls=walls)
        if b"<!" in text.replace(b"<![CDATA[", b""):  # no entities that grow
            return VisibleRun(stopped="its report cannot be read", walls=walls)
        cells = list(ElementTree.fromstring(text).iter("testcase"))
    except (Unreadable, ElementTree.ParseError, ValueError):
        return VisibleRun(stopped="its kernel ended before it could tell", walls=walls)
    failures = []
    for number, cell in enumerate(cells, start=1):
        for kind in ("failure", "error"):
            found = cell.find(kind)
            if found is not None:
                failures.append(CellRun(number, _last_line(found)))
    return VisibleRun(
        len(cells) - len(failures), len(failures), tuple(failures), walls=walls
    )


def _last_line(found: ElementTree.Element) -> str:
    """Return what a traceback ends with; what comes behind it is nbval's own."""
    # The message may have been cut in the middle, with a line that says so.
    text = COLORS.sub("", found.text or found.get("message") or "")
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    errors = [one for one in lines if ERROR.match(one)]
    return (errors or lines or ["it failed"])[-1][:SAID_CHARS]
