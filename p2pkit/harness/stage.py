"""Stages: the nodes of a scenario in a driver, and all that is to happen to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from p2pkit.core import Address, NodeState
from p2pkit.faults import Partition
from p2pkit.harness.run import Run
from p2pkit.harness.scenario import Cut, NodeAt

Call = Callable[[], None]


class Stage:
    """A scenario, set up in a driver.

    Parameters
    ----------
    driver : Simulation or Network
        What runs the nodes.
    run : Run
        Gets the nodes.
    protocol : type
        What `Subject.protocol` returned.
    listen : callable
        Gives the address at which a node shall listen, by its number.
    """

    def __init__(
        self,
        driver: Any,
        run: Run,
        protocol: type[Any],
        listen: Callable[[int], Address],
    ) -> None:
        self.driver, self.run, self.protocol = driver, run, protocol
        self.scenario, self._listen = run.scenario, listen
        for number in range(self.scenario.nodes):
            run.nodes.append(self._add(number))

    def calendar(self) -> list[tuple[float, Call]]:
        """Return what is to happen, in order of time."""
        scenario = self.scenario
        entries: list[tuple[float, Call]] = []
        for number in range(scenario.nodes):
            starts_s = scenario.starts_s.get(number, 0.0)
            entries.append((starts_s, partial(self._start, number)))
        for cut in scenario.cuts:
            handles: list[int] = []
            entries.append((cut.from_s, partial(self._cut, cut, handles)))
            entries.append((cut.until_s, partial(self._mend, handles)))
        entries += [
            (act.at_s, partial(self._act, place))
            for place, act in enumerate(scenario.acts)
        ]
        entries += [
            (fate.at_s, partial(self._befall, fate.node, fate.what))
            for fate in scenario.fates
        ]
        return sorted(entries, key=lambda one: one[0])  # stable: as given, if at once

    def _add(self, number: int) -> Any:
        name = self.scenario.name(number)
        protocol = self.scenario.others.get(number, self.protocol)
        node = self.driver.add(
            name, protocol, self._listen(number), config=self.scenario.config,
            node_id=self.scenario.node_id(number),
        )  # fmt: skip
        self.run.journal.names[node.me.address] = name
        if protocol is not self.protocol:
            self.protocol.may_meet(node.me.address)
        return node

    def _address(self, number: int) -> Address:
        address: Address = self.run.nodes[number].me.address
        return address

    def _start(self, number: int) -> None:
        node = self.run.nodes[number]
        known = [self._address(one) for one in self.scenario.known_by(number)]
        node.guard(node.protocol.bootstrap, known)

    def _act(self, place: int) -> None:
        args = tuple(
            self._address(one.number) if isinstance(one, NodeAt) else one
            for one in self.scenario.acts[place].args
        )
        self.run.act(place, args)

    def _cut(self, cut: Cut, handles: list[int]) -> None:
        groups = [[self._address(one) for one in group] for group in cut.groups]
        handles.append(self.driver.faults.add(Partition(groups)))

    def _mend(self, handles: list[int]) -> None:
        for handle in handles:
            self.driver.faults.remove(handle)

    def _befall(self, number: int, what: str) -> None:
        if what == "start":
            self.run.note_failures()
            self.run.nodes[number] = self._add(number)
            self._start(number)
        elif self.run.nodes[number].state is not NodeState.DEAD:
            # Whose class has failed is dead already: the run tells that, not its fate.
            getattr(self.run.nodes[number], what)()
