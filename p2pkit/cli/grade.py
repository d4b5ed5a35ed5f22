"""`p2pkit grade`: grade what students handed in."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

from p2pkit.cli.guard import fail, say, warn

if TYPE_CHECKING:
    from p2pkit.classroom.grading.batch import Batch, Outcome
    from p2pkit.classroom.grading.grader import Policy
    from p2pkit.classroom.grading.reading import Submission


def run_grade(
    paths: list[Path],
    course: Path,
    out: Path,
    policy: Policy,
    *,
    jobs: int,
    fresh: bool,
    visible: bool,
) -> None:
    """Grade submissions, show progress, and write grades and feedback."""
    from p2pkit.classroom.grading.batch import Batch, Task
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.sandbox.sandbox import require_walls

    require_walls(policy.trust)
    slugs = Course(course).slugs
    if not slugs:
        fail(f"{course} has no labs: say --course FOLDER, one with source/ in it")
    found, lines = _submissions(paths, slugs)
    store = out / "journal"
    tasks = [Task(one, course, store, policy, visible) for one in found]
    out.mkdir(parents=True, exist_ok=True)
    batch = Batch(tasks, jobs, fresh=fresh)
    outcomes = _with_progress(batch, len(tasks))
    lines += [
        f"{_shown(one.submission.path)}: {one.record.result.refused}"
        for one in outcomes
        if one.record.result.refused
    ]
    _write(out, outcomes, lines)
    for line in lines:
        warn(line)
    graded = sum(not one.record.result.refused for one in outcomes)
    kept = sum(one.was_kept for one in outcomes)
    say(f"{graded} graded ({kept} of them before), {len(lines)} not: see {out}")
    if not graded and lines:
        raise SystemExit(1)


def _submissions(
    paths: list[Path], slugs: list[str]
) -> tuple[list[Submission], list[str]]:
    """Return what can be graded, and a line on each file that cannot."""
    from p2pkit.classroom.grading import reading

    first: dict[str, Submission] = {}
    lines = []
    for one in reading.found(paths, slugs):
        if isinstance(one, tuple):
            lines.append(f"{_shown(one[0])}: {one[1]}")
        elif one.name in first:
            counts = _shown(first[one.name].path)
            lines.append(f"{_shown(one.path)}: handed in twice; {counts} counts")
        else:
            first[one.name] = one
    return list(first.values()), lines


def secret_of(path: Path | None) -> str:
    """Return the course's secret, from a file or else from the environment."""
    from p2pkit.classroom.labs.ticket import course_secret

    return path.read_text(encoding="utf-8").strip() if path else course_secret()


def _with_progress(batch: Batch, total: int) -> list[Outcome]:
    from rich.console import Console
    from rich.progress import Progress

    outcomes = []
    with Progress(console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task("grading", total=total)
        for one in batch.run(lambda it: shown.update(bar, description=it.name)):
            outcomes.append(one)
            shown.advance(bar)
    return outcomes


def _write(out: Path, outcomes: list[Outcome], lines: list[str]) -> None:
    """Write the tables and the pages; what is there already is replaced."""
    from p2pkit.classroom.grading import tables
    from p2pkit.classroom.grading.batch import results_of
    from p2pkit.classroom.grading.feedback import feedback_html
    from p2pkit.classroom.labs import find

    results = results_of(outcomes)
    (out / "grades.csv").write_text(tables.grades_csv(results), encoding="utf-8")
    (out / "grades.json").write_bytes(tables.grades_json(results))
    (out / "junit.xml").write_bytes(tables.junit_xml(results))
    (out / "report.txt").write_text("".join(f"{one}\n" for one in lines), "utf-8")
    for one in outcomes:
        result = one.record.result
        page = feedback_html(find(result.lab), result, one.record.visible)
        place = out / "feedback" / result.student / f"{result.lab}.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page, encoding="utf-8")
    with (out / "seconds.csv").open("a", encoding="utf-8") as file:
        csv.writer(file).writerows(
            (one.submission.name, f"{one.seconds:.1f}")
            for one in outcomes
            if not one.was_kept
        )


def _shown(path: Path) -> str:
    """Return a path that does no harm in a terminal, whatever its name is."""
    text = os.fspath(path).encode("utf-8", "replace").decode()
    return "".join(one if one.isprintable() else "?" for one in text)
