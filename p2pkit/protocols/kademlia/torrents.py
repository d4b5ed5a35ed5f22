"""Torrents: who has the file with this infohash.

Source: BEP 5, get_peers and announce_peer; BEP 51, sample_infohashes.
Read next: ``upkeep.py``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Address, Contact, Id, Operation, PeerUnreachable
from p2pkit.protocols.kademlia.messages import (
    AnnouncePeer,
    GetPeers,
    Query,
    Reply,
    SampleInfohashes,
)
from p2pkit.protocols.kademlia.walk import NotStored, Walk

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.node import KademliaNode


class Torrents:
    """Announcements and searches of one node."""

    def __init__(self, node: KademliaNode) -> None:
        self.node = node

    def announce(self, infohash: int, port: int, operation: Operation[int]) -> None:
        """Walk to an infohash and tell the k nearest nodes that we have the torrent."""
        node, me = self.node, self.node.ctx.me

        def query(tid: bytes, token: bytes) -> Query:
            read_only = node.config.read_only
            return AnnouncePeer(tid, me.id, read_only, infohash, port, token)

        def end(walk: Walk) -> None:
            operation.steps = walk.lookup.steps()
            near, we_hold = walk.holders()
            # Whoever listens everywhere does not know where others reach it.
            we_hold = we_hold and me.address[0] not in ("0.0.0.0", "::")
            if we_hold:
                now = node.ctx.now()
                node.storage.add_peer(infohash, (me.address[0], port), now)
            walk.store(near, query, partial(stored, we_hold))

        def stored(we_hold: bool, taken: int) -> None:
            if taken or we_hold:
                operation.finish(taken + we_hold)
            else:
                operation.fail(NotStored(infohash))

        Walk(node, infohash, partial(self._query, infohash=infohash), end).start()

    def get_peers(self, infohash: int, operation: Operation[list[Address]]) -> None:
        """Walk to an infohash and collect the peers that the nodes there know."""
        held = self.node.storage.peers_of(infohash, self.node.ctx.now())
        peers = dict.fromkeys(held)

        def take(reply: Reply) -> bool:
            peers.update(dict.fromkeys(reply.peers))
            return False

        def end(walk: Walk) -> None:
            operation.steps = walk.lookup.steps()
            operation.finish(list(peers))

        query = partial(self._query, infohash=infohash)
        Walk(self.node, infohash, query, end, take).start()

    def sample(self, contact: Contact, operation: Operation[list[Id]]) -> None:
        """Ask one peer for some of the infohashes that it keeps peers of."""
        me, read_only = self.node.ctx.me.id, self.node.config.read_only

        def took(reply: Reply) -> None:
            infohashes = reply.sample.infohashes if reply.sample else ()
            operation.finish([Id(infohash) for infohash in infohashes])

        def failed() -> None:
            reason = (
                f"{contact} gave no sample of its infohashes: it may not know BEP 51"
            )
            operation.fail(PeerUnreachable(reason))

        def query(tid: bytes) -> Query:
            return SampleInfohashes(tid, me, read_only, contact.id)

        self.node.peers.ask(contact, query, took, failed)

    def _query(self, tid: bytes, infohash: int) -> Query:
        return GetPeers(tid, self.node.ctx.me.id, self.node.config.read_only, infohash)
