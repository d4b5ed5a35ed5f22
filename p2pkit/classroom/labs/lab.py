"""Labs: checks in teaching order, and the parameters of each student."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from p2pkit.classroom.labs.check import Case, Check
from p2pkit.core import LabError, Rng, Settings
from p2pkit.core.driver import seeded
from p2pkit.harness import Run, Subject, Verdict, seed_of

ROOM = "p2pkit.classroom.labs"
WAITS = "Until that works, this one could only repeat its complaints"
"""How the reason ends why a check is not examined that builds on another."""


@dataclass(frozen=True)
class Lab:
    """A lab.

    Parameters
    ----------
    slug : str
        Its name, which is that of its module and of its notebook.
    title : str
        Its question.
    draw : callable
        Takes a generator; returns the parameters of one student.
    checks : tuple of Check
        In teaching order.
    experiment : callable
        Takes a `Subject` and a `Case`; makes the student's own run, which questions
        are about.
    """

    slug: str
    title: str
    draw: Callable[[Rng], Settings]
    checks: tuple[Check, ...]
    experiment: Callable[[Subject, Case], Run]

    def __getitem__(self, check_id: str) -> Check:
        """Return a check by its number.

        Raises
        ------
        LabError
            If there is none.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        ids = ", ".join(check.id for check in self.checks)
        reason = f"{self.slug} has no check {check_id!r}; it has {ids}"
        raise LabError(reason)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    @property
    def points(self) -> float:
        """What all checks are worth."""
        return sum(check.points for check in self.checks)

    def parameters(self, ticket: str) -> Settings:
        """Return the parameters of the student with a ticket."""
        return self.draw(seeded(self.slug, ticket, "parameters"))

    def case(
        self,
        check_id: str,
        ticket: str,
        hidden_ticket: str | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Case:
        """Return a case of a check: the visible one, or with its ticket a hidden one.

        Parameters
        ----------
        check_id : str
            Which check.
        ticket : str
            Decides the parameters, and the seed of the visible case.
        hidden_ticket : str, optional
            Decides the seed of a hidden case.
        given : mapping, optional
            Sizes and faults, in place of those of the visible case.
        """
        check, hidden = self[check_id], hidden_ticket is not None
        words = (hidden_ticket, "hidden") if hidden else (ticket,)
        sizes = {**check.given, **(given or {})}
        seed = seed_of(self.slug, check_id, *words)
        return Case(self.parameters(ticket), seed, sizes, hidden)

    def examine(self, check_id: str, subject: Subject, case: Case) -> Verdict:
        """Judge one check, unless one that comes first earns nothing.

        Those that come first are judged in their visible cases, with the same
        parameters and a seed that follows from this case.
        """
        check = self[check_id]
        for first_id in check.needs:
            first = self[first_id]
            seed = seed_of(case.seed, first_id)
            visible = Case(case.parameters, seed, first.given)
            if self.examine(first_id, subject, visible).share == 0:
                return waits_for(first, case.seed)
        return check.examine(subject, case)


def waits_for(first: Check, seed: int) -> Verdict:
    """Return the verdict on a check while one that comes first earns nothing."""
    reason = f"check {first.id} comes first: {first.sentence}. {WAITS}"
    return Verdict(seed=seed, stopped=reason)


def slugs() -> list[str]:
    """Return the names of all labs, in order."""
    room = import_module(ROOM)
    return sorted(
        one.name for one in iter_modules(room.__path__) if one.name[:3] == "lab"
        and one.name[3:4].isdigit()
    )  # fmt: skip


def find(slug: str) -> Lab:
    """Return a lab by its name.

    Raises
    ------
    LabError
        If there is none.
    """
    if slug not in slugs():
        reason = f"there is no lab {slug!r}; there are {', '.join(slugs())}"
        raise LabError(reason)
    lab: Lab = import_module(f"{ROOM}.{slug}").LAB
    return lab
