"""Lab 1, gossip: push, rumor mongering, and the repair behind both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab1_gossip import (
    monger,
    push,
    questions,
    repair,
    robust,
)
from p2pkit.classroom.labs.lab1_gossip.runs import map_of
from p2pkit.classroom.labs.lab1_gossip.wire import (
    Config,
    Digest,
    Known,
    Learned,
    Parameters,
    Station,
    Tell,
    Want,
    draw,
    rumor_id,
)
from p2pkit.classroom.labs.telling import Drawn
from p2pkit.classroom.labs.ticket import GENERIC
from p2pkit.harness import Run

__all__ = [
    "LAB", "Config", "Digest", "Known", "Learned", "Parameters", "Station", "Tell",
    "Want", "rumor_id", "who_told_whom",
]  # fmt: skip
# Not `open`: whoever imports all must not lose Python's own.

LAB = Lab(
    slug="lab1_gossip",
    title="How does news reach everybody, when nobody is in charge?",
    draw=draw,
    checks=(
        Check(
            "1.1", "Push tells news to `fanout` random peers, and reports it",
            7, "one peer", push.passes_on, names=("Push",),
        ),
        Check(
            "1.2", "Push does nothing about what it knows already",
            5, "one peer", push.keeps_silent, needs=("1.1",), names=("Push",),
        ),
        Check(
            "1.3", "Push reaches the share that probability foretells",
            9, "simulated", push.covers, {"runs": 20}, ("1.1", "1.2"), ("Push",),
        ),
        Check(
            "1.4", "Push costs `fanout` messages for each station that knows",
            6, "cost", push.costs, {"runs": 5}, ("1.1",), ("Push",),
        ),
        Check(
            "2.1", "Monger tells one peer a round, and answers what it knew",
            7, "one peer", monger.tells_on, names=("Monger",),
        ),
        Check(
            "2.2", "Monger stops after `k` answers of Known, for each rumor",
            7, "one peer", monger.loses_interest, needs=("2.1",), names=("Monger",),
        ),
        Check(
            "2.3", "Monger leaves out the share that probability foretells",
            8, "simulated", monger.leaves_out, {"runs": 20}, ("2.1", "2.2"),
            ("Monger",),
        ),
        Check(
            "2.4", "Monger takes no more messages than it must",
            8, "cost", monger.costs, {"runs": 8}, ("2.1",), ("Monger",),
        ),
        Check(
            "3.1", "Repair compares, tells what is lacking, and asks for the rest",
            7, "one peer", repair.compares, names=("Repair", "Monger"),
        ),
        Check(
            "3.2", "Repair loses nothing in a cut or a crash, and is soon done",
            8, "lossy", repair.mends, {"runs": 3}, ("3.1",), ("Repair", "Monger"),
        ),
        Check(
            "3.3", "Repair costs a digest a period where nothing differs",
            6, "cost", repair.idles, {}, ("3.1",), ("Repair", "Monger"),
        ),
        Check(
            "4.1", "The same seed gives the same run",
            4, "lossy", robust.repeats, {}, ("3.1",), ("Repair", "Monger"),
        ),
        Check(
            "4.2", "Everybody hears it although many messages get lost",
            4, "lossy", robust.survives_loss, {"runs": 8, "loss": 0.3}, ("3.1",),
            ("Repair", "Monger"),
        ),
        Check(
            "4.3", "It works on real sockets",
            4, "sockets", robust.runs_on_sockets, {}, ("3.1",), ("Repair", "Monger"),
        ),
        Check(
            "5.1", "How many stations never heard it in your own run?",
            2, "question", questions.left_out, {}, ("1.1",), ("answer_1", "Push"),
        ),
        Check(
            "5.2", "How many hops did the longest way take?",
            2, "question", questions.farthest, {}, ("1.1",), ("answer_2", "Push"),
        ),
        Check(
            "5.3", "Which share of the tellings was no news?",
            3, "question", questions.wasted, {}, ("1.1",), ("answer_3", "Push"),
        ),
        Check(
            "5.4", "Which share would be left out with one peer more?",
            3, "question", questions.one_more, names=("answer_4",),
        ),
    ),
    experiment=questions.own_run,
)  # fmt: skip


def who_told_whom(run: Run) -> Drawn:
    """Draw who heard the news in a run, and from whom first."""
    return Drawn(map_of(run, Tell, "Who heard it from whom"))


def open(  # `lab = lab1_gossip.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
