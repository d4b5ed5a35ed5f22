"""Checks: what a lab examines, one property group at a time, with points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from p2pkit.core import LabError, Settings
from p2pkit.harness import StudentError, Subject, Verdict
from p2pkit.harness.verdict import told_once

Kind = Literal["one peer", "simulated", "cost", "lossy", "sockets", "question"]
"""How a check examines; its place in the weights of a lab follows from that."""

GROUPS: Mapping[Kind, str] = {
    "one peer": "correctness",
    "simulated": "correctness",
    "cost": "cost",
    "lossy": "robustness",
    "sockets": "robustness",
    "question": "questions",
}
"""What the points of each kind count as: about 50, 20, 20 and 10 of a hundred."""


@dataclass(frozen=True)
class Case:
    """What one examination is made with.

    Parameters
    ----------
    parameters : Settings
        The student's own, see `Lab.parameters`.
    seed : int
        Starts all chance of this examination.
    given : mapping
        Sizes and faults of this case, which go before the parameters.
    hidden : bool
        Whether the student sees it only in the feedback.
    """

    parameters: Settings
    seed: int
    given: Mapping[str, Any] = field(default_factory=dict)
    hidden: bool = False

    def __getitem__(self, name: str) -> Any:
        """Return a size: of this case, or else the student's own parameter."""
        if name in self.given:
            return self.given[name]
        return getattr(self.parameters, name)


Judge = Callable[[Subject, Case], Verdict]


@dataclass(frozen=True)
class Check:
    """One check of a lab.

    Parameters
    ----------
    id : str
        Its number in teaching order, such as ``1.2``.
    sentence : str
        What is true of a right solution.
    points : float
        What it is worth.
    kind : str
        How it examines, see `Kind`.
    judge : callable
        Takes a `Subject` and a `Case`, returns a `Verdict`. What it raises as a
        `LabError` is told to the student.
    given : mapping
        Sizes and faults of the visible case, such as ``{"runs": 10}``.
    needs : tuple of str
        Checks that come first: while one of them earns nothing, this is not examined.
    names : tuple of str
        Which classes, functions or answers of the student it examines.
    """

    id: str
    sentence: str
    points: float
    kind: Kind
    judge: Judge
    given: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """What its points count as: correctness, cost, robustness or questions."""
        return GROUPS[self.kind]

    def examine(self, subject: Subject, case: Case) -> Verdict:
        """Judge; an error of the code under examination becomes a verdict."""
        try:
            return told_once(self.judge(subject, case))
        except StudentError as error:
            return Verdict(
                seed=case.seed, stopped=str(error), own_lines=error.own_lines
            )
        except LabError as error:
            return Verdict(seed=case.seed, stopped=str(error))


def earned(points: float, *verdicts: Verdict) -> float:
    """Return the points that the weakest of some verdicts earns, to the hundredth.

    A check that was seen and one that was hidden count together as the weaker of both:
    what works for one seed alone does not work.

    Examples
    --------
    >>> earned(10, Verdict(stopped="nothing there"))
    0.0
    """
    return round(points * min((one.share for one in verdicts), default=0.0), 2)
