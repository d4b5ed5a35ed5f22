"""Questions 5.1 to 5.4: about the student's own run, which is made again here."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab1_gossip.push import NEWS, reached_by
from p2pkit.classroom.labs.lab1_gossip.runs import informed
from p2pkit.classroom.labs.lab1_gossip.wire import SPEC, Tell, config_of
from p2pkit.classroom.labs.questions import exact, near
from p2pkit.core import LabError
from p2pkit.harness import Act, Run, Scenario, Subject, Verdict, play_whole

RUN_S = 3.0


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own `Push` with the student's own seed.

    Raises
    ------
    LabError
        If it does not come to its end, or hardly spreads.
    """
    push = subject.protocol("Push", SPEC)
    nodes = case["nodes"]
    scenario = Scenario(
        nodes=nodes, seed=case["seed"], config=config_of(case),
        acts=(Act(0.01, 0, "publish", (NEWS,)),), lasts_s=RUN_S,
        most_messages=2 * nodes**2 + 1000,
    )  # fmt: skip
    return play_whole(push, scenario)


def left_out(subject: Subject, case: Case) -> Verdict:
    """Judge how many never heard it."""
    run = _spread(subject, case)
    truth = case["nodes"] - len(informed(run, Tell))
    return exact(subject, case, "answer_1", truth, "stations never heard it")


def farthest(subject: Subject, case: Case) -> Verdict:
    """Judge how many hops the longest way took."""
    run = _spread(subject, case)
    first = run.journal.first_heard(Tell)
    first.pop(run.names[0], None)
    truth = max(one.message.hops for one in first.values())
    return exact(subject, case, "answer_2", truth, "hops to the farthest station")


def wasted(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the tellings was no news."""
    run = _spread(subject, case)
    tellings = run.journal.count("sent", Tell)
    truth = 1 - (len(informed(run, Tell)) - 1) / tellings
    return near(subject, case, "answer_3", truth, "of the tellings were no news")


def one_more(subject: Subject, case: Case) -> Verdict:
    """Judge what the law says for one peer more."""
    truth = 1 - reached_by(case["fanout"] + 1)
    return near(subject, case, "answer_4", truth, "left out with one peer more")


def _spread(subject: Subject, case: Case) -> Run:
    run = own_run(subject, case)
    if len(informed(run, Tell)) < case["nodes"] / 4:
        reason = "these questions are about a run of your Push that spreads: mend it"
        raise LabError(reason)
    return run
