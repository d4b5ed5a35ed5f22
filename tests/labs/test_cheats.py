"""Dishonest and broken submissions earn what their honest part is worth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from p2pkit.classroom.grading.feedback import feedback_html
from p2pkit.classroom.grading.grader import Grader, Policy
from p2pkit.classroom.grading.reading import MAX_BYTES, Submission
from p2pkit.classroom.grading.result import Result, written
from p2pkit.classroom.grading.tables import grades_csv, junit_xml
from p2pkit.classroom.labs.lab import find
from p2pkit.classroom.sandbox.limits import MIB, Limits
from tests.labs.cheats import (
    in_answers,
    in_code,
    in_files,
    in_notebooks,
    in_protocols,
    on_the_grader,
)
from tests.labs.cheats.making import COURSE, Cheat
from tests.walls import needs_walls

pytestmark = [needs_walls, pytest.mark.timeout(60)]  # loops run until they are killed

CHEATS = [
    *in_notebooks.CHEATS,
    *in_code.CHEATS,
    *in_files.CHEATS,
    *in_answers.CHEATS,
    *in_protocols.CHEATS,
    *on_the_grader.CHEATS,
]
POLICY = Policy(
    secret="of the tests",
    limits=Limits(cpu_s=1, reply_s=20.0),
    trial=Limits(cpu_s=1, memory_bytes=128 * MIB, reply_s=20.0),
    together=Limits(cpu_s=2, memory_bytes=128 * MIB, reply_s=20.0),
)


def graded(cheat: Cheat) -> Result:
    grader = Grader(COURSE, cheat.slug, POLICY, cheat.checks)
    return grader.grade(Submission(Path("ada.ipynb"), "ada", cheat.slug), cheat.data)


def test_there_are_many_and_each_has_a_name() -> None:
    names = {cheat.name for cheat in CHEATS}

    assert len(names) == len(CHEATS) >= 100


@pytest.mark.parametrize(
    "cheat", [one for one in CHEATS if len(one.data) <= MAX_BYTES], ids=str
)
def test_a_cheat_earns_what_its_honest_part_is_worth(cheat: Cheat) -> None:
    result = graded(cheat)

    earned = {one.id: one.earned for one in result.checks}
    assert earned == cheat.earns
    assert re.search(cheat.named, written(result).decode())
    assert "<script>" not in feedback_html(find(cheat.slug), result)
    assert grades_csv([result]).startswith("student,lab,points")
    assert junit_xml([result]).startswith(b"<?xml")
