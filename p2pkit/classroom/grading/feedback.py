"""Feedback: a page for each student, which explains every point and gives nothing away.

The page is one file without scripts that loads nothing. All that came out of student
code, or out of a notebook, is escaped; pictures stand in it as images, which run
nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from p2pkit.classroom.grading.result import CaseResult, CellNote, CheckResult, Result
from p2pkit.classroom.grading.visible import VisibleRun
from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.telling import prose, told_html
from p2pkit.harness import Chart, Exchange, Finding, Overlay, Picture, Verdict
from p2pkit.harness.verdict import NO_ERROR

STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse } td, th { border: 1px solid; padding: 2px 8px }
th { text-align: left } td.number { text-align: right } img { max-width: 100% }
pre { white-space: pre-wrap; overflow-wrap: anywhere } h2 { margin-top: 2em }
"""

MOST_NODES, MOST_LINKS, MOST_POINTS, MOST_ARROWS = 400, 4_000, 4_000, 400
"""A larger picture is left out; a check draws smaller ones."""
MOST_PICTURES, MOST_CHARS = 8, 1_000
"""Pictures of one verdict, and letters on a chart; drawing takes its time for both."""


def feedback_html(lab: Lab, result: Result, visible: VisibleRun | None = None) -> str:
    """Return the page on a submission.

    Parameters
    ----------
    lab : Lab
        Which lab it is of.
    result : Result
        What it came to.
    visible : VisibleRun, optional
        How its notebook ran from top to bottom.
    """
    title = f"{lab.slug}: {result.student}"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(lab.title)}</p>"]
    body += _refused(result) if result.refused else _graded(lab, result, visible)
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
            *body,
            "</body></html>\n",
        ]
    )


def _refused(result: Result) -> Iterator[str]:
    yield f"<p><b>Nothing was graded:</b> {escape(result.refused)}.</p>"


def _graded(lab: Lab, result: Result, visible: VisibleRun | None) -> Iterator[str]:
    yield f"<p><b>{result.earned:g} of {result.points:g} points</b></p>"
    yield _table(result.checks)
    if result.notes:
        yield "<h2>About your notebook</h2>" + _list(result.notes)
    if result.cells:
        yield "<h2>Your cells, when they were run</h2>"
        yield from map(_cell, result.cells)
    if visible is not None:
        yield "<h2>Your notebook, run from top to bottom</h2>"
        yield from _visible(visible)
    for one in result.checks:
        yield f'<h2 id="check-{escape(one.id)}">Check {escape(one.id)}</h2>'
        yield from _check(lab[one.id], one)


def _table(checks: Iterable[CheckResult]) -> str:
    rows = [
        f'<tr><td><a href="#check-{escape(one.id)}">{escape(one.id)}</a></td>'
        f"<td>{prose(one.sentence)}</td><td>{escape(one.group)}</td>"
        f'<td class="number">{one.earned:g}</td>'
        f'<td class="number">{one.points:g}</td></tr>'
        for one in checks
    ]
    head = "<tr><th>check</th><th>what is true of a right solution</th>"
    head += "<th>counts as</th><th>earned</th><th>of</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _check(check: Check, result: CheckResult) -> Iterator[str]:
    for case in result.cases:
        if case.hidden:
            yield _hidden(case)
        else:
            points = round(check.points * case.verdict.share, 2)
            yield told_html(check, _drawable(case.verdict), points)
    if len(result.cases) > 1:
        yield (
            "<p>The case you saw and the one you did not count together, as the weaker "
            f"of both: <b>{result.earned:g} of {result.points:g} points</b>.</p>"
        )


def _hidden(case: CaseResult) -> str:
    """Describe a hidden case: what held there and what did not, but not the case.

    Nothing that the student's own code says of it is shown either: an error, or a value
    that a verb returned, could tell its seed and its sizes to whoever hands in again.
    """
    verdict = case.verdict
    sizes = ", ".join(sorted(case.given))
    said = "with another seed" + (
        f" and other values ({escape(sizes)})" if sizes else ""
    )
    parts = [f"<p>Once more, {said}: {verdict.share:.0%} of it held.</p>"]
    if verdict.stopped:
        parts.append("<p>Not examined: your code failed there, or was ended.</p>")
    parts += [_hidden_finding(one) for one in verdict.findings if not one.holds]
    return "\n".join(parts)


def _hidden_finding(one: Finding) -> str:
    hint = "" if one.expected == NO_ERROR else one.hint  # else it is lines of theirs
    hint = hint and f"<br><small>try: {prose(hint)}</small>"
    return f"<p>&#10007; {prose(one.claim)}: {one.share:.0%}{hint}</p>"


def _visible(run: VisibleRun) -> Iterator[str]:
    yield "<p>For your information; this counts for nothing.</p>"
    if run.stopped:
        yield f"<p>It did not end as it should: {escape(run.stopped)}.</p>"
        return
    yield f"<p>{run.ran} code cells ran to their end, {run.failed} did not.</p>"
    yield _list(f"code cell {one.cell}: {one.why}" for one in run.failures)


def _cell(note: CellNote) -> str:
    parts = [f"<p><b>{escape(note.title)}</b> {escape(note.problem)}</p>"]
    parts += [f"<pre>{escape(one)}</pre>" for one in (note.lines, note.printed) if one]
    return "\n".join(parts)


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>"


def _drawable(verdict: Verdict) -> Verdict:
    """Return a verdict with those of its pictures that can be drawn."""
    few = verdict.pictures[:MOST_PICTURES]
    kept = tuple(one for one in few if _is_modest(one) and _draws(one))
    return Verdict(
        verdict.findings, verdict.seed, verdict.events, kept, verdict.stopped,
        verdict.own_lines,
    )  # fmt: skip


def _is_modest(one: Picture) -> bool:
    match one:
        case Overlay():
            return len(one.nodes) <= MOST_NODES and len(one.links) <= MOST_LINKS
        case Chart():
            words = (one.title, one.x, one.y, *(curve.name for curve in one.curves))
            points = sum(len(curve.points) for curve in one.curves)
            return points <= MOST_POINTS and sum(map(len, words)) <= MOST_CHARS
        case Exchange():
            return len(one.arrows) <= MOST_ARROWS


def _draws(one: Picture) -> bool:
    from p2pkit.classroom.labs.pictures import svg_of

    try:
        svg_of(one)
    except Exception:  # noqa: BLE001  # forged data, which no drawing code foresees
        return False
    return True
