"""Telling: a verdict as its student reads it, as text and as HTML."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.core import LabError
from p2pkit.harness import Finding, Overlay, Picture, Verdict

SHORT = 60
"""What was measured is told in more letters than this only where it is wrong."""

WIDTH = "44em"
"""Of a picture below its verdict: names in it are read without a magnifier."""

NO_PICTURES = "P2PKIT_NO_PICTURES"
"""The variable that, if it is not empty, spares a notebook the drawing."""

MARKS = {"yes": "&#10003;", "part": "&#9681;", "no": "&#10007;"}
"""Signs that differ in gray print as well."""


@dataclass(frozen=True)
class Told:
    """A verdict on a check, ready to be shown.

    Parameters
    ----------
    check : Check
        What was examined.
    verdict : Verdict
        What was found.
    points : float
        What it earns.
    """

    check: Check
    verdict: Verdict
    points: float

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the verdict as lines of text."""
        check, verdict = self.check, self.verdict
        yield f"{check.id} {check.sentence}: {self.points:g} of {check.points:g} points"
        if verdict.stopped:
            yield f"  not examined: {verdict.stopped}"
        yield from (f"  {line}" for line in verdict.own_lines.splitlines())
        for one in verdict.findings:
            yield f"  {_mark(one):4} {one.claim}"
            yield from (f"       {name}: {text}" for name, text in _details(one))
        if verdict.share < 1 and verdict.events:
            yield f"  seed {verdict.seed}, the last that happened:"
            yield from (f"    {line}" for line in verdict.events)

    def _repr_html_(self) -> str:
        return told_html(self.check, self.verdict, self.points)


class NotYet:
    """Why something cannot be done yet, as a notebook shows it."""

    def __init__(self, error: LabError) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"Not yet: {_ended(str(self.error))}"

    def _repr_html_(self) -> str:
        lines = getattr(self.error, "own_lines", "")
        below = _lines("Your lines", lines.splitlines()) if lines else ""
        return f"<p>{escape(repr(self))}</p>{below}"


@dataclass(frozen=True)
class Drawn:
    """A picture that a notebook shows, once there is something in it."""

    picture: Picture

    def __repr__(self) -> str:
        if _is_blank(self.picture):
            return f"Nothing to show yet: {self.picture.title}."
        return f"<{self.picture.title}>"

    def _repr_html_(self) -> str:
        if _is_blank(self.picture):
            return f"<p>{escape(repr(self))}</p>"
        return picture_html(self.picture)


def show(what: Any) -> None:
    """Show something in the notebook; where there is none, nothing happens."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display

        display(what)  # type: ignore[no-untyped-call]


def told_html(check: Check, verdict: Verdict, points: float) -> str:
    """Return a verdict as HTML without scripts and without anything to load."""
    parts = [
        '<div style="border-left:4px solid #444;padding:2px 12px;margin:6px 0">',
        f"<b>{escape(check.id)}</b> {prose(check.sentence)} "
        f"<b>{points:g} of {check.points:g} points</b>",
    ]
    if verdict.stopped:
        parts.append(f"<p>Not examined: {prose(_ended(verdict.stopped))}</p>")
    if verdict.own_lines:
        parts.append(_lines("Your lines", verdict.own_lines.splitlines()))
    parts += [_finding(one) for one in verdict.findings]
    if verdict.share < 1 and verdict.events:
        title = f"The last that happened (seed {verdict.seed})"
        parts.append(_lines(title, list(verdict.events)))
    parts += [picture_html(one) for one in verdict.pictures]
    return "\n".join([*parts, "</div>"])


def picture_html(picture: Picture) -> str:
    """Return a picture as an image that a notebook shows untrusted too.

    Where nobody looks, as `NO_PICTURES` says, it is its title alone.
    """
    if os.environ.get(NO_PICTURES):
        return f"<p>{escape(picture.title)}</p>"
    # What draws is loaded for who looks: code under examination runs without it, in
    # processes that are forked by the thousand.
    from p2pkit.classroom.labs.pictures import svg_of
    from p2pkit.view.stills import svg_image

    image = svg_image(svg_of(picture), picture.title)
    return image.replace("<img ", f'<img style="max-width:{WIDTH};width:100%" ', 1)


def _is_blank(picture: Picture) -> bool:
    """Tell whether a picture would be dots alone, as of a run that never began."""
    return isinstance(picture, Overlay) and not picture.links and not picture.way


def _ended(text: str) -> str:
    """Return a sentence with the mark that ends it, once."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def prose(text: str) -> str:
    """Return a sentence as HTML; what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _finding(one: Finding) -> str:
    sign = MARKS[_mark(one)]
    details = "".join(
        f"<br><small>{name}: {prose(text)}</small>" for name, text in _details(one)
    )
    return f'<p style="margin:4px 0">{sign} {prose(one.claim)}{details}</p>'


def _mark(one: Finding) -> str:
    if one.holds:
        return "yes"
    return "part" if one.share > 0 else "no"


def _details(one: Finding) -> Iterator[tuple[str, str]]:
    if one.expected and not one.holds:
        yield "expected", one.expected
    if one.measured and not (one.holds and len(one.measured) > SHORT):
        yield "measured", one.measured
    if one.hint and not one.holds:
        yield "try", one.hint


def _lines(title: str, lines: list[str]) -> str:
    text = escape("\n".join(lines))
    return f"<details open><summary>{title}</summary><pre>{text}</pre></details>"
