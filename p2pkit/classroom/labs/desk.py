"""Desks: where a student has a lab open, in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Case, earned
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.telling import NotYet, Told, show
from p2pkit.classroom.labs.ticket import (
    GENERIC,
    course_secret,
    hidden_ticket_of,
)
from p2pkit.core import LabError, Settings
from p2pkit.harness import LocalSubject, Run, Verdict, empty_run


class Desk:
    """A lab, opened over the names of a notebook.

    Parameters
    ----------
    lab : Lab
        Which lab.
    namespace : mapping
        ``globals()`` of the notebook.
    student : str
        Whose notebook it is; empty for nobody in particular.
    ticket : str
        Decides parameters and seeds; it came with the notebook.
    """

    def __init__(
        self,
        lab: Lab,
        namespace: Mapping[str, Any],
        student: str = "",
        ticket: str = GENERIC,
    ) -> None:
        self._lab, self._student, self._ticket = lab, student, ticket
        self._subject = LocalSubject(namespace)
        self._seen: dict[str, Verdict] = {}

    @property
    def parameters(self) -> Settings:
        """Your own parameters: others have others."""
        return self._lab.parameters(self._ticket)

    def run(self) -> Run:
        """Make your own run: the one that the questions are about.

        It is the same each time, as long as your class is: its seed is one of your
        parameters.

        Returns
        -------
        Run
            Its ``journal`` holds every message, its ``records`` every event. It is
            empty, and the reason is shown, while your class cannot run yet.
        """
        parameters = self.parameters
        case = Case(parameters, getattr(parameters, "seed", 0))
        try:
            return self._lab.experiment(self._subject, case)
        except LabError as error:
            show(NotYet(error))
            return empty_run()

    def check(self, check_id: str) -> float:
        """Examine, show the verdict, and return the points of the visible case."""
        verdict = self._examine(check_id)
        check = self._lab[check_id]
        points = earned(check.points, verdict)
        show(Told(check, verdict, points))
        return points

    def hidden(self, check_id: str, **given: Any) -> float:
        """Examine a hidden case; return the points that both cases earn together.

        Parameters
        ----------
        check_id : str
            Which check.
        **given
            Sizes and faults of the hidden case.
        """
        visible = self._seen.get(check_id) or self._examine(check_id)
        ticket = hidden_ticket_of(self._student, course_secret())
        case = self._lab.case(check_id, self._ticket, ticket, given)
        verdict = self._lab.examine(check_id, self._subject, case)
        return earned(self._lab[check_id].points, visible, verdict)

    def grade(self) -> float:
        """Examine all visible checks, show what came of it, and return the points."""
        return round(sum(self.check(check.id) for check in self._lab), 2)

    def _examine(self, check_id: str) -> Verdict:
        case = self._lab.case(check_id, self._ticket)
        verdict = self._lab.examine(check_id, self._subject, case)
        self._seen[check_id] = verdict
        return verdict

    def __repr__(self) -> str:
        whose = f" of {self._student}" if self._student else ""
        return f"<{self._lab.slug}{whose}: {self._lab.points:g} points>"
