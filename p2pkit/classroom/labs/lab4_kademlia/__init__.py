"""Lab 4, Kademlia: finding the closest of many by asking a few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab4_kademlia import overlays, own, tables, walks
from p2pkit.classroom.labs.lab4_kademlia.peer import Node
from p2pkit.classroom.labs.lab4_kademlia.wire import (
    Config,
    Ended,
    FindNode,
    FindValue,
    Nodes,
    Parameters,
    Ping,
    Pong,
    Store,
    Value,
    draw,
)
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "LAB", "Config", "Ended", "FindNode", "FindValue", "Node", "Nodes", "Parameters",
    "Ping", "Pong", "Store", "Value",
]  # fmt: skip

TABLE = ("distance", "bucket_number", "Table")
FINDER = (*TABLE, "Lookup", "Finder")
KADEMLIA = (*FINDER, "Kademlia")
"""What a class is made of: a mistake in one of these can show in it."""

LAB = Lab(
    slug="lab4_kademlia",
    title="How do you find the closest of many, when you know a few?",
    draw=draw,
    checks=(
        Check(
            "1.1", "distance and bucket_number measure by XOR",
            4, "one peer", tables.measures, names=("distance", "bucket_number"),
        ),
        Check(
            "2.1", "a bucket keeps who was seen longest ago, as long as it lives",
            10, "one peer", tables.keeps, names=TABLE,
        ),
        Check(
            "2.2", "Table names the closest of all that it knows",
            6, "one peer", tables.names_closest, needs=("2.1",), names=TABLE,
        ),
        Check(
            "3.1", "a lookup asks the closest first, and ends when they have answered",
            10, "one peer", walks.walks, needs=("2.2",), names=FINDER,
        ),
        Check(
            "3.2", "lookups find the k closest of all nodes",
            10, "simulated", overlays.finds_closest, {"runs": 5}, ("2.2", "3.1"),
            FINDER,
        ),
        Check(
            "3.3", "a lookup takes few questions more than k",
            20, "cost", overlays.costs, {}, ("2.2", "3.1"), FINDER,
        ),
        Check(
            "4.1", "values are put at the closest nodes, kept, and found",
            6, "one peer", walks.values, needs=("3.1",), names=KADEMLIA,
        ),
        Check(
            "4.2", "values are found though packets get lost and nodes crash",
            12, "lossy", overlays.endures,
            {"runs": 3, "loss": 0.1, "dead": 0.2, "enough": 0.93}, ("3.1", "4.1"),
            KADEMLIA,
        ),
        Check(
            "4.3", "the same seed gives the same run, wherever the nodes are",
            4, "simulated", overlays.repeats, {"nodes": 20}, ("3.1", "4.1"),
            KADEMLIA,
        ),
        Check(
            "4.4", "Kademlia does the same on real sockets",
            8, "sockets", overlays.meets_sockets, {"nodes": 16}, ("3.1", "4.1"),
            KADEMLIA,
        ),
        Check(
            "5.1", "you can read your own run",
            10, "question", own.answers, needs=("3.1",),
            names=("answer_1", "answer_2", "answer_3", "answer_4", *KADEMLIA),
        ),
    ),
    experiment=own.own_run,
)  # fmt: skip


def open(  # `lab = lab4_kademlia.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
