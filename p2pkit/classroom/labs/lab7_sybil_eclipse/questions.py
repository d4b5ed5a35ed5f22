"""Questions 8.1 to 8.4: about the student's own siege, which is made again here."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.lying import Siege, siege
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import Find
from p2pkit.classroom.labs.questions import exact, near
from p2pkit.core import LabError
from p2pkit.harness import Run, Subject, Verdict

HOPS, PATHS = 2, 3
"""Of the paths in the last question."""


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's attack on the student's own town.

    Raises
    ------
    LabError
        If it does not come to its end.
    """
    return siege(subject, case, case["seed"]).run


def asked_liars(subject: Subject, case: Case) -> Verdict:
    """Judge how many questions about the target went to the attacker."""
    one = _siege(subject, case)
    liars = _liars(one)
    finds = one.run.journal.of("heard", Find)
    truth = sum(it.node in liars and it.message.key == one.town.key for it in finds)
    return exact(subject, case, "answer_1", truth, "questions came to the attacker")


def nearer_ids(subject: Subject, case: Case) -> Verdict:
    """Judge how many of the attacker's ids are nearer than all honest ones."""
    town = _siege(subject, case).town
    gaps = [one ^ town.key for one in town.ids]
    nearest = min(gaps[: town.honest])
    truth = sum(gap < nearest for gap in gaps[town.honest :])
    return exact(subject, case, "answer_2", truth, "ids are nearer than all others")


def heard_share(subject: Subject, case: Case) -> Verdict:
    """Judge which share of all messages the attacker was given."""
    one = _siege(subject, case)
    liars = _liars(one)
    heard = [it.node in liars for it in one.run.journal.of("heard")]
    truth = sum(heard) / len(heard)
    return near(subject, case, "answer_3", truth, "heard by the attacker")


def one_path_is_good(subject: Subject, case: Case) -> Verdict:
    """Judge the odds that one of several disjoint paths meets no liar."""
    bad = case["slots"] / (case["nodes"] + case["slots"])
    truth = 1 - (1 - (1 - bad) ** HOPS) ** PATHS
    return near(subject, case, "answer_4", truth, "good")


def _siege(subject: Subject, case: Case) -> Siege:
    one = siege(subject, case, case["seed"])
    liars = _liars(one)
    if not any(it.node in liars for it in one.run.journal.of("heard", Find)):
        reason = "these questions are about an attack that is noticed: mend your Liar"
        raise LabError(reason)
    return one


def _liars(one: Siege) -> set[str]:
    return {one.run.names[number] for number in one.town.intruders}
