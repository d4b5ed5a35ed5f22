"""Responder: the half of a node that answers queries and asks nothing.

Source: BEP 5 "DHT Queries", BEP 44 "get" and "put", BEP 51; write tokens as in BEP 5.
Read next: ``walk.py``, the half that asks.
"""

from __future__ import annotations

from typing import assert_never

from p2pkit.core import Address, Contact, Context
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.storage import Storage
from p2pkit.protocols.kademlia.table import RoutingTable
from p2pkit.protocols.kademlia.tokens import Tokens

Answerable = (
    m.Ping
    | m.FindNode
    | m.GetPeers
    | m.AnnouncePeer
    | m.Get
    | m.Put
    | m.SampleInfohashes
    | m.Unanswerable
)

NODES_BESIDE_ITEM = 8
"""Contacts named beside an item: with 1000 bytes of value still one Ethernet frame."""


class Responder:
    """Answers queries out of one node's table and storage."""

    def __init__(
        self,
        ctx: Context,
        config: KademliaConfig,
        table: RoutingTable,
        storage: Storage,
    ) -> None:
        self.ctx, self.config, self.table, self.storage = ctx, config, table, storage
        self.tokens = Tokens(ctx.rng, config.token_s)
        self.family = b"n6" if ":" in ctx.me.address[0] else b"n4"

    def answer(self, sender: Address, query: Answerable) -> m.Reply | m.Error:
        """Return the answer to one query; an error if it breaks a rule."""
        observed = sender if self.config.bep42 else None
        me, tid = self.ctx.me.id, query.tid
        match query:
            case m.FindNode():
                nodes = self._nearest(query.target, query)
                return m.Reply(tid, me, nodes, observed=observed)
            case m.Ping():
                return m.Reply(tid, me, observed=observed)
            case m.GetPeers():
                return self._on_get_peers(sender, query)
            case m.Get():
                return self._on_get(sender, query)
            case m.AnnouncePeer():
                return self._on_announce_peer(sender, query)
            case m.Put():
                return self._on_put(sender, query)
            case m.SampleInfohashes():
                return self._on_sample(query)
            case m.Unanswerable():
                return m.Error(tid, query.code, query.reason)
            case _:
                assert_never(query)

    def _on_get_peers(self, sender: Address, query: m.GetPeers) -> m.Reply:
        now = self.ctx.now()
        # 50 peers of 8 bytes beside 8 nodes keep a reply within 1200 bytes.
        peers = tuple(self.storage.peers_of(query.infohash, now)[:50])
        token = self.tokens.give(sender[0], now)
        nodes = self._nearest(query.infohash, query)
        return m.Reply(query.tid, self.ctx.me.id, nodes, token, peers)

    def _on_announce_peer(
        self, sender: Address, query: m.AnnouncePeer
    ) -> m.Reply | m.Error:
        now = self.ctx.now()
        if not self.tokens.is_good(query.token, sender[0], now):
            return m.Error(query.tid, m.PROTOCOL, "bad token")
        port = sender[1] if query.implied_port else query.port
        self.storage.add_peer(query.infohash, (sender[0], port), now)
        return m.Reply(query.tid, self.ctx.me.id)

    def _on_get(self, sender: Address, query: m.Get) -> m.Reply:
        now = self.ctx.now()
        token = self.tokens.give(sender[0], now)
        nodes = self._nearest(query.target, query)
        held = self.storage.item(query.target, now)
        if held is None:
            return m.Reply(query.tid, self.ctx.me.id, nodes, token)
        item, nodes = held.item, nodes[:NODES_BESIDE_ITEM]
        if item.public and query.seq is not None and item.seq <= query.seq:
            return m.Reply(query.tid, self.ctx.me.id, nodes, token, seq=item.seq)
        return m.Reply(query.tid, self.ctx.me.id, nodes, token, item=item)

    def _on_put(self, sender: Address, query: m.Put) -> m.Reply | m.Error:
        now = self.ctx.now()
        if not self.tokens.is_good(query.token, sender[0], now):
            return m.Error(query.tid, m.PROTOCOL, "bad token")
        code = self.storage.refusal(query.item, query.cas, now)
        if code is not None:
            return m.Error(query.tid, code, m.ERRORS[code])
        self.storage.add_item(query.item, query.age_s, now)
        return m.Reply(query.tid, self.ctx.me.id)

    def _on_sample(self, query: m.SampleInfohashes) -> m.Reply:
        known = self.storage.infohashes(self.ctx.now())
        count = min(len(known), self.config.max_samples)
        chosen = tuple(self.ctx.rng.sample(known, count))
        sample = m.Sample(int(self.config.sample_s), len(known), chosen)
        nodes = self._nearest(query.target, query)
        return m.Reply(query.tid, self.ctx.me.id, nodes, sample=sample)

    def _nearest(
        self,
        target: int,
        query: m.FindNode | m.GetPeers | m.Get | m.SampleInfohashes,
    ) -> tuple[Contact, ...]:
        """Return our k contacts nearest to the target, the asker left out."""
        if query.want and self.family not in query.want:
            return ()
        found = self.table.closest(target, self.config.k)
        if any(contact.id == query.sender_id for contact in found):
            found = self.table.closest(target, self.config.k + 1)
            return tuple(c for c in found if c.id != query.sender_id)
        return tuple(found)
