"""A sandbox for tests, with a protocol small enough to be seen at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from p2pkit.classroom.grading.slicing import imported
from p2pkit.classroom.labs.lab1_gossip import Config, Learned, Tell
from p2pkit.classroom.sandbox import seccomp
from p2pkit.classroom.sandbox.cells import Cell
from p2pkit.classroom.sandbox.limits import Limits
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.core import MsgpackCodec
from p2pkit.harness import ProtocolSpec

LAB = "p2pkit.classroom.labs.lab1_gossip"
LIMITS = Limits(cpu_s=1, reply_s=5.0)
SPEC = ProtocolSpec(
    codec=MsgpackCodec(Tell),
    config=Config,
    verbs=("count",),
    events=(Learned,),
    messages=(Tell,),
)

needs_walls = pytest.mark.skipif(
    bool(seccomp.why_not()), reason=f"{seccomp.why_not()}: use Linux with seccomp"
)

PROTOCOL = """
from p2pkit.classroom.labs.lab1_gossip import Learned, Station, Tell

class Node(Station):
    heard = 0
    def receive(self, sender, message):
        {body}
    def count(self):
        return self.heard
"""


def protocol(body: str) -> str:
    """A class whose `receive` is this."""
    return PROTOCOL.format(body=body.replace("\n", "\n        "))


@contextmanager
def sandbox_of(*sources: str, limits: Limits = LIMITS) -> Iterator[Sandbox]:
    """A sandbox that has loaded these cells."""
    cells = [Cell(n, f"cell {n}", text) for n, text in enumerate(sources, start=1)]
    with Sandbox([LAB, *imported(sources)], limits) as sandbox:
        sandbox.load(cells)
        yield sandbox
