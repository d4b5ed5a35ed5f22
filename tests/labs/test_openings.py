"""A notebook released for one student is never graded as everybody's, nor reversed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from p2pkit.classroom.grading.grader import Grader, Policy
from p2pkit.classroom.grading.openings import OTHERWISE
from p2pkit.classroom.grading.reading import Submission
from p2pkit.classroom.lab_files import released
from p2pkit.classroom.labs.ticket import ticket_of
from tests.labs.cheats.making import COURSE, SLUG

SECRET = "of the tests"


def handed_in(student: str, secret: str = SECRET) -> bytes:
    notebook = released(COURSE.source(SLUG), student, secret)
    return nbformat.writes(notebook, version=4).encode()


def grader(*, personal: bool) -> Grader:
    return Grader(COURSE, SLUG, Policy(SECRET, personal=personal))


def test_a_personal_notebook_is_refused_where_all_are_graded_alike() -> None:
    anna = Submission(Path("anna.ipynb"), "anna", SLUG)

    result = grader(personal=False).grade(anna, handed_in("anna"))

    assert "it was released for anna in particular: grade it with" in result.refused
    assert "--personal" in result.refused


@pytest.mark.parametrize(
    ("personal", "data"), [(False, handed_in("")), (True, handed_in("anna"))]
)
def test_a_notebook_graded_as_it_was_released_has_no_note(
    personal: bool, data: bytes
) -> None:
    assert grader(personal=personal).restore("anna", data).notes == []


@pytest.mark.parametrize(
    "data",
    [handed_in(""), handed_in("bob"), handed_in("anna", "of another course")],
    ids=["nobody's", "a neighbor's", "of another secret"],
)
def test_a_ticket_of_others_is_noted_and_replaced(data: bytes) -> None:
    left = grader(personal=True).restore("anna", data)

    code = "\n".join(cell.source for cell in left.notebook.cells)
    assert left.notes[0].startswith(OTHERWISE)
    assert f'ticket="{ticket_of("anna", SECRET)}"' in code
