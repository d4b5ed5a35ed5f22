"""Responder: the half of a node that answers queries and asks nothing.

Source: BEP 5 "DHT Queries", BEP 44 "get" and "put", BEP 51; write tokens as in BEP 5.
Read next: ``walk.py``, the half that asks.
"""

from __future__ import annotations

from typing import Any, assert_never

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
        on_ipv6 = ":" in ctx.me.address[0]
        self.family, self.field = (b"n6", "nodes6") if on_ipv6 else (b"n4", "nodes")

    def answer(self, sender: Address, query: Answerable) -> m.Reply | m.Error:
        """Return the answer to one query; an error if it breaks a rule."""
        match query:
            case m.FindNode():
                return self._reply(sender, query, self._nearest(query.target, query))
            case m.Ping():
                return self._reply(sender, query)
            case m.GetPeers():
                return self._on_get_peers(sender, query)
            case m.Get():
                return self._on_get(sender, query)
            case m.AnnouncePeer():
                return self._on_announce_peer(sender, query)
            case m.Put():
                return self._on_put(sender, query)
            case m.SampleInfohashes():
                return self._on_sample(sender, query)
            case m.Unanswerable():
                return m.Error(query.tid, query.code, query.reason)
            case _:
                assert_never(query)

    def _on_get_peers(self, sender: Address, query: m.GetPeers) -> m.Reply:
        now = self.ctx.now()
        # 50 peers of 8 bytes beside 8 nodes keep a reply within 1200 bytes.
        peers = tuple(self.storage.peers_of(query.infohash, now)[:50])
        token = self.tokens.give(sender[0], now)
        nodes = self._nearest(query.infohash, query)
        return self._reply(sender, query, nodes, token=token, peers=peers)

    def _on_announce_peer(
        self, sender: Address, query: m.AnnouncePeer
    ) -> m.Reply | m.Error:
        if not self._may_store(query, sender):
            return m.Error(query.tid, m.PROTOCOL, "bad token")
        port = sender[1] if query.implied_port else query.port
        self.storage.add_peer(query.infohash, (sender[0], port), self.ctx.now())
        return self._reply(sender, query)

    def _on_get(self, sender: Address, query: m.Get) -> m.Reply:
        now = self.ctx.now()
        token = self.tokens.give(sender[0], now)
        nodes = self._nearest(query.target, query)
        held = self.storage.item(query.target, now)
        if held is None:
            return self._reply(sender, query, nodes, token=token)
        item, nodes = held.item, nodes and nodes[:NODES_BESIDE_ITEM]
        if item.public and query.seq is not None and item.seq <= query.seq:
            return self._reply(sender, query, nodes, token=token, seq=item.seq)
        return self._reply(sender, query, nodes, token=token, item=item)

    def _on_put(self, sender: Address, query: m.Put) -> m.Reply | m.Error:
        now = self.ctx.now()
        if not self._may_store(query, sender):
            return m.Error(query.tid, m.PROTOCOL, "bad token")
        code = self.storage.refusal(query.item, query.cas, now)
        if code is not None:
            return m.Error(query.tid, code, m.ERRORS[code])
        self.storage.add_item(query.item, query.age_s, now)
        return self._reply(sender, query)

    def _on_sample(self, sender: Address, query: m.SampleInfohashes) -> m.Reply:
        known = self.storage.infohashes(self.ctx.now())
        count = min(len(known), self.config.max_samples)
        chosen = tuple(self.ctx.rng.sample(known, count))
        sample = m.Sample(int(self.config.sample_s), len(known), chosen)
        nodes = self._nearest(query.target, query)
        return self._reply(sender, query, nodes, sample=sample)

    def _may_store(self, query: m.AnnouncePeer | m.Put, sender: Address) -> bool:
        good = self.tokens.is_good(query.token, sender[0], self.ctx.now())
        return good or not self.config.check_tokens

    def _reply(
        self,
        sender: Address,
        query: Answerable,
        nearest: tuple[Contact, ...] | None = None,
        **fields: Any,
    ) -> m.Reply:
        """Return a reply; contacts stand in the field of our own address family."""
        if nearest is not None:
            fields[self.field] = nearest
        if self.config.bep42:
            fields["observed"] = sender
        return m.Reply(query.tid, self.ctx.me.id, **fields)

    def _nearest(
        self,
        target: int,
        query: m.FindNode | m.GetPeers | m.Get | m.SampleInfohashes,
    ) -> tuple[Contact, ...] | None:
        """Return our k contacts nearest to the target, the asker left out.

        None if only contacts of the other address family are wanted.
        """
        if query.want and self.family not in query.want:
            return None
        asker, k = query.sender_id, self.config.k
        found = [c for c in self.table.closest(target, k) if c.id != asker]
        if len(found) == k - 1:  # perhaps the asker was among them
            found = [c for c in self.table.closest(target, k + 1) if c.id != asker]
        return tuple(found[:k])
