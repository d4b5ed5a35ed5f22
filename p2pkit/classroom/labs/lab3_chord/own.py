"""Check 5.1: questions about the student's own run, which is made again here."""

from __future__ import annotations

from numbers import Real
from statistics import fmean

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab3_chord.circle import owner_of
from p2pkit.classroom.labs.lab3_chord.growing import (
    CLOSE_ROUNDS,
    asking,
    count_right,
    plan_of,
    victims_of,
)
from p2pkit.classroom.labs.lab3_chord.wire import SPEC, Located
from p2pkit.harness import Fate, Finding, Run, Subject, Verdict, ask

LOOKUPS = 100
CRASH_S = 1.0
"""Seconds before the first question at which some members crash."""


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own `Lasting`, with the student's own seed.

    A ring grows, some of it crashes, and one second later 100 keys are looked up.
    """
    lasting, seed = subject.protocol("Lasting", SPEC), case["seed"]
    plan = plan_of(case, seed)
    dead = victims_of(plan, case["successors"], seed)
    at_s = plan.joined_s + CLOSE_ROUNDS
    fates = tuple(Fate(at_s - CRASH_S, number, "kill") for number in dead)
    alive = [number for number in range(case["nodes"]) if number not in dead]
    run, _ = asking(lasting, plan, case, seed, at_s, LOOKUPS, fates, alive)
    return run


def answers(subject: Subject, case: Case) -> Verdict:
    """Judge the answers, with the run that the student's class gives here."""
    run = own_run(subject, case)
    hops = [one.hops for _, _, one in run.events(Located)]
    last = (1 << case["bits"]) - 1
    findings = (
        _number(subject, "answer_1", owner_of(last, run.scenario.ids), 0,
                f"who owned key {last} before the crash"),
        _number(subject, "answer_2", count_right(run, range(LOOKUPS)), 0,
                f"how many of the {LOOKUPS} lookups found the living owner"),
        _number(subject, "answer_3", fmean(hops) if hops else -1, 0.02,
                "how many hops the answered ones took, in the mean"),
        _number(subject, "answer_4", 0.5, 0.05,
                "how many hops more it will be for twice as many members"),
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
        "make it again with lab.run(), and count in its events",
    )  # fmt: skip
