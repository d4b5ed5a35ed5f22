"""`p2pkit grade`: grade what students handed in."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from p2pkit.cli.guard import fail, say, warn

if TYPE_CHECKING:
    from p2pkit.classroom.grading.batch import Batch, Outcome
    from p2pkit.classroom.grading.grader import Policy
    from p2pkit.classroom.grading.reading import Submission

MOST_NAMES = 20
"""Submissions that one line of the report names."""


def run_grade(
    paths: list[Path],
    course: Path,
    out: Path,
    policy: Policy,
    *,
    jobs: int,
    fresh: bool,
    visible: bool,
    roster: Path | None = None,
) -> None:
    """Grade submissions, show progress, and write grades and feedback."""
    from p2pkit.classroom.grading.batch import Batch, Task
    from p2pkit.classroom.lab_files import Course
    from p2pkit.classroom.lab_files.roster import students_in

    _require_means(policy)
    students = students_in(roster) if roster else None
    found, lines = _submissions(paths, Course(course).require_labs())
    if not found and not lines:
        fail(f"nothing to grade in {', '.join(map(_shown, paths))}: no file is there")
    caveats = _caveats(policy)
    for line in caveats:
        warn(line)
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
    about = _strange(outcomes) + (_against(students, found) if students else [])
    _write(out, outcomes, [*caveats, *about, *lines])
    for line in [*about, *lines]:
        warn(line)
    _summed_up(outcomes, len(lines), out)


def _summed_up(outcomes: list[Outcome], left_out: int, out: Path) -> None:
    """Say how many were graded; fail if none was."""
    graded = [one for one in outcomes if not one.record.result.refused]
    kept = sum(one.was_kept for one in graded)
    say(f"{len(graded)} graded ({kept} of them before), {left_out} not: see {out}")
    if not graded:
        raise SystemExit(1)


def _strange(outcomes: list[Outcome]) -> list[str]:
    """Return a line on those who worked in a notebook that was not made for them."""
    from p2pkit.classroom.grading.openings import OTHERWISE

    graded = [one for one in outcomes if not one.record.result.refused]
    names = [
        one.submission.name
        for one in graded
        if any(note.startswith(OTHERWISE) for note in one.record.result.notes)
    ]
    if not names:
        return []
    return [
        f"{len(names)} of {len(graded)} open their lab otherwise than released for "
        f"their student: {_named(names)}. If it is most of them, check the secret, and "
        "that --roster was used; else they may have worked in another's notebook"
    ]


def _against(students: list[str], found: list[Submission]) -> list[str]:
    """Return a line on each lab that somebody of a roster did not hand in.

    And one on those who handed in, and are not on the roster: most likely the name of
    a file or folder is not quite their id.
    """
    lines = []
    for slug in sorted({one.slug for one in found}):
        there = {one.student for one in found if one.slug == slug}
        missing = [one for one in students if one not in there]
        if missing:
            lines.append(f"{slug}: nothing from {_named(missing)}")
    others = [one.name for one in found if one.student not in set(students)]
    if others:
        lines.append(f"not on the roster: {_named(others)}")
    return lines


def _named(names: list[str]) -> str:
    """Return names in a line, as many as can be read."""
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


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


def _require_means(policy: Policy) -> None:
    """Refuse a policy that lacks what it takes: a secret, or walls."""
    from p2pkit.classroom.labs.ticket import require_secret
    from p2pkit.classroom.sandbox.sandbox import require_walls

    if policy.personal:
        require_secret(policy.secret)
    require_walls(policy.trust)


def _caveats(policy: Policy) -> list[str]:
    """Return what all grades of a batch suffer from, in a line each."""
    from p2pkit.classroom.labs.ticket import SECRET_VARIABLE

    lines = []
    if not policy.secret:
        lines.append(
            "no course secret: anybody can compute the seeds of hidden cases; give one "
            f"by --secret-file or in {SECRET_VARIABLE}"
        )
    if policy.trust:
        lines.append("graded on trust: student code ran without walls")
    return lines


def _with_progress(batch: Batch, total: int) -> list[Outcome]:
    """Grade a batch; tell of each submission as soon as it is done."""
    from rich.console import Console
    from rich.progress import Progress

    outcomes: list[Outcome] = []
    console = Console(stderr=True)
    bare = not console.is_terminal
    with Progress(console=console, transient=True, disable=bare) as shown:
        bar = shown.add_task("grading", total=total)
        try:
            for one in batch.run(lambda it: shown.update(bar, description=it.name)):
                outcomes.append(one)
                shown.advance(bar)
                sys.stderr.write(f"{_line(one)}\n")  # rich puts it above the bar
        except KeyboardInterrupt:
            done = f"interrupted, {len(outcomes)} of {total} graded"
            warn(f"{done}; the same command goes on from there")
            raise
    return outcomes


def _line(one: Outcome) -> str:
    """Return what came of a submission, in a line."""
    result = one.record.result
    if result.refused:
        return f"{one.submission.name}: not graded"
    when = "before" if one.was_kept else f"in {one.seconds:.0f} s"
    points = f"{result.earned:g} of {result.points:g} points"
    return f"{one.submission.name}: {points}, graded {when}"


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
