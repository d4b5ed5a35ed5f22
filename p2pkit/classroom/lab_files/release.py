"""Release: from a source lab to the notebook that a student gets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.classroom.lab_files.course import Course, write
from p2pkit.classroom.lab_files.marks import Mark, checksum_of, mark_of
from p2pkit.classroom.lab_files.regions import without_hidden, without_solutions
from p2pkit.classroom.labs.ticket import GENERIC, ticket_of
from p2pkit.core import LabError

OPENING = re.compile(r"\.open\(globals\(\)[^)]*\)")
"""How a notebook opens its lab; the student's id and ticket are put there."""

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


def released(source: Any, student: str = "", secret: str = "") -> Any:
    """Return the student's notebook of a source lab.

    The same source, student and secret give the same notebook, to the byte. Solutions
    become stubs, hidden tests and outputs vanish, cells that are to stay as they are
    get a checksum and cannot be edited by a slip.

    Parameters
    ----------
    source : notebook
        As `Course.source` returns it; it is not changed.
    student : str
        Whose it is; empty for nobody in particular.
    secret : str
        The secret of the course, from which the student's ticket comes.

    Raises
    ------
    LabError
        If the student's id could not be a file's name, or the source is not sound.
    """
    if student and not STUDENT.fullmatch(student):
        reason = (
            f"{student!r} is no id of a student: take letters, digits and . _ - @, "
            "64 at most"
        )
        raise LabError(reason)
    notebook = deepcopy(source)
    for cell in notebook.cells:
        _release(cell, student, ticket_of(student, secret))
    return notebook


def opened(source: Any, student: str, secret: str = "") -> Any:
    """Return a source notebook that opens its lab for a student; with its answers."""
    notebook = deepcopy(source)
    for cell in notebook.cells:
        if mark_of(cell) is not None:
            cell.source = _opened(cell.source, student, ticket_of(student, secret))
    return notebook


def release(
    course: Course,
    into: Path,
    student: str = "",
    secret: str = "",
    slugs: Sequence[str] = (),
) -> list[Path]:
    """Write the student's notebooks of some labs, else of all; return where they are.

    Raises
    ------
    LabError
        If the course has no lab of that name, or see `released`.
    """
    paths = []
    for slug in slugs or course.slugs:
        path = into / f"{slug}.ipynb"
        write(released(course.source(slug), student, secret), path)
        paths.append(path)
    return paths


def _release(cell: Any, student: str, ticket: str) -> None:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.metadata.pop("execution", None)
    mark = mark_of(cell)
    if mark is None:
        return
    source = without_hidden(without_solutions(cell.source)).strip("\n")
    cell.source = _opened(source, student, ticket)
    _lock(cell, mark)


def _lock(cell: Any, mark: Mark) -> None:
    checksum = checksum_of(cell, mark)
    mark = msgspec.structs.replace(mark, checksum=checksum)
    cell.metadata["nbgrader"] = mark.metadata()
    cell.metadata["deletable"] = False
    if mark.is_fixed:
        cell.metadata["editable"] = False


def _opened(source: str, student: str, ticket: str) -> str:
    if ticket == GENERIC:
        return source
    opening = f'.open(globals(), student="{student}", ticket="{ticket}")'
    return OPENING.sub(opening, source)
