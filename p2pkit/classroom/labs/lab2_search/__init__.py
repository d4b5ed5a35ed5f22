"""Lab 2, search: floods, expanding rings, and walkers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab2_search import flood, questions, ring, robust, walk
from p2pkit.classroom.labs.lab2_search.runs import map_of
from p2pkit.classroom.labs.lab2_search.wire import (
    Config,
    Found,
    Hit,
    Library,
    Parameters,
    Query,
    Walk,
    draw,
)
from p2pkit.classroom.labs.telling import Drawn
from p2pkit.classroom.labs.ticket import GENERIC
from p2pkit.harness import Run

__all__ = [
    "LAB", "Config", "Found", "Hit", "Library", "Parameters", "Query", "Walk",
    "who_was_asked",
]  # fmt: skip
# Not `open`: whoever imports all must not lose Python's own.

RING = ("Ring", "Flood")

LAB = Lab(
    slug="lab2_search",
    title="How do you find a book, when nobody keeps a catalog?",
    draw=draw,
    checks=(
        Check(
            "1.1", "Flood asks all neighbors but the one that it heard it from",
            6, "one peer", flood.passes_on, names=("Flood",),
        ),
        Check(
            "1.2", "Flood leaves alone what it has seen, and what has come far enough",
            6, "one peer", flood.stops, needs=("1.1",), names=("Flood",),
        ),
        Check(
            "1.3", "Flood answers who asks for what is on its shelf",
            4, "one peer", flood.answers, needs=("1.1",), names=("Flood",),
        ),
        Check(
            "1.4", "A flood reaches all, for exactly 2E - n + 1 messages",
            8, "simulated", flood.price, {"side": 5}, ("1.1", "1.2"), ("Flood",),
        ),
        Check(
            "1.5", "A flood with a TTL sees as far as its horizon",
            5, "simulated", flood.horizon, {}, ("1.1", "1.2"), ("Flood",),
        ),
        Check(
            "2.1", "Ring asks near first, and farther only if nothing came",
            6, "one peer", ring.widens, {}, ("1.1",), RING,
        ),
        Check(
            "2.2", "Ring pays for the rings that it needs",
            10, "cost", ring.saves, {"runs": 6, "holders": 4}, ("1.1", "2.1"), RING,
        ),
        Check(
            "3.1", "A walker goes on to one random neighbor",
            6, "one peer", walk.steps, names=("Walkers",),
        ),
        Check(
            "3.2", "A walker ends where the title is, or with its last step",
            4, "one peer", walk.ends, {}, ("3.1",), ("Walkers",),
        ),
        Check(
            "3.3", "Walkers meet as many libraries as random walkers do",
            5, "simulated", walk.meets, {"runs": 25}, ("3.1",), ("Walkers",),
        ),
        Check(
            "3.4", "Walkers find it as often, for as many messages",
            10, "cost", walk.saves, {"runs": 25, "holders": 4}, ("3.1", "3.2"),
            ("Walkers",),
        ),
        Check(
            "4.1", "The same seed gives the same run",
            5, "lossy", robust.repeats, {}, ("1.1", "3.1"), ("Flood", "Walkers"),
        ),
        Check(
            "4.2", "Ring finds although many messages get lost",
            5, "lossy", robust.survives_loss, {"runs": 8, "loss": 0.2}, ("2.1",), RING,
        ),
        Check(
            "4.3", "A flood reaches all who are alive",
            5, "lossy", robust.survives_deaths, {}, ("1.1", "1.2"), ("Flood",),
        ),
        Check(
            "4.4", "It works on real sockets",
            5, "sockets", robust.runs_on_sockets, {}, ("1.1", "1.2"), ("Flood",),
        ),
        Check(
            "5.1", "How many questions of your own run were duplicates?",
            2, "question", questions.duplicates, {}, ("1.1",), ("answer_1", "Flood"),
        ),
        Check(
            "5.2", "How many links away is the farthest library?",
            2, "question", questions.farthest, {}, ("1.1",), ("answer_2", "Flood"),
        ),
        Check(
            "5.3", "Which share would a TTL of 2 have reached?",
            3, "question", questions.within_two, {}, ("1.1",), ("answer_3", "Flood"),
        ),
        Check(
            "5.4", "What would the flood cost with one link more?",
            3, "question", questions.one_link_more, names=("answer_4",),
        ),
    ),
    experiment=questions.own_run,
)  # fmt: skip


def who_was_asked(run: Run) -> Drawn:
    """Draw who was asked in a run, and by whom first."""
    askers = (act.node for act in run.scenario.acts if act.verb == "search")
    return Drawn(map_of(run, next(askers, 0), "Who was asked, and by whom first"))


def open(  # `lab = lab2_search.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
