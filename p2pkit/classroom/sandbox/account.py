"""The account of a check: what student code may use of the grader's time, all in all.

One process has its own limits, but a check makes many, one after the other. When an
account is used up, every node fails at once, so the check ends, and says why.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from p2pkit.harness.failing import StudentError


class Allowance(msgspec.Struct, frozen=True):
    """What one check may use, over all its processes.

    Parameters
    ----------
    wall_s : float
        Seconds spent in waiting for answers and in heeding them: far more than an
        honest solution needs, because a busy machine must not change a grade.
    calls : int
        Calls of handlers, timers, verbs and functions.
    children : int
        Nodes, and processes for functions and answers.
    deaths : int
        Processes that ended before they were told to.
    answer_bytes : int
        Length of all answers together: what is sent in them stays in the journal.
    """

    wall_s: float = 300.0
    calls: int = 2_000_000
    children: int = 20_000
    deaths: int = 20
    answer_bytes: int = 256 << 20


class Account:
    """What is left of an `Allowance`, and a way to refuse what goes beyond."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.wall_s, self.calls, self.children, self.deaths = 0.0, 0, 0, 0
        self.answer_bytes, self.closed = 0, ""

    def require_open(self) -> None:
        """Refuse to go on if the account is used up.

        Raises
        ------
        StudentError
            With the sentence that says by what.
        """
        if self.closed:
            raise StudentError(self.closed)

    def on_call(self) -> float:
        """Count a call; return the moment it begins, for `on_answer`."""
        self.require_open()
        self.calls += 1
        if self.calls > self.allowance.calls:
            self.close(f"more than {self.allowance.calls:,} calls of your code")
        return time.monotonic()

    def on_answer(self, began_s: float) -> float:
        """Count the time an answer took; return it, in seconds."""
        took_s = time.monotonic() - began_s
        self.wall_s += took_s
        if self.wall_s > self.allowance.wall_s:
            self.close(f"your code took more than {self.allowance.wall_s:g} s")
        return took_s

    def on_bytes(self, count: int) -> None:
        """Count the length of an answer."""
        self.answer_bytes += count
        if self.answer_bytes > self.allowance.answer_bytes:
            most = self.allowance.answer_bytes >> 20
            self.close(f"what your code sent and said is longer than {most} MiB")

    @contextmanager
    def heeding(self) -> Iterator[None]:
        """Count the time of what is done with an answer: some are long to read."""
        began_s = time.monotonic()
        try:
            yield
        finally:
            self.on_answer(began_s)

    def on_child(self) -> None:
        """Count a node, or a process that is made for something else."""
        self.require_open()
        self.children += 1
        if self.children > self.allowance.children:
            self.close(f"more than {self.allowance.children:,} nodes")

    def on_death(self, why: str, is_grave: bool) -> None:
        """Count a process that ended on its own; a grave end is enough."""
        self.deaths += 1
        if is_grave or self.deaths > self.allowance.deaths:
            self.close(why)

    def close(self, why: str) -> None:
        """Let nothing more happen on this account."""
        self.closed = self.closed or f"this check was ended: {why}"
