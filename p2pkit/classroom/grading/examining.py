"""Examining: all checks of a lab, seen and hidden, on code in the sandbox."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
from msgspec import structs

from p2pkit.classroom.grading.result import CaseResult, CheckResult
from p2pkit.classroom.grading.slicing import behind
from p2pkit.classroom.grading.trying import TRIAL
from p2pkit.classroom.lab_files.regions import HiddenCase
from p2pkit.classroom.labs.check import Case, Check, earned
from p2pkit.classroom.labs.lab import ROOM, Lab, waits_for
from p2pkit.classroom.sandbox.account import Allowance
from p2pkit.classroom.sandbox.cells import Cell
from p2pkit.classroom.sandbox.limits import MIB, Limits
from p2pkit.classroom.sandbox.proxy import loaded
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.classroom.sandbox.subject import SandboxSubject
from p2pkit.harness import StudentError, Verdict

TOGETHER = Limits(cpu_s=60, memory_bytes=512 * MIB, reply_s=240.0)
"""Those of a process that holds all nodes of a visible case."""
TOTAL_S = 900.0
"""Seconds of waiting for one submission: an honest one takes a tenth of it."""
LEAST_S = 20.0
"""Seconds that each examination may wait, whatever the others took."""


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
    cells : sequence of Cell
        Those cells.
    together : Limits
        Those of a process that holds all nodes of a visible case.
    allowance : Allowance, optional
        What each examination may use; it is less once others took long, see
        `TOTAL_S`.
    """

    def __init__(
        self,
        lab: Lab,
        hidden: Mapping[str, Sequence[HiddenCase]],
        tickets: Tickets,
        sandbox: Sandbox,
        cells: Sequence[Cell],
        together: Limits = TOGETHER,
        allowance: Allowance | None = None,
    ) -> None:
        self.lab, self.hidden, self.tickets = lab, hidden, tickets
        self.sandbox, self.allowance = sandbox, allowance or Allowance()
        self.together = together
        self.structs = structs_of(lab)
        self._sources = {one.number: one.source for one in cells}
        self.behind = cache(lambda name: behind(name, self._sources))
        self._shares: dict[str, float] = {}  # of visible cases, by check
        self._waited_s = 0.0

    def check(self, check: Check) -> CheckResult:
        """Examine one check, after those that stand before it in the lab.

        The weakest case counts. So where there is a hidden case, whose nodes all live
        alone, the visible one may be made within one process, and is as fast as in a
        notebook: what is forged there raises nothing. And hidden cases are left out
        where the visible one earns nothing.
        """
        hidden = self.hidden.get(check.id, ())
        at_once = bool(hidden) and check.kind != "sockets"
        visible = self.lab.case(check.id, self.tickets.visible)
        cases = [self._examine(check, visible, at_once)]
        self._shares[check.id] = cases[0].verdict.share
        if cases[0].verdict.share > 0:
            cases += [
                self._examine(check, self._hidden_case(check, one.given), False)
                for one in hidden
            ]
        points = earned(check.points, *(one.verdict for one in cases))
        return CheckResult(
            check.id, check.sentence, check.group, check.points, points, tuple(cases)
        )

    def _hidden_case(self, check: Check, given: Mapping[str, Any]) -> Case:
        tickets = self.tickets
        return self.lab.case(check.id, tickets.visible, tickets.hidden, given)

    def _examine(self, check: Check, case: Case, at_once: bool) -> CaseResult:
        account = self.sandbox.open_account(self._allowed())
        judge = self._judged_at_once if at_once else self._judged
        verdict = self._missing_first(check, case) or judge(check, case)
        self._waited_s += account.wall_s
        gc.collect()  # runs are full of cycles, and hold a process for each node
        if check.kind == "sockets":
            # Real time is another each time, and the same grade gives the same bytes.
            verdict = structs.replace(verdict, events=(), pictures=())
            account.calls = 0
        return CaseResult(
            case.hidden, case.seed, dict(case.given), verdict, account.calls,
            account.children,
        )  # fmt: skip

    def _allowed(self) -> Allowance:
        """Return what the next examination may use: half of the time that is left.

        So code that sleeps takes time from others of its submission, and not all.
        """
        half_s = max(LEAST_S, (TOTAL_S - self._waited_s) / 2)
        wall_s = min(self.allowance.wall_s, half_s)
        return structs.replace(self.allowance, wall_s=wall_s)

    def _judged_at_once(self, check: Check, case: Case) -> Verdict:
        """Judge within one process; only for what another case confirms."""
        reply_s = min(self.together.reply_s, self.sandbox.account.allowance.wall_s)
        limits = structs.replace(self.together, reply_s=reply_s)
        behind = {cell for name in check.names for cell in self.behind(name)}
        remote = self.sandbox.child(sorted(behind) or None, limits, knows_checks=True)
        try:
            answer = remote.ask(0.0, "judge", f"{ROOM}.{self.lab.slug}", check.id, case)
            said = loaded(answer.value, ()) if answer.raised is None else None
        except StudentError as error:
            return Verdict(seed=case.seed, stopped=str(error))
        finally:
            remote.close()
        if answer.raised is not None:
            return self._judged(check, case)  # the check is not made for one process
        return sound(said, case.seed)

    def _judged(self, check: Check, case: Case) -> Verdict:
        subject = SandboxSubject(self.sandbox, self.structs, self.behind, TRIAL)
        try:
            return check.examine(subject, case)
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
            if self._shares.get(first_id) == 0:
                return waits_for(self.lab[first_id], case.seed)
        return None


def sound(data: Any, seed: int) -> Verdict:
    """Return a verdict that came out of the sandbox, if it is one."""
    try:
        verdict = msgspec.json.decode(data, type=Verdict)
    except (msgspec.MsgspecError, TypeError, ValueError):
        verdict = None
    if verdict is None or not all(
        0 <= one.share <= 1 and 0 <= one.weight <= 1000 for one in verdict.findings
    ):
        return Verdict(seed=seed, stopped="what came back was no verdict")
    return verdict


def structs_of(lab: Lab) -> tuple[type, ...]:
    """Return the classes of a lab that answers may be made of."""
    module = import_module(f"{ROOM}.{lab.slug}")
    kinds = [one for one in vars(module).values() if isinstance(one, type)]
    return tuple(one for one in kinds if issubclass(one, msgspec.Struct))
