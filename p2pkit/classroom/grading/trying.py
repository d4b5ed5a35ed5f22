"""Trying out: the submission's cells are run once, to see which of them can be."""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.classroom.grading.result import CellNote
from p2pkit.classroom.sandbox.cells import Cell
from p2pkit.classroom.sandbox.frames import CellReport
from p2pkit.classroom.sandbox.limits import MIB, Limits
from p2pkit.classroom.sandbox.sandbox import Sandbox

TRIAL = Limits(cpu_s=10, memory_bytes=256 * MIB, reply_s=60.0)
"""Those of the process that tries all cells, one after the other."""
MOST_FATAL = 5
"""Cells that may end their process, or never end; each costs the others a trial."""
PRINTED_CHARS = 400
"""What the report shows of a cell's output."""


def try_out(
    sandbox: Sandbox, cells: Sequence[Cell], limits: Limits = TRIAL
) -> tuple[list[Cell], list[CellNote]]:
    """Run cells in order; return those that every node is to run, and what came.

    A cell that raises an error costs what depends on it, here as in a notebook; one
    that ends its process, or never ends, is left out, and the others are tried again.
    """
    left, fatal, reports = list(cells), list[CellNote](), list[CellReport]()
    kept: list[Cell] = []
    while left:
        kept, reports, culprit, how = _tried(sandbox, left, limits)
        if culprit is None:
            break
        place = left.index(culprit)
        left.remove(culprit)
        fatal.append(CellNote(culprit.number, culprit.title, f"its process {how}"))
        if len(fatal) >= MOST_FATAL:
            why = "it was not run: too many cells before it ended their process"
            fatal += [CellNote(one.number, one.title, why) for one in left[place:]]
            kept = [one for one in kept if one in left[:place]]
            break
    else:
        kept, reports = [], []
    notes = [_note(one, _title(cells, one.cell)) for one in reports]
    told = [one for one in [*notes, *fatal] if one.problem or one.printed]
    return kept, sorted(told, key=lambda one: one.cell)


def _tried(
    sandbox: Sandbox, cells: Sequence[Cell], limits: Limits
) -> tuple[list[Cell], list[CellReport], Cell | None, str]:
    """Try cells; return those that compile, reports, who ended the process, and how.

    Of each cell there are two reports: on compiling, before any cell runs, and on
    running, if it compiles. What a cell forges comes after the first ones.
    """
    child = sandbox.trial(cells, limits)
    reports = child.reports(len(cells))
    pairs = zip(cells, reports, strict=False)
    kept = [cell for cell, report in pairs if report.raised is None]
    bad = [one for one in reports if one.raised is not None]
    rest = cells[len(reports) :]
    if not rest:
        ran = child.reports(len(kept))
        rest, reports = kept[len(ran) :], bad + ran
    how = child.end("" if child.has_gone else "did not come to an end")
    return kept, reports, rest[0] if rest else None, how


def _title(cells: Sequence[Cell], number: int) -> str:
    return next((one.title for one in cells if one.number == number), f"cell {number}")


def _note(report: CellReport, title: str) -> CellNote:
    raised = report.raised
    problem = raised.text if raised else ""
    lines = raised.lines if raised else ""
    printed = report.printed[:PRINTED_CHARS]
    if report.printed_chars > len(printed):
        printed += f" ... ({report.printed_chars:,} characters in all)"
    return CellNote(report.cell, title, problem, lines, printed)
