"""What students get is made from the sources, the same each time, without answers."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from p2pkit.classroom.lab_files import (
    Course,
    checksum_of,
    export,
    marked,
    release,
    released,
)
from p2pkit.classroom.labs import find

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT / "labs")

pytestmark = pytest.mark.parametrize("slug", COURSE.slugs)


def text_of(notebook: object) -> str:
    return str(nbformat.writes(notebook, version=4))


def test_committed_notebook_is_the_released_source(slug: str, tmp_path: Path) -> None:
    release(COURSE, tmp_path)

    fresh = (tmp_path / f"{slug}.ipynb").read_bytes()

    assert fresh == (ROOT / "labs" / f"{slug}.ipynb").read_bytes()


def test_release_is_the_same_to_the_byte_each_time(slug: str) -> None:
    source = COURSE.source(slug)

    one, other = (text_of(released(source, "ada", "secret")) for _ in range(2))

    assert one == other


def test_another_student_gets_other_parameters_and_another_ticket(slug: str) -> None:
    source, lab = COURSE.source(slug), find(slug)

    texts = [text_of(released(source, one, "secret")) for one in ("ada", "grace")]
    drawn = {repr(lab.parameters(f"ticket {number}")) for number in range(20)}

    assert texts[0] != texts[1]
    assert len(drawn) > 1


def test_released_notebook_holds_no_answer_and_no_hidden_test(slug: str) -> None:
    text = text_of(released(COURSE.source(slug), "ada", "secret"))

    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "hidden(" not in text
    assert "secret" not in text


def test_checksums_fit_the_cells_as_they_were_released(slug: str) -> None:
    for cell, mark in marked(released(COURSE.source(slug), "ada", "secret")):
        assert mark.checksum == checksum_of(cell, mark)


def test_every_exercise_is_exported_and_is_python(slug: str) -> None:
    pieces = export(COURSE.source(slug))

    assert pieces[0].grade_id == "setup"
    assert len(pieces) > 1
    assert [one.problem for one in pieces if one.problem] == []
