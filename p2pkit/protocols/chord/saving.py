"""Saving: what a node keeps on disk, so that a restart is not a rebirth.

Peers are kept as addresses to join through: the ring has changed meanwhile, so none of
them is put into a table. Values come back as copies, which find their owners again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import LocalProtocolError

if TYPE_CHECKING:
    from p2pkit.protocols.chord.dht import Chord


class Saved(msgspec.Struct, array_like=True):
    """What is kept: addresses, and for each position its keys, versions and values."""

    known: list[tuple[str, int]]
    items: list[list[tuple[bytes, int, bytes]]]


def save(node: Chord) -> bytes:
    """Return addresses that we know and all values that we hold."""
    own = node.ctx.me.address
    known = {edge.to.address: None for edge in node.neighbors()}
    known.pop(own, None)
    items = [
        [
            (node.ring.pack(key), item.version, item.value)
            for key, item in one.storage.items.items()
        ]
        for one in node.positions
    ]
    return msgspec.msgpack.encode(Saved(list(known), items))


def restore(node: Chord, saved: bytes) -> None:
    """Give a new node what `save` returned.

    Raises
    ------
    LocalProtocolError
        If the bytes are not what `save` makes.
    """
    now = node.ctx.now()
    try:
        state = msgspec.msgpack.decode(saved, type=Saved)
    except msgspec.MsgspecError as error:
        reason = (
            f"the saved state of {node.ctx.me} is damaged: restart it without state"
        )
        raise LocalProtocolError(reason) from error
    node.members.known = state.known
    for position, items in zip(node.positions, state.items, strict=False):
        for raw, version, value in items:
            key = int.from_bytes(raw, "big") & node.ring.mask
            position.storage.take(key, value, version, now)
