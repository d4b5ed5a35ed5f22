"""Lab 5, failure detection: telling the dead from the slow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab5_failure_detection import groups, one_member, own
from p2pkit.classroom.labs.lab5_failure_detection.member import Member
from p2pkit.classroom.labs.lab5_failure_detection.wire import (
    Ack,
    Beat,
    Config,
    Down,
    News,
    Parameters,
    Ping,
    PingReq,
    draw,
)
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "LAB", "Ack", "Beat", "Config", "Down", "Member", "News", "Parameters", "Ping",
    "PingReq",
]  # fmt: skip

PROBER = ("Prober",)
SWIM = ("Prober", "overrides", "Swim")
"""What a class is made of: a mistake in one of these can show in it."""

LAB = Lab(
    slug="lab5_failure_detection",
    title="Is it dead, or is it slow?",
    draw=draw,
    checks=(
        Check(
            "1.1", "Heartbeat beats to all, and declares who is silent for too long",
            5, "one peer", one_member.beats, names=("Heartbeat",),
        ),
        Check(
            "2.1", "Prober asks, then asks helpers, and decides at the end",
            10, "one peer", one_member.probes, names=PROBER,
        ),
        Check(
            "2.2", "Prober answers, and pings for others",
            6, "one peer", one_member.helps, names=PROBER,
        ),
        Check(
            "2.3", "a crash is noticed after e / (e - 1) periods",
            7, "simulated", groups.notices, {"runs": 60, "nodes": 10},
            ("2.1", "2.2"), PROBER,
        ),
        Check(
            "2.4", "as many false alarms as the law says, when packets get lost",
            7, "simulated", groups.alarms, {"runs": 3, "nodes": 24},
            ("2.1", "2.2"), PROBER,
        ),
        Check(
            "2.5", "a member sends two messages a period, however large the group",
            20, "cost", groups.costs, {}, ("2.1", "2.2"), PROBER,
        ),
        Check(
            "3.1", "overrides tells which of two pieces of news wins",
            4, "one peer", one_member.overrides, names=("overrides",),
        ),
        Check(
            "3.2", "Swim suspects, gives time to object, and objects",
            7, "one peer", one_member.suspects, needs=("2.1",), names=SWIM,
        ),
        Check(
            "4.1", "a slow member objects in time, and a death is known to all",
            12, "lossy", groups.refutes, {"runs": 8, "most": 0}, ("2.1", "3.2"), SWIM,
        ),
        Check(
            "4.2", "the same seed gives the same run, wherever the members are",
            4, "simulated", groups.repeats, {"nodes": 12}, ("2.1", "3.2"), SWIM,
        ),
        Check(
            "4.3", "Swim finds a crash on real sockets as well",
            8, "sockets", groups.meets_sockets, {"nodes": 10}, ("2.1", "3.2"), SWIM,
        ),
        Check(
            "5.1", "you can read your own run",
            10, "question", own.answers, needs=("2.1", "3.2"),
            names=("answer_1", "answer_2", "answer_3", "answer_4", *SWIM),
        ),
    ),
    experiment=own.own_run,
)  # fmt: skip


def open(  # `lab = lab5_failure_detection.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
