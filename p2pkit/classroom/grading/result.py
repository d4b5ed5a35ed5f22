"""Results: what grading a submission came to, as data; feedback is made from it.

A result holds no durations, paths or dates: the same submission, graded again, gives
the same bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from p2pkit.harness import Verdict


class CaseResult(msgspec.Struct, frozen=True):
    """One examination, and all that is needed to repeat it: the journal of a score.

    Parameters
    ----------
    hidden : bool
        Whether the student has not seen this case.
    seed : int
        Where all its chance begins.
    given : dict
        Its sizes and faults.
    verdict : Verdict
        What was found.
    calls, processes : int
        Calls of the student's code, and processes it ran in.
    """

    hidden: bool
    seed: int
    given: dict[str, Any]
    verdict: Verdict
    calls: int = 0
    processes: int = 0


class CheckResult(msgspec.Struct, frozen=True):
    """One check: what it is worth, what it earned, and by which examinations."""

    id: str
    sentence: str
    group: str
    points: float
    earned: float
    cases: tuple[CaseResult, ...] = ()


class CellNote(msgspec.Struct, frozen=True):
    """What came of a cell of the student's when it was run.

    `cell` is its place in the notebook from 1, `problem` why it did not run to its
    end, `lines` where, and `printed` the beginning of what it printed.
    """

    cell: int
    title: str
    problem: str = ""
    lines: str = ""
    printed: str = ""


class Result(msgspec.Struct, frozen=True):
    """The grade of one submission, and how it came about.

    Parameters
    ----------
    student, lab : str
        Whose it is, and of which lab.
    content : str
        SHA-256 of the file.
    points, earned : float
        What could be earned, and what was.
    checks : tuple of CheckResult
        In teaching order.
    cells : tuple of CellNote
        Of cells that printed or failed.
    notes : tuple of str
        What was found about the notebook and its code, for whoever grades.
    refused : str
        Why nothing was graded; else empty.
    """

    student: str
    lab: str
    content: str
    points: float = 0.0
    earned: float = 0.0
    checks: tuple[CheckResult, ...] = ()
    cells: tuple[CellNote, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""


def written(result: Result) -> bytes:
    """Return a result as JSON, the same bytes for the same result."""
    text = msgspec.json.encode(result, order="deterministic")
    return msgspec.json.format(text, indent=1) + b"\n"


read = msgspec.json.Decoder(Result).decode
