"""The virtual carrier: every node in one simulation, in the process that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from p2pkit.cluster.carrier import Task
from p2pkit.cluster.population import Population
from p2pkit.core import Operation, Record, RequestTimeout
from p2pkit.faults import Plan
from p2pkit.sim import Simulation
from p2pkit.sim.simulation import DEFAULT_LINK

AT_ONCE = 4096
"""Nodes that do the same at once; virtual time has no buffers that overflow."""

STEP_S = 0.05
"""Virtual time between two looks at a condition."""


class VirtualCarrier:
    """One population in virtual time; a command's time passes when it is waited for."""

    hosts = 1
    one_each = False
    default_link = DEFAULT_LINK

    def __init__(self, task: Task) -> None:
        self._task = task

    def open(self, on_record: Callable[[Record], None]) -> None:
        """Make the simulation."""
        task = self._task
        plan = Plan(task.rules, task.link)

        def saw(record: Record) -> None:
            self._population.saw(record)
            on_record(record)

        self._simulation = Simulation(seed=task.seed, faults=plan, on_record=saw)
        self._population = Population(
            self._simulation, task.protocol_class, task.config, plan, AT_ONCE
        )

    def begin(self, host: int, command: str, *args: Any) -> Future[Any]:
        """Give the population a command."""
        future: Future[Any] = Future()

        def ended(operation: Operation[Any]) -> None:
            if operation.error is not None:
                future.set_exception(operation.error)
            else:
                future.set_result(operation.result)

        self._population.do(command, *args).then(ended)
        return future

    def wait(self, futures: Iterable[Future[Any]], timeout_s: float) -> bool:
        """Let virtual time pass until all have ended, at most `timeout_s` of it."""
        deadline_s = self.now() + timeout_s
        for future in futures:
            if not future.done() and not self._run(future, deadline_s - self.now()):
                return False
        return True

    def now(self) -> float:
        """Return the virtual time in seconds."""
        return self._simulation.now()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._simulation.advance(seconds)

    def step(self) -> None:
        """Let `STEP_S` of virtual time pass."""
        self.advance(STEP_S)

    def signal(self, host: int, name: str) -> None:
        """Not used: no node is a process here."""
        raise NotImplementedError

    def revive(self, host: int, task: Task) -> None:
        """Do nothing: virtual time does not end."""

    def is_up(self, host: int) -> bool:
        """Return True: virtual time does not end."""
        return True

    def close(self) -> None:
        """Do nothing: nothing was taken."""

    def _run(self, future: Future[Any], limit_s: float) -> bool:
        ended: Operation[None] = Operation("wait")
        given_up = False

        def on_end(_: Future[Any]) -> None:
            if not given_up:  # it would stop a run that waits for something else
                ended.finish(None)

        future.add_done_callback(on_end)
        try:
            self._simulation.run(ended, limit_s)
        except RequestTimeout:
            given_up = True
        return not given_up
