"""The grader: from a file to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from p2pkit.classroom.grading import openings, reading
from p2pkit.classroom.grading.examining import TOGETHER, Examiner, Tickets
from p2pkit.classroom.grading.reading import Submission, Unreadable
from p2pkit.classroom.grading.restoring import Restored, restored
from p2pkit.classroom.grading.result import CellNote, CheckResult, Result
from p2pkit.classroom.grading.slicing import imported
from p2pkit.classroom.grading.trying import TRIAL, try_out
from p2pkit.classroom.lab_files.course import Course
from p2pkit.classroom.lab_files.regions import HiddenCase
from p2pkit.classroom.lab_files.release import released
from p2pkit.classroom.lab_files.verify import sound_cases
from p2pkit.classroom.labs.lab import ROOM, Lab, find
from p2pkit.classroom.labs.ticket import GENERIC, hidden_ticket_of, ticket_of
from p2pkit.classroom.sandbox.account import Allowance
from p2pkit.classroom.sandbox.limits import Limits
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.core import LabError


class Policy(msgspec.Struct, frozen=True):
    """How a course grades.

    Parameters
    ----------
    secret : str
        The course's; hidden seeds and personal parameters come from it.
    personal : bool
        Whether each student was given a notebook of their own; if not, all have the
        parameters of the generic one.
    trust : bool
        Whether to run student code without walls, where there are none.
    limits : Limits
        Those of each process.
    trial, together : Limits
        Those of the process that tries all cells out, and of one that holds all nodes
        of a visible case.
    allowance : Allowance
        That of each examination.
    """

    secret: str = ""
    personal: bool = False
    trust: bool = False
    limits: Limits = Limits()
    trial: Limits = TRIAL
    together: Limits = TOGETHER
    allowance: Allowance = Allowance()


class Grader:
    """Grades submissions of one lab.

    Parameters
    ----------
    course : Course
        Where the source of the lab is.
    slug : str
        Which lab.
    policy : Policy
        How.
    only : sequence of str, optional
        The checks to make; all if not given.
    """

    def __init__(
        self, course: Course, slug: str, policy: Policy, only: Sequence[str] = ()
    ) -> None:
        self.policy, self.only = policy, tuple(only)
        self.lab: Lab = find(slug)
        self.source = course.source(slug)
        self.hidden: dict[str, list[HiddenCase]] = sound_cases(self.source, self.lab)

    def grade(
        self,
        submission: Submission,
        data: bytes,
        progress: Callable[[str], None] = lambda _: None,
    ) -> Result:
        """Return the result of a submission whose file holds `data`.

        Parameters
        ----------
        submission : Submission
            Whose it is.
        data : bytes
            The content of its file.
        progress : callable, optional
            Is told the number of each check, before it is made.
        """
        try:
            left = self.restore(submission.student, data)
        except LabError as error:
            return refused(submission, data, str(error), self.lab.points)
        return self._graded(submission, data, left, progress)

    def restore(self, student: str, data: bytes) -> Restored:
        """Return a submission as it is examined.

        Raises
        ------
        Unreadable
            If it is none of this lab, or was released otherwise than we grade.
        """
        submitted = reading.notebook(data)
        if not self.policy.personal:
            openings.require_generic(submitted)
        left = restored(submitted, self.given_to(student), self.lab.slug)
        left.notes[:0] = openings.noted(submitted, self.tickets(student).visible)
        return left

    def given_to(self, student: str) -> Any:
        """Return the notebook that a student was given."""
        if self.policy.personal:
            return released(self.source, student, self.policy.secret)
        return released(self.source)

    def tickets(self, student: str) -> Tickets:
        """Return what decides a student's parameters and seeds."""
        secret = self.policy.secret
        visible = ticket_of(student, secret) if self.policy.personal else GENERIC
        return Tickets(visible, hidden_ticket_of(student, secret))

    def _graded(
        self,
        submission: Submission,
        data: bytes,
        left: Restored,
        progress: Callable[[str], None],
    ) -> Result:
        policy, preload = self.policy, imported(one.source for one in left.cells)
        preload.append(f"{ROOM}.{self.lab.slug}")
        with Sandbox(preload, policy.limits, trust=policy.trust) as sandbox:
            cells, told = try_out(sandbox, left.cells, policy.trial)
            sandbox.load(cells)
            tickets = self.tickets(submission.student)
            examiner = Examiner(
                self.lab, self.hidden, tickets, sandbox, cells, policy.together,
                policy.allowance,
            )  # fmt: skip
            checks = []
            for check in self.lab:
                if self.only and check.id not in self.only:
                    continue
                progress(check.id)
                checks.append(examiner.check(check))
        notes = [*left.notes, *_noticed(sandbox)]
        return _result(submission, data, checks, told, notes)


def refused(
    submission: Submission, data: bytes, why: str, points: float = 0.0
) -> Result:
    """Return the result of a file that cannot be graded."""
    return Result(
        submission.student, submission.slug, reading.digest(data), points, refused=why
    )


def _result(
    submission: Submission,
    data: bytes,
    checks: list[CheckResult],
    cells: list[CellNote],
    notes: list[str],
) -> Result:
    return Result(
        student=submission.student,
        lab=submission.slug,
        content=reading.digest(data),
        points=sum(one.points for one in checks),
        earned=round(sum(one.earned for one in checks), 2),
        checks=tuple(checks),
        cells=tuple(cells),
        notes=tuple(notes),
    )


def _noticed(sandbox: Sandbox) -> list[str]:
    notes = [
        f"{sentence} ({count:,} times)" if count > 1 else sentence
        for sentence, count in sandbox.notices.items()
    ]
    if sandbox.trust:
        notes.insert(0, "graded on trust: its code ran without walls")
    return notes


__all__ = ["Grader", "Policy", "Unreadable", "refused"]
