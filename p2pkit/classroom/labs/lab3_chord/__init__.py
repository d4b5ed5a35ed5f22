"""Lab 3, Chord: a ring in which everybody finds the owner of a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab3_chord import circle, own, rings, steps
from p2pkit.classroom.labs.lab3_chord.member import Member
from p2pkit.classroom.labs.lab3_chord.wire import (
    Ask,
    Config,
    Find,
    Found,
    Located,
    Neighbors,
    Notify,
    Parameters,
    draw,
)
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "LAB", "Ask", "Config", "Find", "Found", "Located", "Member", "Neighbors",
    "Notify", "Parameters",
]  # fmt: skip

RING = ("within", "Ring")
FINGERED = (*RING, "Fingered")
LASTING = (*FINGERED, "Lasting")
"""What a class is made of: a mistake in one of these can show in it."""

LAB = Lab(
    slug="lab3_chord",
    title="Who owns a key, when everybody knows only a few others?",
    draw=draw,
    checks=(
        Check(
            "1.1", "within tells what lies between two ids, around the ring",
            6, "one peer", circle.lies_within, names=("within",),
        ),
        Check(
            "1.2", "a newcomer is handed the keys that are its own, and no others",
            4, "one peer", circle.hands_over, names=("within", "handed_over"),
        ),
        Check(
            "2.1", "Ring answers what its successor owns, and passes the rest on",
            8, "one peer", steps.finds, names=RING,
        ),
        Check(
            "2.2", "Ring follows who stands between, and heeds who notifies",
            10, "one peer", steps.stabilizes, needs=("2.1",), names=RING,
        ),
        Check(
            "2.3", "members that join one by one and eight at once form one ring",
            10, "simulated", rings.closes, {"runs": 6}, ("2.1", "2.2"), RING,
        ),
        Check(
            "3.1", "Fingered goes as far as it can without passing the key",
            8, "one peer", steps.jumps, needs=("2.1",), names=FINGERED,
        ),
        Check(
            "3.2", "a question makes about half of log2 N hops",
            20, "cost", rings.hops, {"nodes": 64, "lookups": 80}, ("2.1", "3.1"),
            FINGERED,
        ),
        Check(
            "4.1", "a ring closes again when all but one of a list have crashed",
            12, "lossy", rings.survives, {"runs": 4}, ("2.1", "2.2"), LASTING,
        ),
        Check(
            "4.2", "the same seed gives the same run, wherever the members are",
            4, "simulated", rings.repeats, {"nodes": 16}, ("2.1", "2.2"),
            LASTING,
        ),
        Check(
            "4.3", "Lasting closes its ring on real sockets as well",
            8, "sockets", rings.meets_sockets, {"nodes": 10}, ("2.3",), LASTING,
        ),
        Check(
            "5.1", "you can read your own run",
            10, "question", own.answers,
            names=("answer_1", "answer_2", "answer_3", "answer_4", *LASTING),
        ),
    ),
    experiment=own.own_run,
)  # fmt: skip


def open(  # `lab = lab3_chord.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
