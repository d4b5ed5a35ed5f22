"""Verdicts: what a check found, property by property, with its evidence.

A verdict is data: a notebook draws it, a grader writes it into its journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from p2pkit.harness.failing import StudentError


class Finding(msgspec.Struct, frozen=True):
    """One property, and how far it holds.

    Parameters
    ----------
    claim : str
        The property, as a sentence that is true of a right solution.
    share : float
        How far it holds, 0 to 1.
    expected, measured : str
        What a right solution shows, and what this one showed.
    hint : str
        What to try next; empty where it holds.
    weight : float
        Its part among the findings of a check.
    """

    claim: str
    share: float
    expected: str = ""
    measured: str = ""
    hint: str = ""
    weight: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether it holds in full."""
        return self.share >= 1.0


class Overlay(msgspec.Struct, frozen=True, tag=True):
    """A picture of nodes and links, with the nodes in groups.

    Parameters
    ----------
    title : str
        What it shows, as a sentence.
    nodes : dict of str to str
        The group of each node, by name; a group is a word in the legend.
    links : tuple of (str, str)
        Who is linked to whom.
    way : tuple of (str, str)
        Links to draw in, in order, such as the way of a question.
    """

    title: str
    nodes: dict[str, str]
    links: tuple[tuple[str, str], ...] = ()
    way: tuple[tuple[str, str], ...] = ()


class Curve(msgspec.Struct, frozen=True):
    """One line of a chart: its name, and its points from left to right."""

    name: str
    points: tuple[tuple[float, float], ...]


class Chart(msgspec.Struct, frozen=True, tag=True):
    """A picture of curves.

    Parameters
    ----------
    title : str
        What it shows, as a sentence.
    x, y : str
        Names of the axes, with units.
    curves : tuple of Curve
        What was measured, and what is expected; four at most.
    """

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]


class Exchange(msgspec.Struct, frozen=True, tag=True):
    """A picture of messages between nodes over time.

    Parameters
    ----------
    title : str
        What it shows, as a sentence.
    arrows : tuple of (float, float, str, str, str)
        Sent at and heard at, in seconds of the run (the latter below 0 if it was
        lost), from, to, and what was said.
    """

    title: str
    arrows: tuple[tuple[float, float, str, str, str], ...]


Picture = Overlay | Chart | Exchange


class Verdict(msgspec.Struct, frozen=True):
    """What a check found.

    Parameters
    ----------
    findings : tuple of Finding
        The properties, in the order in which to read them.
    seed : int
        Of the run that the evidence is from.
    events : tuple of str
        The last things that happened in it, as sentences.
    pictures : tuple of Picture
        What it looked like.
    stopped : str
        Why nothing was examined, such as an error in the class; else empty.
    own_lines : str
        The author's own lines that an error came from; else empty.
    """

    findings: tuple[Finding, ...] = ()
    seed: int = 0
    events: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    stopped: str = ""
    own_lines: str = ""

    @property
    def share(self) -> float:
        """How far the check is passed, 0 to 1.

        Examples
        --------
        >>> Verdict((Finding("a", 1.0, weight=3.0), Finding("b", 0.0))).share
        0.75
        >>> Verdict().share
        0.0
        """
        weights = sum(one.weight for one in self.findings)
        if self.stopped or not weights:
            return 0.0
        return sum(one.weight * one.share for one in self.findings) / weights

    @property
    def passed(self) -> bool:
        """Whether every property holds in full."""
        return (
            bool(self.findings)
            and not self.stopped
            and all(one.holds for one in self.findings)
        )


def ask(
    claim: str,
    holds: bool,
    expected: str = "",
    measured: object = "",
    hint: str = "",
    weight: float = 1.0,
) -> Finding:
    """Return a finding on something that holds or does not."""
    share = 1.0 if holds else 0.0
    return Finding(claim, share, expected, str(measured), "" if holds else hint, weight)


NO_ERROR = "no error"
"""What `apart` expects; the hint of such a finding is where the error came from."""


def apart(claim: str, judge: Callable[[], Finding], weight: float = 1.0) -> Finding:
    """Return a finding; an error of the class fails this property, and no other."""
    try:
        return judge()
    except StudentError as error:
        return Finding(claim, 0.0, NO_ERROR, str(error), error.own_lines, weight)


def told_once(verdict: Verdict) -> Verdict:
    """Return a verdict in which one error that failed every property is told once.

    It earns nothing either way. Before a part is written, each property says the same.
    """
    said = {(one.expected, one.measured, one.hint) for one in verdict.findings}
    if len(verdict.findings) < 2 or len(said) > 1:
        return verdict
    [(expected, error, lines)] = said
    if expected != NO_ERROR:
        return verdict
    return msgspec.structs.replace(verdict, findings=(), stopped=error, own_lines=lines)


def share_of(flags: Iterable[bool]) -> float:
    """Return the share of what is true, 0 where there is nothing.

    Examples
    --------
    >>> share_of([True, False, True, True])
    0.75
    """
    kept = list(flags)
    return sum(kept) / len(kept) if kept else 0.0
