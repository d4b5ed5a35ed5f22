"""Messages of Plumtree: payloads along the tree, announcements beside it.

Source: J. Leitao, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007,
algorithms 1 and 2. Differs: each names its topic, for there is a tree a topic.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Message

NONCE_BYTES = 8
MOST_HOPS = 1_000
MOST_ANNOUNCED = 256

Topic = Annotated[str, Meta(max_length=128)]
MessageId = Annotated[bytes, Meta(min_length=16, max_length=16)]
Hops = Annotated[int, Meta(ge=0, le=MOST_HOPS)]


class Gossip(Message, frozen=True):
    """The payload; `hops` counts the links it has crossed with this one."""

    topic: Topic
    nonce: Annotated[bytes, Meta(max_length=NONCE_BYTES)]
    hops: Hops
    payload: bytes


class IHave(Message, frozen=True):
    """Messages we have, each with the hops it would have at you."""

    topic: Topic
    news: Annotated[
        tuple[tuple[MessageId, Hops], ...],
        Meta(min_length=1, max_length=MOST_ANNOUNCED),
    ]


class Graft(Message, frozen=True):
    """Send me what you hear from now on, and the message I miss, if one is named."""

    topic: Topic
    missing: MessageId | None = None


class Prune(Message, frozen=True):
    """Announce to me what you hear, and do not send it."""

    topic: Topic


class Leave(Message, frozen=True):
    """Neither send nor announce this topic to me: nobody behind me wants it."""

    topic: Topic
