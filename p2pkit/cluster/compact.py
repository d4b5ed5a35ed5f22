"""Snapshots on their way from a host: every contact once, edges as numbers.

A thousand nodes know each other in ninety thousand edges. As pickled structs those
are ten megabytes and a second; as below half a megabyte and a tenth of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import msgspec

from p2pkit.core import Address, Contact, Counters, Edge
from p2pkit.observe import NodeSnapshot


class Look(msgspec.Struct, array_like=True):
    """One node; `edges` are numbers in the tables of its `HostLook`."""

    name: str
    state: str
    edges: bytes
    counters: Counters
    details: dict[str, Any] | None = None


class HostLook(msgspec.Struct, array_like=True):
    """The nodes of one host, with one table of all edges they share."""

    contacts: list[tuple[bytes, str, int]]
    kinds: list[str]
    edges: bytes
    looks: list[Look]


class HostLookMaker:
    """Collects nodes into a `HostLook`."""

    def __init__(self) -> None:
        self._contacts: dict[Contact, int] = {}
        self._kinds: dict[str, int] = {}
        self._edges: dict[tuple[int, int], int] = {}
        self._looks: list[Look] = []

    def add(
        self,
        name: str,
        state: str,
        edges: Iterable[Edge],
        counters: Counters,
        details: dict[str, Any] | None,
    ) -> None:
        """Add one node."""
        numbers = array("I", (self._number(edge) for edge in edges)).tobytes()
        self._looks.append(Look(name, state, numbers, counters, details))

    def done(self) -> HostLook:
        """Return all that was added."""
        contacts = [(_id_bytes(one.id), *one.address) for one in self._contacts]
        edges = array("I", (number for edge in self._edges for number in edge))
        return HostLook(contacts, list(self._kinds), edges.tobytes(), self._looks)

    def _number(self, edge: Edge) -> int:
        contact = self._contacts.setdefault(edge.to, len(self._contacts))
        kind = self._kinds.setdefault(edge.kind, len(self._kinds))
        return self._edges.setdefault((kind, contact), len(self._edges))


def unfold(
    look: HostLook, places: dict[str, tuple[int, Address]]
) -> dict[str, NodeSnapshot]:
    """Return the nodes of a host, by name.

    Parameters
    ----------
    look : HostLook
        What the host sent.
    places : dict
        Id and address of every node of ours, by name.
    """
    contacts = [
        Contact(int.from_bytes(number, "big"), (host, port))
        for number, host, port in look.contacts
    ]
    flat = array("I")
    flat.frombytes(look.edges)
    edges = [
        Edge(look.kinds[kind], contacts[contact])
        for kind, contact in zip(flat[::2], flat[1::2], strict=True)
    ]
    return {one.name: _node(one, edges, *places[one.name]) for one in look.looks}


def _node(look: Look, edges: list[Edge], number: int, address: Address) -> NodeSnapshot:
    mine = array("I")
    mine.frombytes(look.edges)
    return NodeSnapshot(
        name=look.name,
        id=number,
        address=address,
        state=look.state,
        edges=tuple([edges[one] for one in mine]),
        counters=look.counters,
        details=look.details,
    )


def _id_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
