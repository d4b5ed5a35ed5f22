"""Lab 0, tools and wire: solved, and there to learn how labs work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab0_wire import checks
from p2pkit.classroom.labs.lab0_wire.wire import (
    CODEC,
    Answered,
    Config,
    GaveUp,
    Node,
    Parameters,
    Ping,
    Pong,
    draw,
)
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "CODEC", "LAB", "Answered", "Config", "GaveUp", "Node", "Parameters", "Ping",
    "Pong",
]  # fmt: skip
# Not `open`: whoever imports all must not lose Python's own.

PINGER = ("Pinger", "tick")

LAB = Lab(
    slug="lab0_wire",
    title="What does a node say, and what if nobody answers?",
    draw=draw,
    checks=(
        Check(
            "1.1", "A message has exactly these bytes",
            8, "one peer", checks.encodes, names=("to_wire",),
        ),
        Check(
            "1.2", "A clock is later than all it has seen",
            7, "one peer", checks.ticks, names=("tick",),
        ),
        Check(
            "2.1", "Pinger answers a ping",
            10, "one peer", checks.answers, names=PINGER,
        ),
        Check(
            "2.2", "Pinger tries again, gives up, and stops when it is answered",
            15, "one peer", checks.tries_again, {}, ("2.1",), PINGER,
        ),
        Check(
            "2.3", "Every message is later than what led to it",
            10, "simulated", checks.keeps_time, {}, ("2.1",), PINGER,
        ),
        Check(
            "2.4", "A ping costs two messages where nothing gets lost",
            20, "cost", checks.costs, {}, ("2.1",), PINGER,
        ),
        Check(
            "2.5", "Every ping ends once, whatever gets lost",
            10, "lossy", checks.survives_loss, {"loss": 0.3, "nodes": 30}, ("2.1",),
            PINGER,
        ),
        Check(
            "2.6", "It works on real sockets",
            10, "sockets", checks.runs_on_sockets, {}, ("2.1",), PINGER,
        ),
        Check(
            "3.1", "How many pings of your own run were given up?",
            5, "question", checks.given_up, {}, ("2.1",), ("answer_1", *PINGER),
        ),
        Check(
            "3.2", "Which share of the messages of your own run was lost?",
            5, "question", checks.lost, {}, ("2.1",), ("answer_2", *PINGER),
        ),
    ),
    experiment=checks.own_run,
)  # fmt: skip


def open(  # `lab = lab0_wire.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
