"""Check 5.1: questions about the student's own run, which is made again here."""

from __future__ import annotations

from numbers import Real
from statistics import fmean

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab4_kademlia.crowds import asks, costs_of, recalls
from p2pkit.classroom.labs.lab4_kademlia.wire import SPEC, FindNode
from p2pkit.harness import Finding, Run, Subject, Verdict, ask

LOOKUPS = 20


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own `Kademlia` with the student's own seed.

    A crowd settles, and 20 nodes look one id up each, one after the other.
    """
    kademlia = subject.protocol("Kademlia", SPEC)
    run, _ = asks(kademlia, case, case["seed"], LOOKUPS)
    return run


def answers(subject: Subject, case: Case) -> Verdict:
    """Judge the answers, with the run that the student's class gives here."""
    run, acts = own_run(subject, case), range(LOOKUPS)
    first = run.scenario.acts[0]
    own, target = run.scenario.ids[first.node], first.args[0]
    closest = min(
        (one for one in run.scenario.ids if one != own), key=lambda one: one ^ target
    )
    findings = (
        _number(subject, "answer_1", closest, 0,
                "which id is closest to the first that was looked up"),
        _number(subject, "answer_2", costs_of(run, acts), 0.02,
                f"how many questions the {LOOKUPS} lookups took, in the mean"),
        _number(subject, "answer_3", run.journal.count("sent", FindNode), 0,
                "how many questions all nodes sent in the whole run"),
        _number(subject, "answer_4", 0.5, 0.01,
                "which share of all ids belongs into bucket 31"),
    )  # fmt: skip
    if fmean(recalls(run, acts, case["k"])) == 0:
        return Verdict(stopped="these questions are about lookups that find somebody")
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
        "make it again with lab.run(), and count in its journal",
    )  # fmt: skip
