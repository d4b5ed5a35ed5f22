"""Tables: the grades of a batch for spreadsheets, for CI, and for programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

import msgspec

from p2pkit.classroom.grading.result import CheckResult, Result

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run as a formula."""
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def grades_csv(results: Sequence[Result]) -> str:
    """Return the grades as CSV: one line a submission, one column a check.

    Checks of different labs share columns where they share numbers.
    """
    ids = list(dict.fromkeys(check.id for one in results for check in one.checks))
    head = ["student", "lab", "points", "of", *sorted(ids, key=_numbers), "notes"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    for one in results:
        earned = {check.id: f"{check.earned:g}" for check in one.checks}
        # What was not graded is no zero, which would be summed up with the others.
        total = "" if one.refused else f"{one.earned:g}"
        row = [one.student, one.lab, total, f"{one.points:g}"]
        row += [earned.get(check_id, "") for check_id in head[4:-1]]
        row.append(one.refused or f"{len(one.notes)}")
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue()


def junit_xml(results: Iterable[Result]) -> bytes:
    """Return the grades as JUnit's XML: a suite a submission, a case a check."""
    root = ElementTree.Element("testsuites")
    for one in results:
        failed = sum(check.earned < check.points for check in one.checks)
        suite = ElementTree.SubElement(
            root, "testsuite", name=f"{one.lab}.{one.student}",
            tests=str(len(one.checks) or 1), failures=str(failed),
            errors=str(int(bool(one.refused))),
        )  # fmt: skip
        if one.refused:
            case = ElementTree.SubElement(suite, "testcase", name="submission")
            ElementTree.SubElement(case, "error", message=_xml(one.refused))
        for check in one.checks:
            _add_case(suite, check, one)
    ElementTree.indent(root, " ")
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text + b"\n"


def grades_json(results: Sequence[Result]) -> bytes:
    """Return all results as JSON, for programs such as the instructor's notebook."""
    text = msgspec.json.encode(list(results), order="deterministic")
    return msgspec.json.format(text, indent=1) + b"\n"


def _add_case(suite: ElementTree.Element, check: CheckResult, of: Result) -> None:
    name = f"{check.id} {check.sentence}"
    case = ElementTree.SubElement(
        suite, "testcase", name=_xml(name), classname=f"{of.lab}.{of.student}"
    )
    if check.earned < check.points:
        said = f"{check.earned:g} of {check.points:g} points"
        reasons = "; ".join(_reasons(check))
        message = f"{said}: {reasons}" if reasons else said
        ElementTree.SubElement(case, "failure", message=_xml(message))


def _reasons(check: CheckResult) -> list[str]:
    """Return what did not hold, each once, as the page for the student tells it.

    Of a hidden case the claims alone: values and errors could tell its seed.
    """
    found = [
        finding.claim
        for case in check.cases
        for finding in case.verdict.findings
        if not finding.holds
    ]
    found += [
        case.verdict.stopped
        for case in check.cases
        if case.verdict.stopped and not case.hidden
    ]
    return list(dict.fromkeys(found))


def _numbers(check_id: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d+", check_id))


def _harmless(cell: str) -> str:
    """Return a cell's text so that a spreadsheet takes it for text.

    Examples
    --------
    >>> _harmless("=HYPERLINK(1)"), _harmless("7.5")
    ("'=HYPERLINK(1)", '7.5')
    """
    line = " ".join(cell.split(" ")).replace("\n", " ").replace("\r", " ")
    return f"'{line}" if cell.startswith(FORMULA) else line


def _xml(text: str) -> str:
    return NOT_XML.sub("?", text)
