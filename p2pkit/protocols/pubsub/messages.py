"""Messages of publish and subscribe, on a framing of our own.

Source: the libp2p specifications of floodsub and gossipsub 1.0 and 1.1, which put the
same into one protobuf frame.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Hello, Message, MsgpackCodec

NONCE_BYTES = 8
MAX_BYTES = 1 << 17
"""A payload of 64 KiB with its head, or 5000 ids of 16 bytes."""

Topic = Annotated[str, Meta(max_length=128)]
Topics = Annotated[tuple[Topic, ...], Meta(max_length=256)]
MessageId = Annotated[bytes, Meta(min_length=16, max_length=16)]
MessageIds = Annotated[tuple[MessageId, ...], Meta(max_length=5_000)]


class Subscriptions(Message, frozen=True):
    """Topics the sender subscribes to from now on, and those it does not any more."""

    add: Topics = ()
    remove: Topics = ()


class Publish(Message, frozen=True):
    """A message on a topic; `hops` counts the links it has crossed with this one."""

    topic: Topic
    nonce: Annotated[bytes, Meta(max_length=NONCE_BYTES)]
    hops: Annotated[int, Meta(ge=1, le=1_000)]
    payload: bytes


class Graft(Message, frozen=True):
    """You are in my mesh for this topic."""

    topic: Topic


class Prune(Message, frozen=True):
    """You are not, and need not ask again for so many seconds."""

    topic: Topic
    backoff_s: Annotated[float, Meta(ge=0.0, le=3600.0)]


class IHave(Message, frozen=True):
    """Messages of a topic that I have."""

    topic: Topic
    ids: MessageIds


class IWant(Message, frozen=True):
    """Send me these."""

    ids: MessageIds


FLOODED = MsgpackCodec(Hello, Subscriptions, Publish, max_bytes=MAX_BYTES)
MESHED = MsgpackCodec(
    Hello, Subscriptions, Publish, Graft, Prune, IHave, IWant, max_bytes=MAX_BYTES
)
