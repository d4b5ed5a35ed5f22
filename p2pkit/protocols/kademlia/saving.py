"""Saving: what a node keeps on disk, bencoded, so that a restart is not a rebirth.

Contacts are kept as addresses to join through, not as table entries: after a restart
each has to answer again before it is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.core.bencode import bdecode, bencode
from p2pkit.protocols.kademlia.compact import pack_address, unpack_address
from p2pkit.protocols.kademlia.items import Item

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.dht import Kademlia


def save(node: Kademlia) -> bytes:
    """Return the contacts, the items held with their ages, and the items published."""
    now = node.ctx.now()
    contacts = [pack_address(entry.contact.address) for entry in node.peers.table]
    held = [
        [int(now - held.put_s), _fields(held.item)]
        for held in node.storage.items.values()
    ]
    published = [_fields(item) for item in node.replication.published.values()]
    return bencode({b"contacts": contacts, b"held": held, b"published": published})


def restore(node: Kademlia, saved: bytes) -> None:
    """Give a new node what `save` returned.

    Raises
    ------
    LocalProtocolError
        If the bytes are not what `save` makes.
    """
    now = node.ctx.now()
    try:
        state = bdecode(saved)
        node.remembered = [unpack_address(raw) for raw in state[b"contacts"]]
        for age_s, fields in state[b"held"]:
            node.storage.add_item(_item(fields), age_s, now)
        for fields in state[b"published"]:
            node.replication.publish(_item(fields))
    except (RemoteProtocolError, KeyError, TypeError, ValueError) as error:
        reason = (
            f"the saved state of {node.ctx.me} is damaged: restart it without state"
        )
        raise LocalProtocolError(reason) from error


def _fields(item: Item) -> list[Any]:
    return [item.encoded, item.public, item.signature, item.salt, item.seq]


def _item(fields: list[Any]) -> Item:
    return Item(*fields)
