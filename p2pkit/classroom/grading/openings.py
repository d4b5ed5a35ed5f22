"""Openings: for whom a notebook that was handed in had been released.

What its open cell says decides no grade, since anybody can write there. It tells the
grader of a mistake: that a class is graded otherwise than its labs were released.
"""

from __future__ import annotations

import re
from typing import Any

from p2pkit.classroom.grading.reading import Unreadable
from p2pkit.classroom.lab_files.marks import marked
from p2pkit.classroom.labs.ticket import GENERIC

OPENED = re.compile(
    r'\.open\(globals\(\),\s*student="([A-Za-z0-9._@-]{0,64})",\s*ticket="(\w{1,64})"\)'
)
OTHERWISE = "its open cell is another student's or of another release"
"""How the note on a ticket that is not its student's begins."""


def opening_of(notebook: Any) -> tuple[str, str]:
    """Return the student and the ticket that a notebook opens its lab with.

    They are those of the generic notebook where nothing readable is said.
    """
    for cell, _ in marked(notebook):
        said = OPENED.search(cell.source)
        if said is not None:
            return said[1], said[2]
    return "", GENERIC


def require_generic(notebook: Any) -> None:
    """Refuse a notebook that was released for one student.

    Raises
    ------
    Unreadable
        If it was: its true numbers would be wrong by the generic ticket.
    """
    student, ticket = opening_of(notebook)
    if ticket != GENERIC:
        reason = (
            f"it was released for {student or 'one student'} in particular: grade it "
            "with --personal, and with the secret of its release"
        )
        raise Unreadable(reason)


def noted(notebook: Any, ticket: str) -> list[str]:
    """Return a note if a notebook opens its lab with another ticket than `ticket`."""
    student, said = opening_of(notebook)
    if said == ticket:
        return []
    whose = f"it says {student}" if student else "it says nobody in particular"
    return [f"{OTHERWISE}: {whose}; answers from its own runs may be wrong by that"]
