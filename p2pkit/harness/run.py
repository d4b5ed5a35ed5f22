"""Runs: what came of a scenario, for checks to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from p2pkit.core import Event, LabError, NodeState, Record, Settings
from p2pkit.harness.failing import StudentError
from p2pkit.harness.journal import Journal, shown
from p2pkit.harness.scenario import Scenario

E = TypeVar("E", bound=Event)

LAST_EVENTS = 10


class Run:
    """A scenario that was run.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    journal : Journal
        Every message, as the driver saw it.
    records : list of Record
        Every event that nodes emitted. They are what the class says of itself.
    nodes : list
        The drivers' nodes, by number.
    results : dict of int to object
        What acts returned, by their place in ``scenario.acts``.
    """

    def __init__(self, scenario: Scenario, journal: Journal) -> None:
        self.scenario, self.journal = scenario, journal
        self.records: list[Record] = []
        self.nodes: list[Any] = []
        self.results: dict[int, Any] = {}
        self.failures: dict[str, StudentError] = {}

    def __repr__(self) -> str:
        counts = _listed(self.journal.counts()) or "no messages"
        nodes, now_s = self.scenario.nodes, self.journal.now()
        noun = "node" if nodes == 1 else "nodes"
        return f"<Run of {nodes} {noun}, {now_s:g} s: {counts}>"

    @property
    def was_cut_short(self) -> bool:
        """Whether it sent more messages than allowed, or timers rang without end."""
        return self.journal.is_full or self.journal.is_endless

    @property
    def names(self) -> list[str]:
        """The names of all nodes, in order."""
        return [self.scenario.name(number) for number in range(self.scenario.nodes)]

    @property
    def alive(self) -> list[int]:
        """The numbers of the nodes that are alive."""
        dead = NodeState.DEAD
        return [i for i, node in enumerate(self.nodes) if node.state is not dead]

    @property
    def failure(self) -> StudentError | None:
        """The first error of the class that ran, if there was one."""
        return next(iter(self.failures.values()), None)

    def ask(self, node: int, verb: str, *args: Any) -> Any:
        """Call a verb that answers at once, after the run.

        Raises
        ------
        LabError
            If it raised an error.
        """
        return self.nodes[node].protocol.ask(verb, *args)

    def events(self, kind: type[E]) -> list[tuple[float, str, E]]:
        """Return the events of a class with their times and nodes."""
        return [
            (one.at_s, one.node, one.event)
            for one in self.records
            if isinstance(one.event, kind)
        ]

    def act(self, number: int, arguments: tuple[Any, ...]) -> None:
        """Do one act of the scenario; called by who runs it."""
        act = self.scenario.acts[number]
        node = self.nodes[act.node]
        if node.state is NodeState.ALIVE:
            node.guard(self._ask, number, node, act.verb, arguments)

    def note_failures(self) -> None:
        """Take up what went wrong inside the nodes."""
        for node in self.nodes:
            failure = getattr(node.protocol, "failure", None)
            if failure is not None:
                self.failures.setdefault(node.name, failure)

    def last_events(self, node: str | None = None) -> tuple[str, ...]:
        """Return the last ten things that happened, as sentences; at one node, or all.

        Messages and events are in one order, that of time.
        """
        messages = [
            (one.at_s, str(one))
            for one in self.journal.entries
            if node in (None, one.node)
        ]
        said = [
            (one.at_s, f"T={one.at_s:.3f} {one.node} says {shown(one.event)}")
            for one in self.records
            if node in (None, one.node)
        ]
        # The sort is stable: of one moment, messages stand before what they led to.
        both = sorted([*messages, *said], key=lambda one: one[0])
        return tuple(text for _, text in both[-LAST_EVENTS:])

    def heard_by(self, kind: type[Any]) -> dict[str, int]:
        """Return how many messages of a class each node was given."""
        heard = dict.fromkeys(self.names, 0)
        for entry in self.journal.of("heard", kind):
            if entry.node in heard:
                heard[entry.node] += 1
        return heard

    def _ask(self, number: int, node: Any, verb: str, args: tuple[Any, ...]) -> None:
        self.results[number] = node.protocol.ask(verb, *args)


def empty_run() -> Run:
    """Return a run in which nothing happened."""
    scenario = Scenario(nodes=1, seed=0, config=Settings(), lasts_s=0.0)
    return Run(scenario, Journal({}, lambda: 0.0, 0))


def require_whole(run: Run) -> None:
    """Refuse to judge a run in which the class failed, or never stopped talking.

    Raises
    ------
    LabError
        With the sentence that says so.
    """
    if run.failure is not None:
        raise run.failure
    if run.journal.is_endless:
        reason = (
            "the run was cut short: timers ring again and again, and time does not "
            "move. Is a delay 0?"
        )
        raise LabError(reason)
    if run.was_cut_short:
        most, counts = run.scenario.most_messages, _listed(run.journal.counts())
        reason = (
            f"the run was cut short after {most:,} messages ({counts}), which is far "
            "more than this needs: does a message that comes back start everything "
            "again?"
        )
        raise LabError(reason)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
