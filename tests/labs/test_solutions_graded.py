"""What a right answer earns in the sandbox: all of it, as in the notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from p2pkit.classroom.grading.grader import Grader, Policy
from p2pkit.classroom.grading.reading import Submission
from p2pkit.classroom.lab_files import Course, released
from p2pkit.classroom.sandbox import seccomp

COURSE = Course(Path(__file__).parents[2] / "labs")


@pytest.mark.timeout(900)  # hidden cases of a whole lab, beside those of another
@pytest.mark.skipif(seccomp.why_not() != "", reason=seccomp.why_not())
@pytest.mark.parametrize("slug", COURSE.slugs)
def test_solution_earns_every_point_from_the_grader(slug: str, tmp_path: Path) -> None:
    source = COURSE.source(slug)
    notebook = released(source)
    for theirs, ours in zip(notebook.cells, source.cells, strict=True):
        if theirs.metadata.get("nbgrader", {}).get("solution"):
            theirs.source = ours.source
    data = json.dumps(notebook).encode()

    result = Grader(COURSE, slug, Policy("a secret")).grade(
        Submission(tmp_path / f"{slug}.ipynb", "ada", slug), data
    )

    lost = {one.id: one.earned for one in result.checks if one.earned < one.points}
    assert lost == {}
