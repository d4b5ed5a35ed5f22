"""The nodes of one driver, and the commands that a controller may give about them.

The same class runs in every host process, over sockets, and in the controller itself,
in virtual time: that is why both carriers answer alike.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol

from p2pkit.cluster.carrier import MAIN, Kind
from p2pkit.cluster.compact import HostLook, HostLookMaker
from p2pkit.cluster.enlisted import Enlisted
from p2pkit.cluster.sampling import LossSampler, Sampler
from p2pkit.cluster.watched import Watched
from p2pkit.cluster.weighed import Weighed
from p2pkit.core import (
    Address,
    ClusterError,
    Counters,
    Crashed,
    Node,
    Operation,
    P2PError,
    Record,
    Tap,
    Targets,
)
from p2pkit.faults import Link, Plan, Rule

AT_ONCE = 16
"""How many operations keep a host's loop busy, and are still answered sooner than
peers ask again."""


class Driver(Protocol):
    """What `net.Network` and `sim.Simulation` have in common."""

    tap: Tap | None

    @property
    def confined(self) -> Targets | None:
        """Where alone nodes may send, if attackers are inside."""
        ...

    def now(self) -> float:
        """Return the seconds since the run began."""
        ...

    def add(
        self,
        name: str,
        protocol_class: type[Any],
        listen: Address,
        *,
        config: Any = None,
        node_id: int | None = None,
        saved: bytes | None = None,
    ) -> Any:
        """Construct a node and let it listen."""
        ...

    def confine(self, targets: Targets) -> None:
        """Let nodes send to these addresses alone, from now on."""
        ...


class Population(Watched, Weighed, Enlisted):
    """Carries out commands: `do` finds the method ``do_<command>``.

    Parameters
    ----------
    driver : Driver
        What runs the nodes.
    protocol_class, config
        What every node is.
    plan : Plan
        The fault plan that the driver obeys; changed by commands.
    at_once : int
        Operations in flight at once when many nodes are told to do the same.
    sampler_class : type
        The driver's tap while nodes are watched.
    """

    def __init__(
        self,
        driver: Driver,
        protocol_class: type[Any],
        config: Any,
        plan: Plan,
        at_once: int = AT_ONCE,
        sampler_class: type[Sampler] = LossSampler,
    ) -> None:
        self.driver, self.plan, self.at_once = driver, plan, at_once
        self.sampler_class = sampler_class
        self.kinds = {MAIN: Kind(protocol_class, config)}
        self.nodes: dict[str, Node] = {}
        self._waiting: dict[str, dict[Operation[Any], None]] = {}
        self._drivers_link = plan.link

    def do(self, command: str, *args: Any) -> Operation[Any]:
        """Carry out one command; its result, or its error, is the operation's."""
        done: Operation[Any] = Operation(command)
        try:
            value = getattr(self, f"do_{command}")(*args)
        except P2PError as error:
            done.fail(error)
            return done
        if isinstance(value, Operation):
            return value
        done.finish(value)
        return done

    def saw(self, record: Record) -> None:
        """Hear a record of the driver: who waits for a crashed node is told."""
        if isinstance(record.event, Crashed):
            self._give_up(record.node, crash_error(record.node, record.event))

    def do_add(
        self, seats: Iterable[tuple[str, Address, bytes | None, int]]
    ) -> list[tuple[int, Address]]:
        """Construct nodes; return the id and the address of each."""
        return [self._add(*seat) for seat in seats]

    def do_join(
        self, orders: list[tuple[str, list[Address]]]
    ) -> Operation[list[tuple[str, str]]]:
        """Let nodes bootstrap; return the names of those that failed, and why."""
        return self._each(
            (name, partial(self._bootstrap, name, via)) for name, via in orders
        )

    def do_maintain(self, names: list[str]) -> Operation[list[tuple[str, str]]]:
        """Let nodes do one round of repair; return those that failed, and why."""
        return self._each((name, partial(self._maintain, name)) for name in names)

    def do_call(
        self, name: str, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call a public verb of a node."""
        value = self._guarded(
            name, lambda: getattr(self._protocol(name), verb)(*args, **kwargs)
        )
        if isinstance(value, Operation):
            return self._watched(name, value)
        return tuple(value) if isinstance(value, Iterator) else value

    def do_kill(self, name: str) -> bytes | None:
        """End a node abruptly; return what it would find on its disk."""
        saved = self.do_save(name)
        self.nodes[name].kill()
        self._give_up(name, ClusterError(f"{name} was killed"))
        return saved

    def do_stop(self, name: str) -> bytes | None:
        """Let a node say goodbye and end; return what is on its disk."""
        saved = self.do_save(name)
        self.nodes[name].stop()
        self._give_up(name, ClusterError(f"{name} was stopped"))
        return saved

    def do_save(self, name: str) -> bytes | None:
        """Return what a node keeps on disk; None if it is dead."""
        if self.nodes[name].state == "dead":
            return None
        saved: bytes = self._guarded(name, self._protocol(name).save)
        return saved

    def do_pause(self, name: str) -> None:
        """Freeze a node."""
        self.nodes[name].pause()

    def do_resume(self, name: str) -> None:
        """Let a frozen node go on."""
        self.nodes[name].resume()

    def do_look(self, details: bool, names: list[str] | None = None) -> HostLook:
        """Return a snapshot of these nodes, or of all."""
        maker = HostLookMaker()
        for name in self.nodes if names is None else names:
            node = self.nodes[name]
            alive = node.state != "dead"
            inside = node.protocol.inspect() if details and alive else None
            edges = node.protocol.neighbors() if alive else ()
            maker.add(name, str(node.state), edges, node.counters, inside)
        return maker.done()

    def do_counters(self, names: list[str] | None = None) -> list[Counters]:
        """Return the counters of these nodes, or of all."""
        return [self.nodes[one].counters for one in names or self.nodes]

    def do_flush(self) -> None:
        """Do nothing: a host has told everything by the time it answers."""

    def do_plan(self, rules: Iterable[Rule], link: Link | None) -> None:
        """Let these rules hold from the next packet on, and this link behind them.

        Without a link the driver's own is put back.
        """
        self.plan.clear()
        for rule in rules:
            self.plan.add(rule)
        self.plan.link = link or self._drivers_link

    def _add(
        self, name: str, listen: Address, saved: bytes | None, number: int = MAIN
    ) -> tuple[int, Address]:
        kind = self.kinds[number]
        try:
            node = self.driver.add(
                name, kind.protocol_class, listen, config=kind.config, saved=saved
            )
        except P2PError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug in the protocol's class
            raise bug_error(name, error) from None
        self.nodes[name] = node
        return node.me.id, node.me.address

    def _maintain(self, name: str) -> Operation[Any]:
        operation: Operation[Any] = self._protocol(name).maintain()
        return operation

    def _protocol(self, name: str) -> Any:
        node = self.nodes[name]
        if node.state == "dead":
            reason = f"{name} is dead: restart it before you ask it something"
            raise ClusterError(reason)
        return node.protocol

    def _guarded(self, name: str, call: Callable[[], Any]) -> Any:
        """Call into a protocol; a bug in it ends its node and nothing else."""
        try:
            return call()
        except P2PError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug in the protocol's class
            self.nodes[name].crash(error)
            raise bug_error(name, error) from None

    def _watched(self, name: str, operation: Operation[Any]) -> Operation[Any]:
        """Return the operation, failing at once if its node ends before it does."""
        watched: Operation[Any] = Operation(operation.verb, operation.target)
        waiting = self._waiting.setdefault(name, {})
        waiting[watched] = None

        def ended(operation: Operation[Any]) -> None:
            waiting.pop(watched, None)
            if operation.error is not None:
                watched.fail(operation.error)
            else:
                watched.finish(operation.result)

        operation.then(ended)
        return watched

    def _give_up(self, name: str, error: ClusterError) -> None:
        for operation in self._waiting.pop(name, {}):
            operation.fail(error)

    def _each(
        self, calls: Iterable[tuple[str, Callable[[], Operation[Any]]]]
    ) -> Operation[list[tuple[str, str]]]:
        return Batch(self, deque(calls)).all_done


class Batch:
    """The same operation on many nodes, some of them in flight at once."""

    def __init__(
        self,
        population: Population,
        calls: deque[tuple[str, Callable[[], Operation[Any]]]],
    ) -> None:
        self.population, self.calls = population, calls
        self.in_flight, self.starting = 0, False
        self.failures: list[tuple[str, str]] = []
        self.all_done: Operation[list[tuple[str, str]]] = Operation("batch")
        self._go_on()

    def _go_on(self) -> None:
        # Operations that end at once call back from inside `_begin`: the loop below
        # goes on then, and the stack stays flat.
        if self.starting:
            return
        self.starting = True
        while self.calls and self.in_flight < self.population.at_once:
            self.in_flight += 1
            self._begin(*self.calls.popleft())
        self.starting = False
        if not self.calls and not self.in_flight:
            self.all_done.finish(self.failures)

    def _begin(self, name: str, call: Callable[[], Operation[Any]]) -> None:
        def ended(operation: Operation[Any]) -> None:
            self.in_flight -= 1
            if operation.error is not None:
                self.failures.append((name, str(operation.error)))
            self._go_on()

        population = self.population
        try:
            operation = population._guarded(name, call)
        except P2PError as error:
            operation = Operation("batch")
            operation.fail(error)
        population._watched(name, operation).then(ended)


def crash_error(name: str, event: Crashed) -> ClusterError:
    """Return the error for whoever waits for a node that has crashed."""
    return ClusterError(f"{name} crashed: {event.error}\n\n{event.traceback}")


def bug_error(name: str, error: Exception) -> ClusterError:
    """Return the error for whoever called a verb that raised what it must not."""
    lines = traceback.format_exception(error, limit=-20)
    event = Crashed(f"{type(error).__name__}: {error}", "".join(lines))
    return crash_error(name, event)
