"""Verify: prove that a lab judges as it should.

Its solution passes every check, seen and hidden. Its stub earns nothing at any check.
Each wrong answer loses exactly the points that its file says.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from p2pkit.classroom.lab_files.course import Course
from p2pkit.classroom.lab_files.export import export, names_in, run_here
from p2pkit.classroom.lab_files.marks import marked
from p2pkit.classroom.lab_files.regions import HiddenCase, check_ids, hidden_cases
from p2pkit.classroom.lab_files.release import opened, released
from p2pkit.classroom.lab_files.wrong import WrongAnswer, answered_wrongly, read_wrong
from p2pkit.classroom.labs.check import Check, earned
from p2pkit.classroom.labs.lab import Lab, find
from p2pkit.classroom.labs.ticket import hidden_ticket_of, ticket_of
from p2pkit.core import LabError
from p2pkit.harness import LocalSubject, Subject

HASH_SEED = "PYTHONHASHSEED"
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


def trials_of(
    course: Course, chosen: Iterable[str], more_students: int = 0
) -> list[Trial]:
    """Return all that must be tried for some labs of a course.

    Parameters
    ----------
    course : Course
        Where they are.
    chosen : iterable of str
        Which labs.
    more_students : int
        How many besides `STUDENTS` the solution must get along with.
    """
    students = [*STUDENTS, *(f"student{n}" for n in range(1, more_students + 1))]
    trials = []
    for slug in chosen:
        trials += [Trial(course.root, slug, SOLUTION, one) for one in students]
        trials.append(Trial(course.root, slug, STUB))
        wrong = course.wrong_paths(slug)
        trials += [Trial(course.root, slug, path.stem) for path in wrong]
    return trials


def verify(trials: list[Trial], jobs: int = 1) -> Iterator[Proof]:
    """Make trials, `jobs` at a time; yield what came of each, in their order."""
    with (
        _order_kept(),
        ProcessPoolExecutor(
            jobs, get_context("spawn"), initializer=_end_with, initargs=(os.getpid(),)
        ) as pool,
    ):
        yield from pool.map(prove, trials)


@contextmanager
def _order_kept() -> Iterator[None]:
    """Have processes that start meanwhile keep sets in one order, as graders do.

    A wrong answer that depends on that order is to lose the same each time.
    """
    before = os.environ.get(HASH_SEED)
    os.environ[HASH_SEED] = "0"
    try:
        yield
    finally:
        del os.environ[HASH_SEED]
        if before is not None:
            os.environ[HASH_SEED] = before


def _end_with(parent: int) -> None:
    """Have this worker end with its parent, which may be killed."""
    if sys.platform == "linux":
        from p2pkit.classroom.sandbox.limits import die_with

        die_with(parent)


def prove(trial: Trial) -> Proof:
    """Make one trial: examine its notebook, with cases seen and hidden."""
    course, lab = Course(trial.root), find(trial.slug)
    source = opened(course.source(trial.slug), trial.student)
    try:
        plan = _plan(course, source, trial, lab)
        hidden = sound_cases(source, lab)
    except LabError as error:
        return Proof(trial, {}, (str(error),))
    namespace: dict[str, Any] = {"__name__": "__lab__"}
    problems = run_here(export(plan.notebook), namespace)
    if trial.what != SOLUTION:
        problems = []  # a stub or a mistake may well fail; its points must be right
    subject = LocalSubject(namespace)
    points = {
        check.id: points_of(lab, check, subject, trial.student, hidden[check.id])
        if check in plan.affected else check.points
        for check in lab
    }  # fmt: skip
    problems += _compared(lab, points, plan.should_lose)
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


def points_of(
    lab: Lab,
    check: Check,
    subject: Subject,
    student: str,
    hidden: list[HiddenCase],
    secret: str = "",
) -> float:
    """Return the points that a subject earns at a check, in cases seen and hidden."""
    ticket = ticket_of(student, secret)
    hidden_ticket = hidden_ticket_of(student, secret)
    cases = [lab.case(check.id, ticket)]
    cases += [lab.case(check.id, ticket, hidden_ticket, one.given) for one in hidden]
    verdicts = [lab.examine(check.id, subject, case) for case in cases]
    return earned(check.points, *verdicts)


@dataclass(frozen=True)
class _Plan:
    """What a trial examines, with which checks, and what must be lost."""

    notebook: Any
    affected: tuple[Check, ...]
    should_lose: dict[str, float]


def _plan(course: Course, source: Any, trial: Trial, lab: Lab) -> _Plan:
    if trial.what == SOLUTION:
        return _Plan(source, lab.checks, {})
    if trial.what == STUB:
        loses = {check.id: check.points for check in lab}
        return _Plan(released(source), lab.checks, loses)
    path = course.source_path(trial.slug).parent / "wrong" / f"{trial.what}.toml"
    wrong = read_wrong(path)
    for check_id in wrong.loses:
        lab[check_id]  # says so if there is none
    # A check that examines nothing of what was changed has passed with the solution.
    changed = _names_changed(source, wrong)
    affected = tuple(one for one in lab if changed & set(one.names))
    return _Plan(answered_wrongly(source, wrong), affected, wrong.loses)


def _names_changed(source: Any, wrong: WrongAnswer) -> set[str]:
    edited = {edit.cell for edit in wrong.edits}
    cells = [cell for cell, mark in marked(source) if mark.grade_id in edited]
    return set().union(*(names_in(cell.source) for cell in cells))


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
