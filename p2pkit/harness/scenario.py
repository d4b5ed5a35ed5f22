"""Scenarios: who is there, linked how, what is done to them, and what goes wrong.

A scenario is data. `play` runs it in virtual time, `play_on_sockets` on the loopback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from p2pkit.core import Address, Settings
from p2pkit.core.topologies import Links
from p2pkit.faults import Constant, Link

LATENCY_S = 0.01
FIRST_PORT = 7000


@dataclass(frozen=True)
class NodeAt:
    """Stands for the address of node `number` among the arguments of a verb."""

    number: int


@dataclass(frozen=True)
class Act:
    """A verb that is called at a node.

    Parameters
    ----------
    at_s : float
        When, in seconds of the run.
    node : int
        At which node.
    verb : str
        Which verb.
    args : tuple
        Its arguments; a `NodeAt` becomes that node's address.
    """

    at_s: float
    node: int
    verb: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Cut:
    """Nodes fall into groups that do not hear each other, for a while.

    Parameters
    ----------
    from_s, until_s : float
        When, in seconds of the run.
    groups : tuple of tuple of int
        The parts, by numbers of nodes.
    """

    from_s: float
    until_s: float
    groups: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Fate:
    """What becomes of a node: it is killed, paused, resumed or started again.

    Parameters
    ----------
    at_s : float
        When, in seconds of the run.
    node : int
        Which node.
    what : {"kill", "stop", "pause", "resume", "start"}
        What happens; who is started again begins with nothing.
    """

    at_s: float
    node: int
    what: str


@dataclass(frozen=True)
class Scenario:
    """One run, before it is run.

    Parameters
    ----------
    nodes : int
        How many; they are called ``n00``, ``n01`` and so on.
    seed : int
        Starts all chance of the run.
    config : Settings
        Settings of all nodes.
    links : list of (int, int), optional
        Who is told of whom when a node starts; all of all if not given.
    joins : mapping of int to tuple of int, optional
        Instead of links: through whom each node joins.
    starts_s : mapping of int to float, optional
        When nodes start that are not there from the beginning.
    acts, cuts, fates : tuple
        What is done, in any order.
    lasts_s : float
        Seconds of the run.
    link : Link
        What packets cross.
    most_messages : int
        A run that sends more is cut short.
    subnet : int
        Second number of all addresses, 127.`subnet`.x.y, from 1 to 254. A run must not
        depend on it.
    ids : tuple of int
        What nodes have as ``ctx.me.id``, by number; their numbers if not given.
    places : tuple of (int, int)
        The last two numbers of each node's address, where it matters who shares a /24.
        On sockets all nodes are ports of one address.
    others : mapping of int to type
        Nodes that run another class than the one under examination.
    """

    nodes: int
    seed: int
    config: Settings
    links: Links | None = None
    joins: dict[int, tuple[int, ...]] | None = None
    starts_s: dict[int, float] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    cuts: tuple[Cut, ...] = ()
    fates: tuple[Fate, ...] = ()
    lasts_s: float = 30.0
    link: Link = field(default_factory=lambda: Link(latency=Constant(LATENCY_S)))
    most_messages: int = 200_000
    subnet: int = 1
    ids: tuple[int, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    others: Mapping[int, type[Any]] = field(default_factory=dict)

    def but(self, **changes: Any) -> Scenario:
        """Return the same scenario with some changes."""
        return replace(self, **changes)

    def name(self, node: int) -> str:
        """Return the name of a node."""
        return f"n{node:0{len(str(self.nodes - 1))}d}"

    def address(self, node: int) -> Address:
        """Return where a node is, in virtual time."""
        net, machine = self.places[node] if self.places else divmod(node, 256)
        return f"127.{self.subnet}.{net}.{machine}", FIRST_PORT

    def node_id(self, node: int) -> int:
        """Return the id of a node."""
        return self.ids[node] if self.ids else node

    def known_by(self, node: int) -> tuple[int, ...]:
        """Return whom a node is told of when it starts, by number."""
        if self.joins is not None:
            return self.joins.get(node, ())
        if self.links is None:
            return tuple(one for one in range(self.nodes) if one != node)
        ends = [b if a == node else a for a, b in self.links if node in (a, b)]
        return tuple(sorted(set(ends)))
