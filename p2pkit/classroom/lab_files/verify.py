"""Verify: prove that a lab judges as it should.

Its solution passes every check, seen and hidden. Its stub earns nothing at any check.
Each wrong answer loses exactly the points that its file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from p2pkit.classroom.lab_files.course import Course
from p2pkit.classroom.lab_files.export import export, run_here
from p2pkit.classroom.lab_files.marks import marked
from p2pkit.classroom.lab_files.regions import HiddenCase, check_ids, hidden_cases
from p2pkit.classroom.lab_files.release import released
from p2pkit.classroom.lab_files.wrong import answered_wrongly, read_wrong
from p2pkit.classroom.labs.check import earned
from p2pkit.classroom.labs.lab import Lab, find
from p2pkit.classroom.labs.ticket import hidden_ticket_of, ticket_of
from p2pkit.core import LabError
from p2pkit.harness import LocalSubject

SOLUTION, STUB = "solution", "stub"
STUDENTS = ("", "ada", "grace")
"""Whose parameters and seeds the solution must get along with."""


@dataclass(frozen=True)
class Trial:
    """One notebook of a lab to be examined.

    Parameters
    ----------
    root : Path
        Folder of the course.
    slug : str
        Which lab.
    what : str
        ``solution``, ``stub``, or the name of a wrong answer.
    student : str
        Whose parameters and seeds.
    """

    root: Path
    slug: str
    what: str
    student: str = ""

    def __str__(self) -> str:
        whose = f", as {self.student}" if self.student else ""
        return f"{self.slug}: {self.what}{whose}"


@dataclass(frozen=True)
class Proof:
    """What came of a trial.

    Parameters
    ----------
    trial : Trial
        Which one.
    points : dict of str to float
        Earned, by check.
    problems : tuple of str
        What is not as it should be, in sentences; empty if all is well.
    """

    trial: Trial
    points: dict[str, float]
    problems: tuple[str, ...]


def trials_of(course: Course, chosen: Iterable[str]) -> list[Trial]:
    """Return all that must be tried for some labs of a course."""
    trials = []
    for slug in chosen:
        trials += [Trial(course.root, slug, SOLUTION, one) for one in STUDENTS]
        trials.append(Trial(course.root, slug, STUB))
        wrong = course.wrong_paths(slug)
        trials += [Trial(course.root, slug, path.stem) for path in wrong]
    return trials


def verify(trials: list[Trial], jobs: int = 1) -> Iterator[Proof]:
    """Make trials, `jobs` at a time; yield what came of each, in their order."""
    if jobs == 1:
        yield from map(prove, trials)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(prove, trials)


def prove(trial: Trial) -> Proof:
    """Make one trial: examine its notebook with all checks, seen and hidden."""
    course, lab = Course(trial.root), find(trial.slug)
    source = course.source(trial.slug)
    try:
        notebook, should_lose = _prepared(course, source, trial, lab)
        hidden = sound_cases(source, lab)
    except LabError as error:
        return Proof(trial, {}, (str(error),))
    namespace: dict[str, Any] = {"__name__": "__lab__"}
    problems = run_here(export(notebook), namespace)
    if trial.what == STUB:
        problems = []  # what is not written may well fail
    points = examine_all(lab, LocalSubject(namespace), trial.student, hidden)
    problems += _compared(lab, points, should_lose)
    return Proof(trial, points, tuple(problems))


def sound_cases(source: Any, lab: Lab) -> dict[str, list[HiddenCase]]:
    """Return the hidden cases of a source by check, if source and lab fit together.

    Raises
    ------
    LabError
        If a check has no cell, or a cell is worth something else than its check.
    """
    found: dict[str, list[HiddenCase]] = {}
    for cell, mark in marked(source):
        if not mark.grade:
            continue
        ids = check_ids(cell.source)
        if len(ids) != 1 or lab[ids[0]].points != mark.points:
            reason = (
                f"cell {mark.grade_id} is worth {mark.points:g} points and makes the "
                f"checks {ids}: it should make one, worth as much"
            )
            raise LabError(reason)
        found[ids[0]] = hidden_cases(cell.source)
    if list(found) != [check.id for check in lab]:
        reason = (
            f"the source has cells for the checks {list(found)}, the lab has "
            f"{[check.id for check in lab]}"
        )
        raise LabError(reason)
    return found


def examine_all(
    lab: Lab,
    subject: LocalSubject,
    student: str,
    hidden: dict[str, list[HiddenCase]],
    secret: str = "",
) -> dict[str, float]:
    """Return the points that a subject earns at each check, seen and hidden."""
    ticket = ticket_of(student, secret)
    hidden_ticket = hidden_ticket_of(student, secret)
    points = {}
    for check in lab:
        cases = [lab.case(check.id, ticket)]
        cases += [
            lab.case(check.id, ticket, hidden_ticket, one.given)
            for one in hidden.get(check.id, ())
        ]
        verdicts = [lab.examine(check.id, subject, case) for case in cases]
        points[check.id] = earned(check.points, *verdicts)
    return points


def _prepared(
    course: Course, source: Any, trial: Trial, lab: Lab
) -> tuple[Any, dict[str, float]]:
    """Return the notebook of a trial, and the points that it must lose by check."""
    if trial.what == SOLUTION:
        return source, {}
    if trial.what == STUB:
        return released(source), {check.id: check.points for check in lab}
    path = course.source_path(trial.slug).parent / "wrong" / f"{trial.what}.toml"
    wrong = read_wrong(path)
    for check_id in wrong.loses:
        lab[check_id]  # says so if there is none
    return answered_wrongly(source, wrong), wrong.loses


def _compared(
    lab: Lab, points: dict[str, float], should_lose: dict[str, float]
) -> list[str]:
    problems = []
    for check in lab:
        should = check.points - should_lose.get(check.id, 0.0)
        if abs(points[check.id] - should) > 0.005:
            problems.append(
                f"check {check.id} gives {points[check.id]:g} of {check.points:g} "
                f"points, and should give {should:g}"
            )
    return problems
