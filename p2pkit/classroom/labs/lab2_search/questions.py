"""Questions 5.1 to 5.4: about the student's own flood, which is made again here."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab2_search.runs import depths, search
from p2pkit.classroom.labs.lab2_search.wire import (
    FAR,
    SPEC,
    Query,
    config_of,
    network_of,
)
from p2pkit.classroom.labs.questions import exact, near
from p2pkit.core import LabError
from p2pkit.harness import Run, Subject, Verdict, play_whole


def own_run(subject: Subject, case: Case) -> Run:
    """Run the student's own `Flood` in the student's own network.

    Raises
    ------
    LabError
        If it does not come to its end.
    """
    flood = subject.protocol("Flood", SPEC)
    links = network_of(case, case["seed"])
    config = config_of(case, ttl=FAR)
    return play_whole(flood, search(links, case["seed"], config, case["asker"]))


def duplicates(subject: Subject, case: Case) -> Verdict:
    """Judge how many questions told somebody what they knew."""
    run = _spread(subject, case)
    news = len(depths(run, case["asker"])) - 1
    truth = run.journal.count("heard", Query) - news
    return exact(subject, case, "answer_1", truth, "questions were duplicates")


def farthest(subject: Subject, case: Case) -> Verdict:
    """Judge how far the farthest library is."""
    run = _spread(subject, case)
    truth = max(depths(run, case["asker"]).values())
    return exact(subject, case, "answer_2", truth, "links to the farthest library")


def within_two(subject: Subject, case: Case) -> Verdict:
    """Judge which share a TTL of two would have reached."""
    run = _spread(subject, case)
    near_by = [hops for hops in depths(run, case["asker"]).values() if hops <= 2]
    truth = len(near_by) / case["nodes"]
    return near(subject, case, "answer_3", truth, "within a TTL of 2")


def one_link_more(subject: Subject, case: Case) -> Verdict:
    """Judge what the flood would cost with one link more."""
    links = case["nodes"] * case["degree"] // 2 + 1
    truth = 2 * links - case["nodes"] + 1
    return exact(subject, case, "answer_4", truth, "messages with one link more")


def _spread(subject: Subject, case: Case) -> Run:
    run = own_run(subject, case)
    if len(depths(run, case["asker"])) < case["nodes"] / 2:
        reason = "these questions are about a run of your Flood that spreads: mend it"
        raise LabError(reason)
    return run
