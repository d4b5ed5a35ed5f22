"""The store: what has been graded already, one file a submission, never half of one."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec

from p2pkit.classroom.grading import kit
from p2pkit.classroom.grading.grader import Policy
from p2pkit.classroom.grading.reading import Submission
from p2pkit.classroom.grading.result import Result
from p2pkit.classroom.grading.visible import VisibleRun
from p2pkit.classroom.lab_files.course import Course


class Record(msgspec.Struct, frozen=True):
    """One graded submission.

    Parameters
    ----------
    key : str
        What it was graded by: content, lab, kit and policy. Another key, another grade.
    result : Result
        What came of it.
    visible : VisibleRun or None
        How its notebook ran from top to bottom; information, and no part of the grade.
    """

    key: str
    result: Result
    visible: VisibleRun | None = None


class Store:
    """The folder of records of one run of grading, and of its interrupted beginnings.

    Parameters
    ----------
    folder : Path
        Where records are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where the record of a submission is."""
        return self.folder / f"{name}.json"

    def get(self, submission: Submission, key: str) -> Record | None:
        """Return the record of a submission; None if it must be graded (again)."""
        try:
            record = msgspec.json.decode(
                self.path(submission.name).read_bytes(), type=Record
            )
        except (OSError, msgspec.MsgspecError):
            return None
        return record if record.key == key else None

    def put(self, submission: Submission, record: Record) -> None:
        """Keep a record: all of it, or nothing if we are killed meanwhile."""
        text = msgspec.json.encode(record, order="deterministic")
        path = self.path(submission.name)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(msgspec.json.format(text, indent=1) + b"\n")
        draft.replace(path)


def key_of(data: bytes, slug: str, course: Course, policy: Policy) -> str:
    """Return what a grade depends on, as a digest.

    The secret of the course is in it in a form that does not give it away.
    """
    source = course.source_path(slug).read_bytes()
    total = sha256()
    for part in (kit.digest(slug), data, msgspec.json.encode(policy), source):
        total.update(sha256(part).digest())
    return total.hexdigest()
