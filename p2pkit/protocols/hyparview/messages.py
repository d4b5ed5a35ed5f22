"""Messages of HyParView: joining, linking, leaving, and shuffling spare peers.

A stream's first message is `core.Hello`, which says where its opener listens; so none
of these needs to name its sender.
Source: the paper's algorithm 1, and sections 4.3 (`Neighbor`) and 4.4 (`Shuffle`).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Hello, Message, MsgpackCodec

MAX_BYTES = 1 << 17
"""A payload of 64 KiB with its head; `max_payload_bytes` sets the finer bound."""

PeerAddress = tuple[
    Annotated[str, Meta(max_length=45)], Annotated[int, Meta(ge=1, le=65_535)]
]
Peers = Annotated[tuple[PeerAddress, ...], Meta(max_length=129)]


class Join(Message, frozen=True):
    """Let me in."""


class ForwardJoin(Message, frozen=True):
    """A newcomer on its random walk: who takes it when `ttl` is 0 links to it."""

    newcomer: PeerAddress
    ttl: Annotated[int, Meta(ge=0)]


class Neighbor(Message, frozen=True):
    """Be my neighbor; `urgent` cannot be refused, for I have nobody else."""

    urgent: bool


class NeighborReply(Message, frozen=True):
    """The answer to `Join` and `Neighbor`."""

    accepted: bool


class Disconnect(Message, frozen=True):
    """You are no neighbor of mine any more, but a spare one: I had to make room."""


class Shuffle(Message, frozen=True):
    """Peers that `origin` offers to whomever the walk ends at, itself first."""

    origin: PeerAddress
    ttl: Annotated[int, Meta(ge=0)]
    offer: Peers


class ShuffleReply(Message, frozen=True):
    """As many peers in return."""

    offer: Peers


def codec_with(*news: type[Message]) -> MsgpackCodec:
    """Return the codec of a membership that also carries these messages."""
    return MsgpackCodec(
        Hello, Join, ForwardJoin, Neighbor, NeighborReply, Disconnect, Shuffle,
        ShuffleReply, *news, max_bytes=MAX_BYTES,
    )  # fmt: skip
