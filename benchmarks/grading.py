"""Grading: how long a hundred submissions of lab 1 take, with two jobs.

Half of them are the solution, which takes longest; the others are wrong answers of the
lab's own collection. Each is graded by all checks, and its notebook is run by nbval.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.report import figure, line
from p2pkit.classroom.grading.batch import Batch, Task
from p2pkit.classroom.grading.grader import Policy
from p2pkit.classroom.grading.reading import Submission
from p2pkit.classroom.lab_files import Course, released
from p2pkit.classroom.lab_files.wrong import answered_wrongly, read_wrong

SLUG = "lab1_gossip"
SUBMISSIONS, JOBS = 100, 2
LIMIT_S = 600.0


def main(submissions: int = SUBMISSIONS, jobs: int = JOBS) -> None:
    """Grade, and print what it took."""
    course = Course("labs")
    with tempfile.TemporaryDirectory() as folder:
        tasks = list(_tasks(course, Path(folder), submissions))
        began_s = time.monotonic()
        outcomes = list(Batch(tasks, jobs).run(lambda _: None))
        took_s = time.monotonic() - began_s
    each = sorted(one.seconds for one in outcomes)
    points = sorted(one.record.result.earned for one in outcomes)
    line({"submissions": submissions, "jobs": jobs, "seconds": round(took_s, 1)})
    line({"longest_s": round(each[-1], 1), "points": [points[0], points[-1]]})
    reached_s = took_s / submissions * SUBMISSIONS
    figure(
        f"{SUBMISSIONS} submissions of lab 1, {jobs} jobs",
        f"at most {LIMIT_S:g} s",
        f"{reached_s:.0f} s",
        ok=reached_s <= LIMIT_S and points[-1] == 100,
    )


def _tasks(course: Course, folder: Path, count: int) -> Any:
    source = course.source(SLUG)
    wrong = [read_wrong(path) for path in course.wrong_paths(SLUG)]
    solved = released(source)
    for theirs, ours in zip(solved.cells, source.cells, strict=True):
        if theirs.metadata.get("nbgrader", {}).get("solution"):
            theirs.source = ours.source
    for number in range(count):
        notebook = solved
        if number % 2:
            notebook = answered_wrongly(solved, wrong[number // 2 % len(wrong)])
        path = folder / f"s{number:03}.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        submission = Submission(path, f"s{number:03}", SLUG)
        yield Task(submission, course.root, folder / "journal", Policy("a secret"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
