"""Answers to questions: numbers that are compared with what the run itself says."""

from __future__ import annotations

from numbers import Real
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.harness import Subject, Verdict, ask

HALF_PERCENT = 0.005


def exact(subject: Subject, case: Case, name: str, truth: float, what: str) -> Verdict:
    """Judge an answer that is a count.

    Parameters
    ----------
    subject : Subject
        Whose answer.
    case : Case
        The case; its parameters have the seed of the student's own run.
    name : str
        Of the answer, such as ``answer_1``.
    truth : float
        The right one. It is never shown.
    what : str
        What is counted, as it follows "how many".
    """
    answer = number_of(subject, name)
    finding = ask(
        f"`{name}`: how many {what}", answer == truth,
        "the number of your own run", _said(answer),
        "make it again with `lab.run()`, and count in its journal",
    )  # fmt: skip
    return Verdict((finding,), case["seed"])


def near(subject: Subject, case: Case, name: str, truth: float, what: str) -> Verdict:
    """Judge an answer that is a share, to the half percent; see `exact`."""
    answer = number_of(subject, name)
    finding = ask(
        f"`{name}`: which share is {what}",
        answer is not None and abs(answer - truth) <= HALF_PERCENT,
        "a share between 0 and 1, right to the half percent", _said(answer),
        "is it a share, such as 0.25, and not 25?",
    )  # fmt: skip
    return Verdict((finding,), case["seed"])


def number_of(subject: Subject, name: str) -> float | None:
    """Return an answer, if it is a number."""
    return real(subject.value(name))


def real(answer: Any) -> float | None:
    """Return what came from a student's code, if it is a number."""
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return None
    try:
        return float(answer)
    except OverflowError:  # of whole numbers alone
        return None


def _said(answer: float | None) -> str:
    return "no number yet" if answer is None else f"{answer:g}"
