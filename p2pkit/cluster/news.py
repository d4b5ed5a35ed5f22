"""News: what changed at a host's nodes, on its way to whoever makes frames of it.

Contacts stand in one table and edges are numbers, so that the ninety thousand edges of
a thousand nodes travel in half a megabyte.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

import msgspec

from p2pkit.core import Address, Contact, Edge, Sighting


class NodeNews(msgspec.Struct, array_like=True):
    """One node: whether it is a new one of that name, its role, and its totals."""

    name: str
    is_fresh: bool
    role: str
    sent: int
    sent_bytes: int
    received: int
    received_bytes: int


class MarkNews(msgspec.Struct, array_like=True):
    """One message of the sample; `ok` and `took_s` are filled in as they show."""

    source: str
    to: Address
    kind: str
    at_s: float
    size_bytes: int
    took_s: float = 0.0
    ok: bool = True


class News(msgspec.Struct, array_like=True):
    """What changed since the news before.

    `linked` and `unlinked` are triples of numbers: a node of `nodes`, a kind of
    `kinds`, a contact of `contacts`.
    """

    nodes: list[NodeNews] = []
    contacts: list[tuple[bytes, str, int]] = []
    kinds: list[str] = []
    linked: bytes = b""
    unlinked: bytes = b""
    marks: list[MarkNews] = []
    let_go: int = 0
    sightings: list[Sighting] = []

    def edges(self, flat: bytes) -> Iterator[tuple[str, str, Contact]]:
        """Yield the name, the kind and the contact of each triple in `flat`."""
        contacts = [
            Contact(int.from_bytes(number, "big"), (host, port))
            for number, host, port in self.contacts
        ]
        numbers = array("I")
        numbers.frombytes(flat)
        for node, kind, contact in zip(
            numbers[::3], numbers[1::3], numbers[2::3], strict=True
        ):
            yield self.nodes[node].name, self.kinds[kind], contacts[contact]


class NewsMaker:
    """Collects what changed into `News`."""

    def __init__(self) -> None:
        self._nodes: list[NodeNews] = []
        self._contacts: dict[Contact, int] = {}
        self._kinds: dict[str, int] = {}
        self._linked, self._unlinked = array("I"), array("I")

    def add(
        self, node: NodeNews, linked: Iterable[Edge], unlinked: Iterable[Edge]
    ) -> None:
        """Add one node, and the edges from it that came and went."""
        number = len(self._nodes)
        self._nodes.append(node)
        for flat, edges in ((self._linked, linked), (self._unlinked, unlinked)):
            for edge in edges:
                kind = self._kinds.setdefault(edge.kind, len(self._kinds))
                contact = self._contacts.setdefault(edge.to, len(self._contacts))
                flat.extend((number, kind, contact))

    def done(
        self, marks: list[MarkNews], let_go: int, sightings: list[Sighting]
    ) -> News | None:
        """Return all that was added; None if nothing was."""
        if not (self._nodes or marks or let_go or sightings):
            return None
        contacts = [(_id_bytes(one.id), *one.address) for one in self._contacts]
        return News(
            self._nodes,
            contacts,
            list(self._kinds),
            self._linked.tobytes(),
            self._unlinked.tobytes(),
            marks,
            let_go,
            sightings,
        )


def _id_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(News).decode
