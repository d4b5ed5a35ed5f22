"""Snapshots: every node's neighbors and counters at one moment.

A snapshot of a running cluster is taken host by host, so its nodes are a few
milliseconds apart; in virtual time they are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from p2pkit.core import Address, Counters, Edge, Tally

ALIVE, PAUSED, DEAD = "alive", "paused", "dead"
"""The states of a node: running; stopped but holding all it knows; gone."""


class NodeSnapshot(msgspec.Struct, frozen=True, gc=False):
    """One node as it was.

    Parameters
    ----------
    name : str
        Such as ``n07``.
    id : int
        Its node id.
    address : Address
        Where it listens.
    state : str
        ``alive``, ``paused`` or ``dead``.
    edges : tuple of Edge
        Its neighbors; empty for a dead node.
    counters : Counters
        What it sent, received and refused so far.
    details : dict or None
        What the protocol's ``inspect()`` returned, where details were asked for.
    """

    name: str
    id: int
    address: Address
    state: str
    edges: tuple[Edge, ...]
    counters: Counters
    details: dict[str, Any] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the node takes part in the overlay now."""
        return self.state == ALIVE


class Snapshot(msgspec.Struct, frozen=True):
    """All nodes of a cluster, in order of their names.

    Parameters
    ----------
    at_s : float
        When it was taken, in seconds of the run.
    nodes : tuple of NodeSnapshot
        The nodes, dead ones too.
    """

    at_s: float
    nodes: tuple[NodeSnapshot, ...]

    @property
    def alive(self) -> tuple[NodeSnapshot, ...]:
        """The nodes that are alive, in order."""
        return tuple(node for node in self.nodes if node.state == ALIVE)

    def totals(self) -> Counters:
        """Return the counters of all nodes added up."""
        return total(node.counters for node in self.nodes)


def total(counters: Iterable[Counters]) -> Counters:
    """Add up counters, name by name; the order of names is that of first sight."""
    whole = Counters()
    for one in counters:
        _add_tallies(whole.sent, one.sent)
        _add_tallies(whole.received, one.received)
        _add_counts(whole.rejected, one.rejected)
        _add_counts(whole.dropped, one.dropped)
        whole.events += one.events
    return whole


def _add_tallies(whole: dict[str, Tally], part: dict[str, Tally]) -> None:
    for name, tally in part.items():
        mine = whole.setdefault(name, Tally())
        mine.messages += tally.messages
        mine.payload_bytes += tally.payload_bytes


def _add_counts(whole: dict[str, int], part: dict[str, int]) -> None:
    for name, count in part.items():
        whole[name] = whole.get(name, 0) + count
