"""Examining: all checks of a lab, seen and hidden, on code in the sandbox."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import msgspec

from p2pkit.classroom.grading.result import CaseResult, CheckResult
from p2pkit.classroom.lab_files.regions import HiddenCase
from p2pkit.classroom.labs.check import Case, Check, earned
from p2pkit.classroom.labs.lab import ROOM, Lab
from p2pkit.classroom.sandbox.account import Allowance
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.classroom.sandbox.subject import SandboxSubject
from p2pkit.harness import Verdict


class Tickets(msgspec.Struct, frozen=True):
    """What decides a student's parameters and seeds, see `labs.ticket`."""

    visible: str
    hidden: str


class Examiner:
    """Examines one submission.

    Parameters
    ----------
    lab : Lab
        Which lab.
    hidden : mapping of str to list of HiddenCase
        The hidden cases of each check.
    tickets : Tickets
        The student's.
    sandbox : Sandbox
        Where the submission's cells are loaded.
    allowance : Allowance, optional
        What each examination may use.
    """

    def __init__(
        self,
        lab: Lab,
        hidden: Mapping[str, Sequence[HiddenCase]],
        tickets: Tickets,
        sandbox: Sandbox,
        allowance: Allowance | None = None,
    ) -> None:
        self.lab, self.hidden, self.tickets = lab, hidden, tickets
        self.sandbox, self.allowance = sandbox, allowance
        self.structs = structs_of(lab)
        self._shares: dict[str, float] = {}  # of visible cases, by check

    def check(self, check: Check) -> CheckResult:
        """Examine one check, after those that stand before it in the lab.

        Hidden cases are left out where the visible one earns nothing, since the
        weakest counts.
        """
        cases = [self._examine(check, self.lab.case(check.id, self.tickets.visible))]
        self._shares[check.id] = cases[0].verdict.share
        if cases[0].verdict.share > 0:
            cases += [
                self._examine(check, self._hidden_case(check, one.given))
                for one in self.hidden.get(check.id, ())
            ]
        points = earned(check.points, *(one.verdict for one in cases))
        return CheckResult(
            check.id, check.sentence, check.group, check.points, points, tuple(cases)
        )

    def _hidden_case(self, check: Check, given: Mapping[str, Any]) -> Case:
        tickets = self.tickets
        return self.lab.case(check.id, tickets.visible, tickets.hidden, given)

    def _examine(self, check: Check, case: Case) -> CaseResult:
        account = self.sandbox.open_account(self.allowance)
        verdict = self._missing_first(check, case) or self._judged(check, case)
        gc.collect()  # runs are full of cycles, and hold a process for each node
        return CaseResult(
            case.hidden, case.seed, dict(case.given), verdict, account.calls,
            account.children,
        )  # fmt: skip

    def _judged(self, check: Check, case: Case) -> Verdict:
        subject = SandboxSubject(self.sandbox, self.structs)
        try:
            verdict = check.examine(subject, case)
            # What a check says must be data, whatever it was given to look at.
            return msgspec.convert(msgspec.to_builtins(verdict), Verdict)
        except Exception as error:  # noqa: BLE001  # a check tripped over an answer
            said = f"{type(error).__name__}: {error}"[:200]
            self.sandbox.notice(f"check {check.id} itself failed: {said}")
            reason = "the check could not make sense of what your code did"
            return Verdict(seed=case.seed, stopped=reason)
        finally:
            subject.close()

    def _missing_first(self, check: Check, case: Case) -> Verdict | None:
        """Return a verdict if a check that comes first earns nothing; see `Lab`."""
        for first_id in check.needs:
            if not self._shares.get(first_id):
                first = self.lab[first_id]
                reason = (
                    f"check {first_id} comes first: {first.sentence}. Until that "
                    "works, this one could only repeat its complaints"
                )
                return Verdict(seed=case.seed, stopped=reason)
        return None


def structs_of(lab: Lab) -> tuple[type, ...]:
    """Return the classes of a lab that answers may be made of."""
    module = import_module(f"{ROOM}.{lab.slug}")
    kinds = [one for one in vars(module).values() if isinstance(one, type)]
    return tuple(one for one in kinds if issubclass(one, msgspec.Struct))
