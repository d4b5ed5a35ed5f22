"""Taps: each message as a node sent it, heard it, or lost it, for whoever watches.

A driver has an attribute `tap`. While that is None, watching costs one test a message.
A tap is called inside a node's turn: it notes what it needs and returns at once. It
never changes a message, draws a random number or raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from p2pkit.core.address import Address

if TYPE_CHECKING:
    from p2pkit.core.driver import Node

Way = Literal["sent", "heard", "lost"]
"""What befell a message at the end that saw it."""


class Sighting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One message as one end saw it.

    Parameters
    ----------
    at_s : float
        When, in seconds of the run.
    node : str
        Name of the node that saw it.
    peer : Address
        The other end: who it went to, or came from.
    way : {"sent", "heard", "lost"}
        Whether it left this node, arrived at it, or was lost here.
    kind : str
        Name of the message's class; empty where the bytes were never decoded.
    data : bytes
        The payload as it was on the wire.
    reason : str
        Why it was lost; empty otherwise.
    """

    at_s: float
    node: str
    peer: Address
    way: Way
    kind: str
    data: bytes
    reason: str = ""


class Tap(Protocol):
    """What a driver tells, inside the node's turn, of each message.

    Attributes
    ----------
    sends, hears : bool
        Whether `sent` and `heard` are called. A driver asks before each message, so
        a tap that has seen enough for now costs a flood of messages next to nothing.
    """

    sends: bool
    hears: bool

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Hear that a node has sent a message; it may still be lost."""
        ...

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Hear that a message arrived and was decoded; its node hears it next."""
        ...

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Hear that a message got lost at this node, on its way to or from `peer`."""
        ...
