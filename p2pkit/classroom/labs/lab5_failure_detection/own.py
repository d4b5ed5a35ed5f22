"""Check 5.1: questions about the student's own run, which is made again here."""

from __future__ import annotations

from numbers import Real

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab5_failure_detection.groups import (
    KILL_S,
    false_alarm,
    troubled,
)
from p2pkit.classroom.labs.lab5_failure_detection.wire import SPEC, Down, PingReq
from p2pkit.core import LabError
from p2pkit.harness import Finding, Run, Subject, Verdict, ask


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own `Swim` with the student's own seed.

    One member is killed after 3 s, another one is paused from 6 s to 8.5 s.
    """
    swim = subject.protocol("Swim", SPEC)
    run, _ = troubled(swim, case, case["seed"])
    return run


def answers(subject: Subject, case: Case) -> Verdict:
    """Judge the answers, with the run that the student's class gives here."""
    run = own_run(subject, case)
    place = run.scenario.address(run.scenario.fates[0].node)
    times = [at_s for at_s, _, one in run.events(Down) if one.about == place]
    if not times:
        reason = "these questions are about a run in which a death is noticed: mend it"
        raise LabError(reason)
    findings = (
        _number(subject, "answer_1", min(times) - KILL_S, 0.01,
                "seconds from the crash until somebody declared it"),
        _number(subject, "answer_2", max(times) - min(times), 0.01,
                "seconds from the first declaration to the last"),
        _number(subject, "answer_3", run.journal.count("sent", PingReq), 0,
                "how many requests for help were sent"),
        _number(subject, "answer_4", false_alarm(0.05, case["helpers"] + 1), 1e-4,
                "share of probes that fail at 5 % loss, with a helper more"),
    )  # fmt: skip
    return Verdict(findings, case["seed"])


def _number(
    subject: Subject, name: str, right: float, room: float, what: str
) -> Finding:
    value = subject.value(name)
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    holds = is_number and abs(float(value) - right) <= room + 1e-9
    # What is right is not said: who has not found it shall look at the run again.
    return ask(
        f"{name}: {what}", holds, "the number of your own run",
        f"{value:g}" if is_number else "no number yet",
        "make it again with lab.run(), and look at its events and its journal",
    )  # fmt: skip
