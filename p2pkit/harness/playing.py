"""Playing: a scenario in virtual time, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from p2pkit.faults import Plan
from p2pkit.harness.journal import Journal
from p2pkit.harness.run import Run, require_whole
from p2pkit.harness.scenario import Scenario
from p2pkit.harness.stage import Stage
from p2pkit.sim import Simulation
from p2pkit.sim.simulation import BREATH

STEP_S = 0.25
"""How often `until` is asked, in seconds of the run."""

Until = Callable[[Run], bool]


class _CutShort(Exception):  # ends a run from inside; nobody else sees it
    """The journal is full, or time stands still."""


def play(protocol: type[Any], scenario: Scenario, until: Until | None = None) -> Run:
    """Run a scenario in virtual time.

    Parameters
    ----------
    protocol : type
        What `Subject.protocol` returned.
    scenario : Scenario
        What to run.
    until : callable, optional
        Ends the run early, once it holds.

    Returns
    -------
    Run
        What came of it. It may have been cut short, and nodes may have failed: see
        `play_whole`.
    """
    sim = Simulation(seed=scenario.seed, faults=Plan(link=scenario.link))
    run = Run(scenario, Journal({}, sim.now, scenario.most_messages))
    sim.on_record, sim.tap = run.records.append, run.journal
    sim.breathe = _Breath(run)
    with protocol.running(), suppress(_CutShort):
        for at_s, call in Stage(sim, run, protocol, scenario.address).calendar():
            sim.scheduler.call_at(at_s, call)
        _advance(sim, run, until)
    run.note_failures()
    return run


def play_whole(
    protocol: type[Any], scenario: Scenario, until: Until | None = None
) -> Run:
    """Run a scenario in virtual time, and insist that it came to its end.

    Raises
    ------
    LabError
        If the class raised an error, or sent far too much.
    """
    run = play(protocol, scenario, until)
    require_whole(run)
    return run


def _advance(sim: Simulation, run: Run, until: Until | None) -> None:
    ends_s = run.scenario.lasts_s
    while (left_s := ends_s - sim.now()) > 0:
        if until is not None and until(run):
            return
        sim.advance(left_s if until is None else min(STEP_S, left_s))


class _Breath:
    """Looks now and then whether a run should go on."""

    def __init__(self, run: Run) -> None:
        self.journal, self.taken = run.journal, 0
        # A message is sent, heard, and may set a timer; ten times that is no progress.
        # Each time that `until` is asked there is a look as well.
        asked = int(run.scenario.lasts_s / STEP_S)
        self.most = 10 * run.scenario.most_messages // BREATH + 10 + asked

    def __call__(self) -> None:
        self.taken += 1
        if self.taken > self.most:
            self.journal.is_endless = True
        if self.journal.is_full or self.journal.is_endless:
            raise _CutShort
