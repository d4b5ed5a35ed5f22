"""Determinism: the same run twice, among nodes that live elsewhere.

A protocol that is run again with the same seed must do the same. In one process it
would, even if it iterates a set, whose order comes from the hashes of its members. So
the second run takes place at other addresses: in the same order, with other hashes.
Whoever lets the order of a set reach a message now does something else.
"""

from __future__ import annotations

from typing import Any

from p2pkit.harness.journal import Entry, Journal
from p2pkit.harness.playing import play_whole
from p2pkit.harness.run import Run
from p2pkit.harness.scenario import Scenario
from p2pkit.harness.verdict import Finding

ELSEWHERE = (77, 143)
"""Subnets where a run is repeated, other than that of all runs."""

HINT = (
    "does something depend on the order of a set, on hash(), on the clock, or on a "
    "generator other than self.ctx.rng? Use a dict or sorted(...), and self.ctx.rng"
)


def same_again(
    protocol: type[Any], scenario: Scenario, first: Run | None = None
) -> Finding:
    """Run a scenario several times; tell whether the same happened.

    Silence is always the same, so a run that hardly says anything fails.

    Parameters
    ----------
    protocol : type
        What `Subject.protocol` returned.
    scenario : Scenario
        What to run.
    first : Run, optional
        What came of it already. A check that looks at a run as well must look at this
        one: a process may keep what tells it that the same is run for the second time.

    Raises
    ------
    LabError
        If a run did not come to its end.
    """
    first = first or play_whole(protocol, scenario)
    for subnet in ELSEWHERE:
        run = play_whole(protocol, scenario.but(subnet=subnet))
        if (differ := first_difference(first.journal, run.journal)) is not None:
            return _finding(False, f"they differ first in: {differ}")
    if first.journal.messages_sent < scenario.nodes // 2:
        return _finding(False, "there was nothing to compare")
    return _finding(True, f"{1 + len(ELSEWHERE)} runs were equal, message by message")


def first_difference(one: Journal, other: Journal) -> str | None:
    """Return the first entry in which two runs differ, as a sentence; None if none."""
    pairs = zip(one.entries, other.entries, strict=False)
    for a, b in pairs:
        if _key(a) != _key(b):
            return f"{a} and {b}"
    if len(one.entries) != len(other.entries):
        return (
            f"one run went on after {min(len(one.entries), len(other.entries))} entries"
        )
    return None


def _key(entry: Entry) -> tuple[Any, ...]:
    return entry.at_s, entry.node, entry.peer, entry.way, type(entry.message)


def _finding(holds: bool, measured: str) -> Finding:
    claim = "the same seed gives the same run, wherever the nodes are"
    expected = f"{1 + len(ELSEWHERE)} equal runs"
    return Finding(claim, float(holds), expected, measured, "" if holds else HINT)
