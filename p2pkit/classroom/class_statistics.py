"""Class statistics: what a whole class earned, and where it stumbled.

What grading wrote as ``grades.json`` becomes tables, for the instructor's notebook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from p2pkit.classroom.grading import reading
from p2pkit.classroom.grading.result import CheckResult, Result
from p2pkit.classroom.lab_files import Course, export, module_text
from p2pkit.classroom.lab_files.wrong import read_wrong
from p2pkit.classroom.labs import find
from p2pkit.classroom.labs.lab import WAITS
from p2pkit.core import LabError
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import pandas as pd


def grades(path: str | Path) -> list[Result]:
    """Return the results of a class from ``grades.json``.

    Raises
    ------
    LabError
        If there is no such file, or it is none of ours.
    """
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=list[Result])
    except FileNotFoundError:
        reason = f"there is no {path}: grade first, p2pkit grade SUBMISSIONS..."
    except msgspec.DecodeError as error:
        reason = f"{path} is no file of grades: {error}"
    raise LabError(reason)


def of_lab(results: Sequence[Result], slug: str) -> list[Result]:
    """Return the results of one lab.

    Raises
    ------
    LabError
        If there are none.
    """
    found = [one for one in results if one.lab == slug]
    if not found:
        there = ", ".join(sorted({one.lab for one in results})) or "none at all"
        reason = f"there are no grades of {slug}: there are {there}. Set LAB to one"
        raise LabError(reason)
    return found


def sources_of(places: Sequence[str | Path], slug: str) -> dict[str, str]:
    """Return the code that each student handed in, as far as it can be read.

    Parameters
    ----------
    places : sequence of str or Path
        Folders with submissions, as `p2pkit grade` takes them; missing ones are empty.
    slug : str
        Of which lab.
    """
    sources: dict[str, str] = {}
    for one in reading.found([Path(place) for place in places], [slug]):
        if isinstance(one, reading.Submission) and one.student not in sources:
            try:
                notebook = reading.notebook(reading.content(one.path))
            except reading.Unreadable:
                continue  # the report of grading says why
            sources[one.student] = module_text(export(notebook))
    return sources


def sample_class(
    course: str | Path = "labs", slug: str = "lab1_gossip"
) -> list[Result]:
    """Return a class made of a lab's wrong answers, each handed in by one student.

    It shows what the statistics say before there is a class. Nothing is run: a wrong
    answer's file says what it loses.
    """
    lab = find(slug)
    results = []
    for path in Course(course).wrong_paths(slug):
        loses = read_wrong(path).loses
        checks = tuple(
            CheckResult(
                check.id, check.sentence, check.group, check.points,
                check.points - loses.get(check.id, 0.0),
            )
            for check in lab
        )  # fmt: skip
        earned = sum(check.earned for check in checks)
        results.append(Result(path.stem, slug, "", lab.points, earned, checks))
    return results


def points(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row a submission: the points at each check, and their sum.

    What could not be graded has no points; a zero would say that it was.
    """
    rows: list[dict[str, Any]] = [
        {
            "student": one.student, "lab": one.lab,
            **{check.id: check.earned for check in one.checks},
            "points": None if one.refused else one.earned,
        }
        for one in results
    ]  # fmt: skip
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table.set_index("student")


def by_check(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row a check: the share earned, and how many earned all or none."""
    rows = []
    checks = {(one.lab, c.id): c for one in results for c in one.checks}
    for (lab, check_id), check in checks.items():
        earned = [
            c.earned
            for one in results
            for c in one.checks
            if one.lab == lab and c.id == check_id
        ]
        rows.append({
            "lab": lab, "check": check_id, "what": check.sentence,
            "points": check.points,
            "share": sum(earned) / len(earned) / check.points,
            "all": sum(one >= check.points for one in earned),
            "none": sum(one <= 0 for one in earned),
        })  # fmt: skip
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def common_failures(results: Sequence[Result], most: int = 10) -> pd.DataFrame:
    """Return what failed most often: a property, or where there is none its check.

    A check that waits for an earlier one says nothing of its own, and is left out.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in results:
        counts.update({(one.lab, *failure) for failure in _failures(one)})
    rows = [
        {"lab": lab, "check": check_id, "what failed": what, "students": count}
        for (lab, check_id, what), count in counts.most_common(most)
    ]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def _failures(result: Result) -> list[tuple[str, str]]:
    found = []
    for check in result.checks:
        if check.earned >= check.points:
            continue
        claims = [
            (check.id, finding.claim)
            for case in check.cases
            for finding in case.verdict.findings
            if not finding.holds
        ]
        stopped = [
            (check.id, f"not examined: {case.verdict.stopped}")
            for case in check.cases
            if case.verdict.stopped
        ]
        if any(case.verdict.stopped.endswith(WAITS) for case in check.cases):
            continue
        found += claims or stopped or [(check.id, check.sentence)]
    return found
