"""A small ring for model checking: its nodes, and every step that may come next.

What is under way is a set, not a queue: any request may arrive next. Nodes are
`Machine`s, so a state of the whole world is a few numbers and the requests under way,
and taking a step is mostly looking up what it led to before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from p2pkit.classroom.model_node import Machine
from p2pkit.classroom.model_rules import Place, Ring, first_alive, is_ideal
from p2pkit.core import Contact, LocalProtocolError

SETTLE_ROUNDS = 12
"""Rounds of repair in which the first ring has to come into order."""

AWAY, DEAD = -1, -2
"""Instead of the number of a state: has not joined yet, and has failed."""

Step = tuple[str, ...]
"""What happens: a word, and the names of the nodes it happens to."""


class Flight(NamedTuple):
    """A request under way, by the numbers of the nodes."""

    asker: int
    to: int
    request: Any


class World(NamedTuple):
    """A state of everything: of each node by number, and all requests under way."""

    nodes: tuple[int, ...]
    flights: tuple[Flight, ...]
    busy: frozenset[int]  # who joins, or is in a round of repair
    left: int  # joins and failures that may still come


class Moment(NamedTuple):
    """One step of a story, and the ring after it."""

    step: Step
    ring: Ring
    gone: frozenset[str]

    def __str__(self) -> str:
        word, *names = self.step
        return f"{word} {' to '.join(names)}".strip()


class Play:
    """The nodes of a small ring, and what may happen to them."""

    def __init__(
        self, protocol: type[Any], config: Any, layout: str, at_once: int, spares: bool
    ) -> None:
        self.at_once, self.spares, self.spared = at_once, spares, 0
        gap = (1 << config.id_bits) // len(layout)
        self.contacts = [
            Contact(at * gap, (f"127.0.0.{at + 1}", 6881)) for at in range(len(layout))
        ]
        self.names = [f"{letter}{at}" for at, letter in enumerate(layout)]
        self.machines = [
            Machine(protocol, config, me, at)
            for at, me in enumerate(self.contacts, start=1)
        ]
        self.places = {me.address: at for at, me in enumerate(self.contacts)}
        self.by_id = {
            me.id: name for me, name in zip(self.contacts, self.names, strict=True)
        }

    def first_world(self, events: int) -> World:
        """Let the first members join one by one, and the ring come into order."""
        world = World((AWAY,) * len(self.names), (), frozenset(), len(self.names))
        members = [at for at, name in enumerate(self.names) if name[0] != "N"]
        for at in members:
            world = self.settle(self.take(world, ("join", self.names[at])), 3)
        world = self.settle(world, SETTLE_ROUNDS)
        ring = self.ring(world)
        if len(ring) < len(members) or not is_ideal(ring, self.alive(world)):
            reason = f"the first ring did not come into order: {ring}"
            raise LocalProtocolError(reason)
        return world._replace(left=events)

    def settle(self, world: World, rounds: int) -> World:
        """Let every member repair some times, one after the other."""
        for _ in range(rounds):
            for name in self.names:
                world = self._calm(world)
                if ("repair", name) in self.repairs(world):
                    world = self.take(world, ("repair", name))
        return self._calm(world)

    def _calm(self, world: World) -> World:
        while steps := list(self.answers(world)):
            world = self.take(world, steps[0])
        return world

    # --- what may happen ----------------------------------------------------------

    def steps(self, world: World) -> Iterator[Step]:
        """Yield everything that can happen next."""
        yield from self.answers(world)
        if len(world.busy) < self.at_once:
            yield from self.repairs(world)
        if world.left:
            yield from self.events(world)

    def answers(self, world: World) -> Iterator[Step]:
        """Yield exchanges, and time-outs of those who wait for the dead alone."""
        waiting, reachable = set(), set()
        for number, (asker, to, _) in enumerate(world.flights):
            waiting.add(asker)
            if world.nodes[to] >= 0:
                reachable.add(asker)
                yield "exchange", self.names[asker], self.names[to], str(number)
        for asker in sorted(waiting - reachable):
            yield "time-out", self.names[asker]

    def repairs(self, world: World) -> list[Step]:
        """Return the rounds of repair that can begin: of those who wait for nobody."""
        waiting = {one.asker for one in world.flights}
        return [
            ("repair", self.names[at])
            for at, state in enumerate(world.nodes)
            if state >= 0
            and at not in waiting
            and self.machines[at].tables[state].repairs
        ]

    def events(self, world: World) -> Iterator[Step]:
        """Yield the joins and failures that can happen."""
        for at, name in enumerate(self.names):
            if name[0] == "N" and world.nodes[at] == AWAY:
                if len(world.busy) < self.at_once:
                    yield "join", name
            elif name[0] != "S" and world.nodes[at] >= 0:
                if self.spares and self._strands(world, at):
                    self.spared += 1
                else:
                    yield "fail", name

    def _strands(self, world: World, victim: int) -> bool:
        """Return whether a member would know nobody alive after this failure."""
        name = self.names[victim]
        alive = self.alive(world) - {name}
        others = [one for one in self.ring(world) if one.name != name]
        return any(first_alive(one, alive) is None for one in others)

    # --- what then happens --------------------------------------------------------

    def take(self, world: World, step: Step) -> World:
        """Return the world after a step."""
        at = self.names.index(step[1])
        match step[0]:
            case "join":
                first = [i for i, state in enumerate(world.nodes) if state >= 0][:1]
                through = tuple(self.contacts[i].address for i in first)
                busy = world.busy | {at}
                world = world._replace(left=world.left - 1, busy=busy)
                world = self._put(world, at, 0)
                world = self._stir(world, at, "bootstrap", through)
            case "fail":
                flights = tuple(one for one in world.flights if one.asker != at)
                left = world.left - 1
                world = self._put(world._replace(flights=flights, left=left), at, DEAD)
            case "exchange":
                world = self._exchange(world, int(step[3]))
            case "time-out":
                flights = tuple(one for one in world.flights if one.asker != at)
                world = self._stir(world._replace(flights=flights), at, "time-out")
            case "repair":
                world = world._replace(busy=world.busy | {at})
                world = self._stir(world, at, "repair")
        waiting = {one.asker for one in world.flights}
        return world._replace(busy=world.busy & waiting)

    def _exchange(self, world: World, number: int) -> World:
        asker, to, request = world.flights[number]
        flights = world.flights[:number] + world.flights[number + 1 :]
        world = world._replace(flights=flights)
        ours, theirs = self.contacts[asker].address, self.contacts[to].address
        state, sent = self.machines[to].react(world.nodes[to], "receive", ours, request)
        world = self._put(world, to, state)
        answers = [
            one for one in sent if one == (ours, one[1]) and one[1].tid == request.tid
        ]
        world = self._send(world, to, [one for one in sent if one not in answers])
        for _, answer in answers:
            world = self._stir(world, asker, "receive", theirs, answer)
        return world

    def _stir(self, world: World, at: int, *stimulus: Any) -> World:
        state, sent = self.machines[at].react(world.nodes[at], *stimulus)
        return self._send(self._put(world, at, state), at, sent)

    def _put(self, world: World, at: int, state: int) -> World:
        nodes = (*world.nodes[:at], state, *world.nodes[at + 1 :])
        return world._replace(nodes=nodes)

    def _send(self, world: World, asker: int, sent: Any) -> World:
        new = [Flight(asker, self.places[to], message) for to, message in sent]
        # In which order requests came under way does not matter: any may be first.
        flights = sorted([*world.flights, *new], key=_order) if new else world.flights
        return world._replace(flights=tuple(flights))

    # --- what it looks like -------------------------------------------------------

    def alive(self, world: World) -> frozenset[str]:
        """Return the names of the nodes that run."""
        pairs = zip(self.names, world.nodes, strict=True)
        return frozenset(name for name, state in pairs if state >= 0)

    def ring(self, world: World) -> Ring:
        """Return where each member stands; who has no successor is none yet."""
        found = []
        for at, state in enumerate(world.nodes):
            tables = self.machines[at].tables[max(state, 0)]
            if state >= 0 and tables.successors:
                after = tuple(self.by_id[one] for one in tables.successors)
                before = tables.predecessor
                name = None if before is None else self.by_id[before]
                found.append(Place(self.names[at], self.contacts[at].id, after, name))
        return tuple(found)

    def moment(self, step: Step, world: World) -> Moment:
        """Return what a step led to, as a story tells it."""
        pairs = zip(self.names, world.nodes, strict=True)
        gone = frozenset(name for name, state in pairs if state == DEAD)
        return Moment(step[:3], self.ring(world), gone)


def _order(flight: Flight) -> tuple[int, int, bytes]:
    return flight.asker, flight.to, flight.request.tid
