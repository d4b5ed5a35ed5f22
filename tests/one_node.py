"""One Kademlia node with the test as everybody it meets; all of it over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from p2pkit.core import Address, Contact
from p2pkit.protocols import Kademlia, KademliaConfig
from p2pkit.protocols.kademlia import messages as m
from tests.recorder import Recorder

OWN = 1 << 159
"""The node's id: the first of the upper half, so that near ids are OWN + small."""

CODEC = Kademlia.codec


def peer(node_id: int, host: int = 0) -> Contact:
    """Return a contact at a host of its own, made of its id unless told."""
    number = host or 2 + node_id % 60_000
    return Contact(node_id, (f"127.9.{number >> 8}.{number & 255}", 6881))


def peers(ids: Iterable[int]) -> list[Contact]:
    """Return contacts of these ids, each at a host of its own."""
    return [peer(node_id) for node_id in ids]


class OneNode:
    """A Kademlia node, its recorder, and what a peer may do to it."""

    def __init__(self, recorders: Callable[..., Recorder], **settings: Any) -> None:
        self.ctx = recorders(OWN, codec=CODEC)
        self.node = Kademlia(self.ctx, KademliaConfig.of(**settings))
        self.table = self.node.peers.table

    def hear(self, sender: Address, message: Any) -> None:
        """Receive a message as it comes off the wire."""
        self.node.receive(sender, CODEC.decode(CODEC.encode(message)))

    def ask(self, sender: Contact, kind: type, *fields: Any, **named: Any) -> Any:
        """Ask the node as a read-only peer would; return its answer."""
        self.hear(sender.address, kind(b"aa", sender.id, True, *fields, **named))
        to, answer = self.ctx.take((m.Reply, m.Error))
        assert to == sender.address
        return answer

    def reply(self, sender: Contact, query: Any, **fields: Any) -> None:
        """Answer a query of the node's as `sender`."""
        self.hear(sender.address, m.Reply(query.tid, sender.id, **fields))

    def know(self, *contacts: Contact) -> None:
        """Have contacts answer a ping of the node's, one after the other."""
        for contact in contacts:
            self.node.peers.ask(
                contact, self.node.peers.ping, lambda _: None, lambda: None
            )
            _, query = self.ctx.take(m.Ping)
            self.reply(contact, query)

    def known(self) -> list[int]:
        """Return the ids in the table, bucket by bucket."""
        return [entry.contact.id for entry in self.table]

    def silence(self) -> None:
        """Let everything that is under way come to nothing."""
        self.ctx.advance(self.node.config.timeout_s + 0.1)
        self.ctx.take_all()
