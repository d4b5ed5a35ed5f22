"""The virtual carrier: every node in one simulation, in the process that asks."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from p2pkit.cluster.carrier import OnNews, Task
from p2pkit.cluster.population import Population
from p2pkit.cluster.sampling import FlightSampler
from p2pkit.cluster.spawned import Spawned
from p2pkit.cluster.stepping import Countdown
from p2pkit.cluster.turns import Turns
from p2pkit.core import ClusterError, Operation, Record, RequestTimeout
from p2pkit.faults import Plan
from p2pkit.sim import Simulation
from p2pkit.sim.scheduler import SimTimer
from p2pkit.sim.simulation import DEFAULT_LINK

AT_ONCE = 4096
"""Nodes that do the same at once; virtual time has no buffers that overflow."""

STEP_S = 0.05
"""Virtual time between two looks at a condition, and between two frames at first."""

FRAMES = 40
"""Frames of one call until they become half as frequent, and so on: motion shows in
two seconds, and an hour has some four hundred."""

REST_S = 1.0
"""Virtual time until nodes that did nothing are looked at again."""


_NO_NETWORK = (
    "virtual time has no network for others to be in: make the cluster with "
    'carrier="real", the default'
)


class VirtualCarrier:
    """One population in virtual time; a command's time passes when it is waited for.

    Several threads may use it: time moves in one at a time, and the others go in
    between.
    """

    hosts = 1
    one_each = False
    default_link = DEFAULT_LINK
    epoch_s = 0.0

    def __init__(self, task: Task) -> None:
        self._task = task
        self.turns = Turns()
        self._ticker: SimTimer | None = None
        self._ticks = 0
        self._rested_s = 0.0

    def open(self, on_record: Callable[[Record], None], on_news: OnNews) -> None:
        """Make the simulation."""
        task = self._task
        plan = Plan(task.rules, task.link)

        def saw(record: Record) -> None:
            self._population.saw(record)
            on_record(record)

        self._on_news = on_news
        self._simulation = Simulation(seed=task.seed, faults=plan, on_record=saw)
        self._simulation.breathe = self.turns.breathe
        self._population = Population(
            self._simulation,
            task.protocol_class,
            task.config,
            plan,
            AT_ONCE,
            FlightSampler,
        )

    def begin(self, host: int, command: str, *args: Any) -> Future[Any]:
        """Give the population a command."""
        future: Future[Any] = Future()

        def ended(operation: Operation[Any]) -> None:
            if operation.error is not None:
                future.set_exception(operation.error)
            else:
                future.set_result(operation.result)

        with self.turns:
            self._population.do(command, *args).then(ended)
            if command in ("watch", "flush"):
                self._tell(rest=True)
        return future

    def grow(self, hosts: int, task: Task) -> list[int]:
        """Return the one host there is: in virtual time it has room for all."""
        return [0]

    def wait(self, futures: Iterable[Future[Any]], timeout_s: float) -> bool:
        """Let virtual time pass until all have ended, at most `timeout_s` of it."""
        with self.turns:
            self._tick_anew()
            deadline_s = self.now() + timeout_s
            ended = all(
                future.done() or self._run(future, deadline_s - self.now())
                for future in futures
            )
            self._tell(rest=False)
            return ended

    def now(self) -> float:
        """Return the virtual time in seconds."""
        return self._simulation.now()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._pass(seconds)
        with self.turns:
            self._tell(rest=True)

    def step(self) -> None:
        """Let `STEP_S` of virtual time pass."""
        self._pass(STEP_S)

    def open_socket(self, family: int, kind: int, proto: int) -> socket.socket:
        """Raise `ClusterError`: no socket leads into virtual time."""
        raise ClusterError(_NO_NETWORK)

    def spawn(
        self, argv: Sequence[str], env: Mapping[str, str] | None, cwd: str
    ) -> Spawned:
        """Raise `ClusterError`: no program lives in virtual time."""
        raise ClusterError(_NO_NETWORK)

    def deliver(self, messages: int, limit_s: float) -> None:
        """Let time pass until so many messages have arrived.

        Raises
        ------
        RequestTimeout
            If they have not after `limit_s` seconds of virtual time.
        """
        with self.turns, self.turns:  # twice, so that nobody goes in between
            self._tick_anew()
            driver = self._simulation
            count = Countdown(messages, driver.tap)
            behind, driver.tap = driver.tap, count
            try:
                driver.run(count.ended, limit_s)
            except RequestTimeout as error:
                reason = (
                    f"{messages - count.left} of {messages} messages arrived within "
                    f"{limit_s:g} s of virtual time: give nodes something to say"
                )
                raise RequestTimeout(reason) from error
            finally:
                driver.tap = behind
                self._tell(rest=False)

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

    def call_at(self, at_s: float, call: Callable[[], None]) -> SimTimer:
        """Make a call when virtual time comes there, once it moves."""
        with self.turns:
            return self._simulation.scheduler.call_at(max(at_s, self.now()), call)

    def _pass(self, seconds: float) -> None:
        with self.turns:
            self._tick_anew()
            self._simulation.advance(seconds)
            self._tell(rest=False)

    def _tick_anew(self) -> None:
        """Let frames be frequent again: somebody has asked for more time."""
        self._ticks = 0
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        if self._population.telemetry is not None:
            self._tick_later()

    def _tick_later(self) -> None:
        at_s = self.now() + STEP_S * 2 ** (self._ticks // FRAMES)
        self._ticker = self._simulation.scheduler.call_at(at_s, self._on_tick)

    def _on_tick(self) -> None:
        self._ticks += 1
        self._tell(rest=False)
        if self._population.telemetry is not None:
            self._tick_later()

    def _tell(self, *, rest: bool) -> None:
        """Tell what changed; of nodes that did nothing now and then, or if asked."""
        if self._population.telemetry is None:
            return
        rest = rest or self.now() - self._rested_s >= REST_S
        if rest:
            self._rested_s = self.now()
        self._on_news(self._population.news(rest=rest))

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
