"""Messages: what peers and their index tell each other. Their bytes: ``wire.py``.

Source: the OpenNap project's description of Napster's protocol (drscholl, 2000). The
numbers and the order of fields are Napster's; left out are passwords, chat, bit rates
and checksums. `Redirect`, `Get` and `Piece` are our own: Napster had another server for
the first, and another stream without frames for files.
"""

from __future__ import annotations

from p2pkit.core import Address, Message


class Refusal(Message, frozen=True, gc=False):
    """No, and why."""

    reason: str


class Login(Message, frozen=True, gc=False):
    """A peer wants to be listed; it listens at `port` of the host it comes from."""

    nick: str
    port: int
    link_kbit: int


class Welcome(Message, frozen=True, gc=False):
    """It is listed."""


class Redirect(Message, frozen=True, gc=False):
    """We are no index; there is one at `address`."""

    address: Address


class Offer(Message, frozen=True, gc=False):
    """The peer has a file."""

    name: str
    size_bytes: int


class Withdraw(Message, frozen=True, gc=False):
    """It has it no more."""

    name: str


class Find(Message, frozen=True, gc=False):
    """A question: who has files whose names have all these words."""

    text: str
    most: int


class Found(Message, frozen=True, gc=False):
    """One file of one peer, in answer to the oldest open `Find` of this stream."""

    name: str
    size_bytes: int
    nick: str
    address: Address
    link_kbit: int


class FoundAll(Message, frozen=True, gc=False):
    """That was all."""


class Ping(Message, frozen=True, gc=False):
    """A sign of life; a peer answers with the same."""


class Get(Message, frozen=True, gc=False):
    """From peer to peer: send the file of this name."""

    name: str


class Piece(Message, frozen=True, gc=False):
    """A part of the file; the last one is shorter than `wire.PIECE_BYTES`."""

    data: bytes
