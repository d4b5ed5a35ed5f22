"""A submission is graded by what its code does, from its file to its points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from p2pkit.classroom.grading.examining import Examiner
from p2pkit.classroom.grading.grader import Grader, Policy
from p2pkit.classroom.grading.reading import Submission
from p2pkit.classroom.grading.result import Result
from p2pkit.classroom.lab_files import Course, released
from p2pkit.classroom.labs.lab import ROOM
from p2pkit.classroom.sandbox.sandbox import Sandbox
from tests.walls import needs_walls

COURSE = Course(Path(__file__).parents[2] / "labs")
SLUG = "lab1_gossip"

pytestmark = [needs_walls, pytest.mark.timeout(120)]  # hundreds of processes


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(COURSE, SLUG, Policy(secret="of the tests"))


def graded(grader: Grader, notebook: Any) -> Result:
    submission = Submission(Path("ada.ipynb"), "ada", SLUG)
    return grader.grade(submission, nbformat.writes(notebook, version=4).encode())


def test_what_was_never_touched_earns_nothing(grader: Grader) -> None:
    result = graded(grader, released(grader.source))

    assert result.earned == 0
    assert result.refused == ""
    assert result.notes == ()
    assert "not written yet" in result.checks[0].cases[0].verdict.stopped


def test_one_right_class_among_wrong_ones_earns_its_points(grader: Grader) -> None:
    source = grader.source
    notebook = released(source)
    for theirs, ours in zip(notebook.cells, source.cells, strict=True):
        mark = theirs.metadata.get("nbgrader", {})
        if mark.get("grade_id") == "push":
            wrong = "self.pick(self.config.fanout)[:1]"  # tells one peer alone
            theirs.source = ours.source.replace("self.pick(self.config.fanout)", wrong)

    left = grader.restore("ada", nbformat.writes(notebook, version=4).encode())
    with Sandbox([f"{ROOM}.{SLUG}"]) as sandbox:
        sandbox.load(left.cells)
        tickets = grader.tickets("ada")
        examiner = Examiner(grader.lab, grader.hidden, tickets, sandbox, left.cells)
        result = examiner.check(grader.lab["1.1"])

    assert [case.hidden for case in result.cases] == [False, True]
    assert 0 < result.earned < 7
