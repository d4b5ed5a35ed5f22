"""Wrong answers: plausible mistakes, and what each of them must cost.

A wrong answer is a file beside its source lab: what is wrong, in a sentence, the points
it must lose at each check, and the edits that make the mistake.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.classroom.lab_files.marks import marked
from p2pkit.core import LabError


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to a cell of the solution.

    Parameters
    ----------
    cell : str
        Its name.
    new : str
        What stands there instead.
    old : str
        What is replaced; it must be there exactly once. If empty, all of the cell is.
    """

    cell: str
    new: str
    old: str = ""


class WrongAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake, and what it costs.

    Parameters
    ----------
    says : str
        What is wrong, as a sentence.
    loses : dict of str to float
        The points lost, by check; at all others it must lose none.
    edits : tuple of Edit
        How the solution is changed.
    """

    says: str
    loses: dict[str, float]
    edits: tuple[Edit, ...]


def read_wrong(path: Path) -> WrongAnswer:
    """Return a wrong answer from its file.

    Raises
    ------
    LabError
        If the file is none.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), WrongAnswer)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        reason = f"{path.name} is no wrong answer: {error}"
        raise LabError(reason) from error


def answered_wrongly(source: Any, wrong: WrongAnswer) -> Any:
    """Return a source notebook with the mistakes of a wrong answer in it.

    Raises
    ------
    LabError
        If an edit does not fit: the solution has changed, or there is no such cell.
    """
    notebook = deepcopy(source)
    cells = {mark.grade_id: cell for cell, mark in marked(notebook)}
    for edit in wrong.edits:
        if edit.cell not in cells:
            reason = f"an edit names the cell {edit.cell!r}, and there is none"
            raise LabError(reason)
        cell = cells[edit.cell]
        if edit.old and cell.source.count(edit.old) != 1:
            times = cell.source.count(edit.old)
            reason = (
                f"an edit of {edit.cell} replaces {edit.old!r}, which is there {times} "
                "times instead of once"
            )
            raise LabError(reason)
        cell.source = cell.source.replace(edit.old, edit.new) if edit.old else edit.new
    return notebook
