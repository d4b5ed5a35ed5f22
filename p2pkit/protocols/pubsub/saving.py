"""Saving: what a router keeps on disk: its topics, and the neighbors to link to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Address, LocalProtocolError

if TYPE_CHECKING:
    from p2pkit.protocols.pubsub.node import PubSub


class Saved(msgspec.Struct, frozen=True):
    """What is kept."""

    topics: list[str]
    neighbors: list[Address]


def save(node: PubSub) -> bytes:
    """Return the node's topics and neighbors as JSON."""
    return msgspec.json.encode(Saved([*node.topics.ours], node.dialing.contacts))


def restore(node: PubSub, saved: bytes) -> None:
    """Give a new node what `save` returned.

    Raises
    ------
    LocalProtocolError
        If the bytes are not what `save` makes.
    """
    try:
        state = msgspec.json.decode(saved, type=Saved)
    except msgspec.MsgspecError as error:
        reason = f"the saved state of {node.ctx.me} is damaged: restart it without"
        raise LocalProtocolError(reason) from error
    for topic in state.topics:
        node.subscribe(topic)
    node.dialing.remembered = state.neighbors
