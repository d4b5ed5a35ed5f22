"""Account: what a node tells of its views, to people, to oracles and to its disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from p2pkit.core import Address, Contact, Edge, LocalProtocolError
from p2pkit.protocols.hyparview.messages import PeerAddress

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView

NO_ID = 0
"""In place of the id of a peer: the protocol tells peers apart by address."""


def neighbors(node: HyParView) -> Iterator[Edge]:
    """Yield the peers of both views."""
    views = (("active", node.views.active), ("passive", node.views.passive))
    for kind, view in views:
        for peer in view:
            yield Edge(kind, Contact(NO_ID, peer))


def inspect(node: HyParView) -> dict[str, Any]:
    """Return both views, and what is under way."""
    return {
        "active": list(node.views.active),
        "passive": list(node.views.passive),
        "links": list(node.links),
        "asked": list(node.repair.asked),
        "lost": list(node.healing.lost),
        "sizes": (node.config.active, node.config.passive),
    }


def save(node: HyParView) -> bytes:
    """Return the peers of both views as JSON."""
    return msgspec.json.encode([*node.views.active, *node.views.passive])


def restore(node: HyParView, saved: bytes) -> list[Address]:
    """Return the peers that `save` wrote down.

    Raises
    ------
    LocalProtocolError
        If the bytes are not what `save` makes.
    """
    try:
        peers: list[Address] = msgspec.json.decode(saved, type=list[PeerAddress])
    except msgspec.MsgspecError as error:
        reason = f"the saved peers of {node.ctx.me} are damaged: restart it without"
        raise LocalProtocolError(reason) from error
    return peers
