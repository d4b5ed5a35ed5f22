"""Lab 1, gossip: push, rumor mongering, and the repair behind both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from p2pkit.classroom.labs.check import Check
from p2pkit.classroom.labs.desk import Desk
from p2pkit.classroom.labs.lab import Lab
from p2pkit.classroom.labs.lab1_gossip import push
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
from p2pkit.classroom.labs.ticket import GENERIC

__all__ = [
    "LAB", "Config", "Digest", "Known", "Learned", "Parameters", "Station", "Tell",
    "Want", "rumor_id",
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
    ),
)  # fmt: skip


def open(  # `lab = lab1_gossip.open(globals())` is how a notebook says it
    namespace: Mapping[str, Any], student: str = "", ticket: str = GENERIC
) -> Desk:
    """Open this lab over the names of a notebook, see `Desk`."""
    return Desk(LAB, namespace, student, ticket)
