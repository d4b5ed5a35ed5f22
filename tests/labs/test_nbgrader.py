"""The source labs are nbgrader's as well: it validates, releases and grades them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from p2pkit.classroom.lab_files import Course, marked, read, write
from p2pkit.classroom.labs import find

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT / "labs")
PROGRAMS = Path(sys.prefix) / "nbgrader" / "bin"

pytestmark = [
    pytest.mark.skipif(
        not (PROGRAMS / "nbgrader").exists(),
        reason="nbgrader has an environment of its own: make nbgrader",
    ),
    pytest.mark.timeout(300),  # three programs that each start a kernel or a database
]


@pytest.fixture
def course(slug: str, tmp_path: Path) -> Path:
    """Return a course folder with one source lab in it, as nbgrader wants it."""
    target = tmp_path / "source" / slug
    target.mkdir(parents=True)
    shutil.copy(COURSE.source_path(slug), target)
    config = 'c = get_config()\nc.CourseDirectory.course_id = "p2p"\n'
    (tmp_path / "nbgrader_config.py").write_text(config)
    return tmp_path


def nbgrader(course: Path, *arguments: str) -> str:
    """Run it in a course; return what it says."""
    # It calls the programs beside it by their names, and kernels import this tree.
    paths = {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [PROGRAMS / "nbgrader", *arguments], cwd=course, env={**os.environ, **paths},
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def submit(course: Path, slug: str) -> None:
    """Hand in the released notebook with the answers of the source."""
    answers = {
        mark.grade_id: cell.source
        for cell, mark in marked(COURSE.source(slug))
        if mark.solution
    }
    notebook = read(course / "release" / slug / f"{slug}.ipynb")
    for cell, mark in marked(notebook):
        if mark.solution:
            cell.source = answers[mark.grade_id]
    write(notebook, course / "submitted" / "ada" / slug / f"{slug}.ipynb")


# It runs the whole notebook, as grading does: one lab stands for all.
@pytest.mark.parametrize("slug", COURSE.slugs[:1])
def test_source_validates(slug: str, course: Path) -> None:
    said = nbgrader(course, "validate", f"source/{slug}/{slug}.ipynb")

    assert "Success! Your notebook passes all the tests." in said


@pytest.mark.parametrize("slug", COURSE.slugs)
def test_solution_is_released_and_graded_with_full_marks(
    slug: str, course: Path
) -> None:
    nbgrader(course, "generate_assignment", slug)
    released = (course / "release" / slug / f"{slug}.ipynb").read_text("utf-8")
    submit(course, slug)
    nbgrader(course, "autograde", slug, "--create")
    nbgrader(course, "export", "--to=grades.csv")

    with (course / "grades.csv").open(encoding="utf-8") as file:
        (grade,) = csv.DictReader(file)

    nbformat.validate(nbformat.reads(released, as_version=4))
    assert "SOLUTION" not in released
    assert "HIDDEN" not in released
    assert float(grade["score"]) == float(grade["max_score"]) == find(slug).points
