"""The port: how a protocol sees the world, and how a driver sees a protocol.

A protocol decides; a driver does. One call comes in (`NodeProtocol.receive`, a timer
or a public verb), any number of `Context.send`, `Context.after` and `Context.emit`
go out. Calls never overlap, and a driver never delivers from inside `send`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Protocol

from p2pkit.core.address import Address
from p2pkit.core.contact import Contact, Edge
from p2pkit.core.event import Event
from p2pkit.core.message import Codec
from p2pkit.core.operation import Operation

Rng = random.Random
"""A generator of random numbers; a protocol uses those it is given, never its own."""


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Make it not come; calling twice, or too late, does nothing."""
        ...


class Context(Protocol):
    """What a driver gives a node: six things, and nothing else exists.

    `me` is our id and address, `rng` our own generator, seeded by the run.
    """

    me: Contact
    rng: Rng

    def now(self) -> float:
        """Return the seconds since the run began."""
        ...

    def send(self, to: Address, message: Any) -> None:
        """Send one message; a datagram may be lost, a stream must be connected."""
        ...

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call `call` once, `delay_s` seconds from now."""
        ...

    def emit(self, event: Event) -> None:
        """Report an event to whoever watches."""
        ...


class StreamContext(Context, Protocol):
    """What a driver gives a node whose protocol runs on streams."""

    def connect(self, to: Address) -> None:
        """Open a stream; the node hears `on_connected`, or `on_closed` if it fails."""
        ...

    def close(self, to: Address) -> None:
        """Close the stream to a peer; both ends hear `on_closed`."""
        ...


class BothContext(StreamContext, Protocol):
    """What a driver gives a node that has datagrams and streams at one address.

    `send` sends a datagram; what comes on a stream is heard as `receive_stream`.
    """

    def send_stream(self, to: Address, message: Any) -> None:
        """Send one message on the stream to `to`; without one it is dropped."""
        ...


class NodeProtocol(Protocol):
    """What every protocol class offers to drivers.

    `codec` is its wire format, `carrier` is ``"datagram"``, ``"stream"`` or
    ``"both"``, and `Config` the class of its settings. A protocol on streams also has
    ``on_connected(peer)`` and ``on_closed(peer)``, and a `framing`; one on both has
    ``receive_stream(peer, message)`` as well, so that it knows what came on which.
    One that keeps to the links it is given may name a `topology`, such as
    ``"complete"``, for clusters that are made without one.
    """

    codec: ClassVar[Codec]
    carrier: ClassVar[str]
    Config: ClassVar[type[Any]]

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: Any) -> int:
        """Return the id of a new node at `address`."""
        ...

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one message; raise `RemoteProtocolError` to have it counted."""
        ...

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[Any]:
        """Join through addresses known beforehand; none for the first node."""
        ...

    def maintain(self) -> Operation[Any]:
        """Do one round of the periodic repair at once."""
        ...

    def neighbors(self) -> Iterable[Edge]:
        """Yield whom this node knows, for the picture and the oracles."""
        ...

    def inspect(self) -> dict[str, Any]:
        """Return the node's tables as plain data, for oracles and for people."""
        ...

    def save(self) -> bytes:
        """Return what a node keeps on disk, for a restart with its state."""
        ...

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned; called before `bootstrap`."""
        ...

    def stop(self) -> None:
        """Say goodbye where the protocol has a word for it, and cancel the timers."""
        ...
