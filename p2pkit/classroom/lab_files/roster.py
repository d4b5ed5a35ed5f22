"""Rosters: the ids of a class, from a file that a registry or a spreadsheet wrote."""

from __future__ import annotations

import csv
from pathlib import Path

from p2pkit.core import LabError

COLUMNS = ("id", "student")
"""How the column with the ids may be called."""


def students_in(roster: Path) -> list[str]:
    """Return the ids in a roster, each once: one a line, or the column ``id``.

    Raises
    ------
    LabError
        If it names nobody, or is a table without such a column.
    """
    rows = _rows(roster)
    names = [name.strip().lower() for name in rows[0]]
    column = next((names.index(one) for one in COLUMNS if one in names), None)
    if column is None and max(map(len, rows)) > 1:
        there = ", ".join(name.strip() for name in rows[0])
        reason = (
            f"{roster} has no column id: its first line has {there}. Name the column "
            "with the ids so, or write one id a line"
        )
        raise LabError(reason)
    ids = [_cell(row, column or 0) for row in rows[column is not None :]]
    found = list(dict.fromkeys(one for one in ids if one))
    if not found:
        raise LabError(_nobody(roster))
    return found


def _rows(roster: Path) -> list[list[str]]:
    try:
        with roster.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except UnicodeDecodeError:
        reason = f"{roster} is no text in UTF-8: save it as CSV in UTF-8"
        raise LabError(reason) from None
    if not rows:
        raise LabError(_nobody(roster))
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if sign in rows[0][0]:
            reason = f"{roster} has {name} between its columns: save it with commas"
            raise LabError(reason)
    return rows


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _nobody(roster: Path) -> str:
    return f"{roster} names no student: write one id a line, or a column id"
