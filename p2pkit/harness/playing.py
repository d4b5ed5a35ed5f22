"""Playing: a scenario in virtual time, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from p2pkit.core import Address
from p2pkit.faults import Partition, Plan
from p2pkit.harness.journal import Journal
from p2pkit.harness.run import Run, require_whole
from p2pkit.harness.scenario import NodeAt, Scenario
from p2pkit.sim import Simulation
from p2pkit.sim.simulation import BREATH

STEP_S = 0.25
"""How often `until` is asked, in seconds of the run."""


class _CutShort(Exception):  # ends a run from inside; nobody else sees it
    """The journal is full."""


def play(
    protocol: type[Any],
    scenario: Scenario,
    until: Callable[[Run], bool] | None = None,
) -> Run:
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
    places = {scenario.address(i): scenario.name(i) for i in range(scenario.nodes)}
    sim = Simulation(seed=scenario.seed, faults=Plan(link=scenario.link))
    run = Run(scenario, Journal(places, sim.now, scenario.most_messages))
    sim.on_record, sim.tap = run.records.append, run.journal
    sim.breathe = _Breath(run)
    stage = _Stage(sim, run, protocol)
    stage.set()
    with suppress(_CutShort):
        _advance(sim, run, until)
    run.note_failures()
    return run


def play_whole(
    protocol: type[Any],
    scenario: Scenario,
    until: Callable[[Run], bool] | None = None,
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


def arguments_of(
    args: tuple[Any, ...], address_of: Callable[[int], Address]
) -> tuple[Any, ...]:
    """Return the arguments of an act, with addresses in the places of nodes."""
    return tuple(
        address_of(one.number) if isinstance(one, NodeAt) else one for one in args
    )


class _Stage:
    """The nodes of a scenario, and everything that is to happen to them."""

    def __init__(self, sim: Simulation, run: Run, protocol: type[Any]) -> None:
        self.sim, self.run, self.protocol = sim, run, protocol
        self.scenario = run.scenario

    def set(self) -> None:
        """Add the nodes, and put acts, cuts and fates on the calendar."""
        scenario, at = self.scenario, self.sim.scheduler.call_at
        for number in range(scenario.nodes):
            self.run.nodes.append(self._add(number))
            starts_s = scenario.starts_s.get(number, 0.0)
            at(starts_s, partial(self._start, number))
        for cut in scenario.cuts:
            groups = [[scenario.address(one) for one in group] for group in cut.groups]
            at(cut.from_s, partial(self._cut, groups, cut))
        for place, act in enumerate(scenario.acts):
            args = arguments_of(act.args, scenario.address)
            at(act.at_s, partial(self.run.act, place, args))
        for fate in scenario.fates:
            at(fate.at_s, partial(self._befall, fate.node, fate.what))

    def _add(self, number: int) -> Any:
        name, place = self.scenario.name(number), self.scenario.address(number)
        return self.sim.add(
            name, self.protocol, place, config=self.scenario.config,
            node_id=self.scenario.node_id(number),
        )  # fmt: skip

    def _start(self, number: int) -> None:
        node = self.run.nodes[number]
        known = [self.scenario.address(i) for i in self.scenario.known_by(number)]
        node.guard(node.protocol.bootstrap, known)

    def _cut(self, groups: list[list[Address]], cut: Any) -> None:
        handle = self.sim.faults.add(Partition(groups))
        self.sim.scheduler.call_at(cut.until_s, lambda: self.sim.faults.remove(handle))

    def _befall(self, number: int, what: str) -> None:
        if what == "start":
            self.run.note_failures()
            self.run.nodes[number] = self._add(number)
            self._start(number)
        else:
            getattr(self.run.nodes[number], what)()


def _advance(sim: Simulation, run: Run, until: Callable[[Run], bool] | None) -> None:
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
        self.most = 10 * run.scenario.most_messages // BREATH + 10

    def __call__(self) -> None:
        self.taken += 1
        if self.taken > self.most:
            self.journal.is_endless = True
        if self.journal.is_full or self.journal.is_endless:
            raise _CutShort
