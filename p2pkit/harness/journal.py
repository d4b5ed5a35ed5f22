"""Journals: every message of a run as its driver saw it. Checks judge by nothing else.

What nodes say of themselves may be wrong, or a lie; what they sent and were given is
noted by the driver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from p2pkit.core import Address, Node, Sighting, format_address
from p2pkit.observe.flights import Flight, pair

SHOWN_BYTES = 24
"""Text in a message up to which all of it is written out."""

Way = Literal["sent", "heard", "lost"]


class Entry(NamedTuple):
    """One message as one end of it saw it.

    `at_s` are seconds of the run, `node` and `peer` names, `message` the decoded value,
    or None where it was lost, and `data` its bytes.
    """

    at_s: float
    node: str
    peer: str
    way: Way
    message: Any
    data: bytes

    def __str__(self) -> str:
        arrow = {"sent": "->", "heard": "<-", "lost": "-x"}[self.way]
        said = shown(self.message) if self.way != "lost" else "lost"
        return f"T={self.at_s:.3f} {self.node} {arrow} {self.peer}: {said}"


class Journal:
    """A tap that keeps all it is told, as long as that is not too much.

    Parameters
    ----------
    names : dict of Address to str
        Who is where; may grow.
    now : callable
        The run's clock, in seconds.
    most : int
        Messages sent, from which on the run is cut short.
    """

    sends, hears = True, True

    def __init__(
        self, names: dict[Address, str], now: Callable[[], float], most: int
    ) -> None:
        self.names, self.now, self.most = names, now, most
        self.entries: list[Entry] = []
        self.messages_sent = 0
        self.is_endless = False  # timers rang without end; set by who runs it

    @property
    def is_full(self) -> bool:
        """Whether more messages were sent than allowed."""
        return self.messages_sent > self.most

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Note a message that a node sent."""
        self.messages_sent += 1
        self._note(node, to, "sent", message, data)

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Note a message that a node was given."""
        self._note(node, sender, "heard", message, data)

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Note a message that got lost at a node."""
        self._note(node, peer, "lost", None, data)

    def name_of(self, address: Address) -> str:
        """Return the name of the node at an address."""
        return self.names.get(address) or format_address(address)

    def of(self, way: Way, kind: type[Any] | None = None) -> Iterator[Entry]:
        """Yield what was sent, or heard, in order; of one class of messages, or all."""
        for entry in self.entries:
            if entry.way == way and (kind is None or type(entry.message) is kind):
                yield entry

    def count(self, way: Way, kind: type[Any] | None = None) -> int:
        """Return how many messages were sent, or heard."""
        return sum(1 for _ in self.of(way, kind))

    def counts(self) -> dict[str, int]:
        """Return how many messages of each class were sent."""
        kinds = Counter(type(entry.message).__name__ for entry in self.of("sent"))
        return dict(sorted(kinds.items()))

    def bytes_sent(self) -> int:
        """Return the payload bytes of all that was sent."""
        return sum(len(entry.data) for entry in self.of("sent"))

    def first_heard(self, kind: type[Any]) -> dict[str, Entry]:
        """Return, by node, the first message of a class that it was given."""
        first: dict[str, Entry] = {}
        for entry in self.of("heard", kind):
            first.setdefault(entry.node, entry)
        return first

    def flights(self) -> list[Flight]:
        """Return the messages with both their ends, for a space-time diagram."""
        back = {name: address for address, name in self.names.items()}
        sightings = [
            Sighting(
                one.at_s, one.node, back.get(one.peer, (one.peer, 0)), one.way,
                type(one.message).__name__ if one.message is not None else "",
                one.data, "lost" if one.way == "lost" else "",
            )
            for one in self.entries
        ]  # fmt: skip
        return pair(sightings, self.name_of)

    def _note(
        self, node: Node, peer: Address, way: Way, message: Any, data: bytes
    ) -> None:
        if self.is_full:
            return
        name = self.name_of(peer)
        self.entries.append(Entry(self.now(), node.name, name, way, message, data))


def shown(message: Any) -> str:
    """Return a message as a reader sees it: ids as hex, cut where they are long."""
    if message is None:
        return "nothing"
    fields = (
        f"{name}={_field(getattr(message, name))}"
        for name in getattr(message, "__struct_fields__", ())
    )
    return f"{type(message).__name__}({', '.join(fields)})"


def _field(value: Any) -> str:
    if isinstance(value, bytes):
        is_text = value.isascii() and len(value) <= SHOWN_BYTES
        return repr(value) if is_text else value.hex()[:8]
    if isinstance(value, (list, tuple)):
        shown_items = ", ".join(_field(one) for one in value[:4])
        return f"[{shown_items}{', ...' if len(value) > 4 else ''}]"
    return repr(value)
