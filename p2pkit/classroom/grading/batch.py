"""Batches: many submissions, some at a time, each in a process of its own.

What is graded is kept at once, so a batch that is killed goes on where it was; and
whatever a submission does to the process that grades it, the others are graded.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from p2pkit.classroom.grading import reading
from p2pkit.classroom.grading.grader import Grader, Policy, refused
from p2pkit.classroom.grading.reading import Submission, Unreadable
from p2pkit.classroom.grading.result import Result
from p2pkit.classroom.grading.store import Record, Store, key_of
from p2pkit.classroom.grading.visible import run_visible
from p2pkit.classroom.lab_files.course import Course
from p2pkit.core import LabError

SLOW_TO_LOAD = ("nbformat", "p2pkit.sim", "p2pkit.net")
"""What grading loads when it needs it, loaded once for all submissions instead."""

LIMIT_S = 2400.0
"""Seconds for one submission, all in; its checks have limits of their own."""


class Task(msgspec.Struct, frozen=True):
    """A submission to be graded, and all that is needed for it.

    Parameters
    ----------
    submission : Submission
        Which one.
    course : Path
        Folder of the course.
    store : Path
        Folder of the records.
    policy : Policy
        How to grade.
    visible : bool
        Whether to run its notebook with nbval as well.
    """

    submission: Submission
    course: Path
    store: Path
    policy: Policy
    visible: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """What came of a task, how long it took, and whether it was there before."""

    submission: Submission
    record: Record
    seconds: float = 0.0
    was_kept: bool = False


def grade(task: Task, processor: int | None = None) -> Record:
    """Grade one submission in this process, and keep what comes of it.

    A grader and its nodes talk in turns. On one processor that takes three quarters
    of the time: on two, each waits for the other one's to wake up.
    """
    if processor is not None:
        with suppress(OSError):  # it may have been taken from us meanwhile
            os.sched_setaffinity(0, {processor})
    gc.freeze()  # what is loaded stays; runs are collected after each examination
    submission, course = task.submission, Course(task.course)
    data = reading.content(submission.path)
    grader = Grader(course, submission.slug, task.policy)
    result = grader.grade(submission, data)
    visible = None
    if task.visible and not result.refused:
        notebook = grader.restore(submission.student, data).notebook
        visible = run_visible(notebook, trust=task.policy.trust)
    key = key_of(data, submission.slug, course, task.policy)
    record = Record(key, result, visible)
    Store(task.store).put(submission, record)
    return record


class _Job(NamedTuple):
    """A submission that is being graded: where, since when, on which processor."""

    process: BaseProcess
    task: Task
    began_s: float
    processor: int | None


def _processors() -> list[int]:
    """Return the processors that we may use, from one that others may not begin at."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    found = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(found)
    return found[first:] + found[:first]


class Batch:
    """Grades tasks, `jobs` at a time.

    Parameters
    ----------
    tasks : sequence of Task
        What to grade.
    jobs : int
        Processes at a time.
    fresh : bool
        Whether to grade again what is kept.
    limit_s : float
        Seconds for one submission.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        jobs: int,
        *,
        fresh: bool = False,
        limit_s: float = LIMIT_S,
    ) -> None:
        self.todo, self.jobs, self.fresh = deque(tasks), jobs, fresh
        self.limit_s = limit_s
        self._running: dict[int, _Job] = {}
        self._processors = _processors()
        # From a process without threads, which has imported all this once.
        self._context: Any = get_context("forkserver")
        self._context.set_forkserver_preload([__name__, *SLOW_TO_LOAD])

    def run(self, on_begin: Callable[[Submission], None]) -> Iterator[Outcome]:
        """Yield an outcome for each task, as they end."""
        try:
            while self.todo or self._running:
                yield from self._fill(on_begin)
                yield from self._ended()
        finally:
            for job in self._running.values():
                job.process.kill()
                job.process.join()

    def _fill(self, on_begin: Callable[[Submission], None]) -> Iterator[Outcome]:
        while self.todo and len(self._running) < self.jobs:
            task = self.todo.popleft()
            known = self._known(task)
            if known is not None:
                yield known
                continue
            on_begin(task.submission)
            processor = self._least_used()
            process = self._context.Process(target=grade, args=(task, processor))
            process.start()
            job = _Job(process, task, time.monotonic(), processor)
            self._running[process.sentinel] = job

    def _known(self, task: Task) -> Outcome | None:
        """Return the outcome of what need not be graded: kept, or not to be read."""
        submission = task.submission
        try:
            data = reading.content(submission.path)
        except Unreadable as error:
            return Outcome(submission, Record("", refused(submission, b"", str(error))))
        key = key_of(data, submission.slug, Course(task.course), task.policy)
        record = None if self.fresh else Store(task.store).get(submission, key)
        if record is None or not _is_whole(record, task):
            return None
        return Outcome(submission, record, was_kept=True)

    def _ended(self) -> Iterator[Outcome]:
        if not self._running:
            return
        latest_s = min(job.began_s for job in self._running.values()) + self.limit_s
        wait_s = max(0.0, latest_s - time.monotonic())
        ready = connection.wait(list(self._running), wait_s)
        for sentinel, job in list(self._running.items()):
            took_s = time.monotonic() - job.began_s
            if sentinel not in ready and took_s < self.limit_s:
                continue
            del self._running[sentinel]
            job.process.kill()
            job.process.join()
            yield self._outcome(job.process, job.task, took_s)

    def _least_used(self) -> int | None:
        """Return the processor that the fewest jobs have; None where none is told."""
        taken = Counter(job.processor for job in self._running.values())
        return min(self._processors, key=lambda one: taken[one], default=None)

    def _outcome(self, process: BaseProcess, task: Task, took_s: float) -> Outcome:
        submission, code = task.submission, process.exitcode
        why = f"grading it took more than {self.limit_s:g} s"
        if took_s < self.limit_s:
            why = f"grading it failed, with exit status {code}: this is no fault of it"
            if code == 0:
                why = "the lab, or its file, was changed meanwhile: grade it again"
        try:
            data = reading.content(submission.path)
            key = key_of(data, submission.slug, Course(task.course), task.policy)
        except LabError as error:
            return Outcome(submission, Record("", refused(submission, b"", str(error))))
        record = Store(task.store).get(submission, key) if code == 0 else None
        return Outcome(
            submission, record or Record("", refused(submission, data, why)), took_s
        )


def results_of(outcomes: Sequence[Outcome]) -> list[Result]:
    """Return the results of a batch in order of student and lab."""
    results = [one.record.result for one in outcomes]
    return sorted(results, key=lambda one: (one.student, one.lab))


def _is_whole(record: Record, task: Task) -> bool:
    """Tell whether a record holds all that a task asks for."""
    return bool(not task.visible or record.visible or record.result.refused)
