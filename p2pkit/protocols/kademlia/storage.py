"""Storage: the peers and items that a node keeps for others, bounded and expiring.

Publishing and holding are kept apart: an item expires a fixed time after its publisher
put it, however often holders pass it on among themselves.
Source: BEP 5 for peers; BEP 44 for items and for which sequence number may be stored.
"""

from __future__ import annotations

from typing import Any

import msgspec

from p2pkit.core import Address
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.items import Item


class Held(msgspec.Struct):
    """An item we hold: when its publisher put it, and when somebody last stored it."""

    item: Item
    put_s: float
    stored_s: float


class Storage:
    """What one node holds; the oldest goes when a bound is reached."""

    def __init__(self, config: KademliaConfig) -> None:
        self.config = config
        self.items: dict[int, Held] = {}  # by target, least recently stored first
        self.peers: dict[int, dict[Address, float]] = {}  # infohash: peer: when

    def add_peer(self, infohash: int, peer: Address, now: float) -> None:
        """Keep a peer of a torrent."""
        peers = self.peers.pop(infohash, {})
        self.peers[infohash] = peers
        peers.pop(peer, None)
        peers[peer] = now
        if len(peers) > self.config.max_peers:
            del peers[next(iter(peers))]
        if len(self.peers) > self.config.max_keys:
            del self.peers[next(iter(self.peers))]

    def peers_of(self, infohash: int, now: float) -> list[Address]:
        """Return the peers of a torrent, the most recently announced first."""
        oldest = now - self.config.peer_expire_s
        peers = self.peers.get(infohash, {})
        return [peer for peer, at in reversed(peers.items()) if at > oldest]

    def infohashes(self, now: float) -> list[int]:
        """Return the infohashes that peers are known for."""
        oldest = now - self.config.peer_expire_s
        return [
            infohash
            for infohash, peers in self.peers.items()
            if next(reversed(peers.values())) > oldest  # the last to announce
        ]

    def refusal(self, item: Item, cas: int | None, now: float) -> int | None:
        """Return the error code why `item` may not be stored; None if it may."""
        if not item.is_valid():
            return m.BAD_SIGNATURE
        held = self.item(item.target, now)
        if held is None or not item.public:
            return None
        if cas is not None and cas != held.item.seq:
            return m.CAS_MISMATCH
        older = item.seq < held.item.seq
        forked = item.seq == held.item.seq and item.encoded != held.item.encoded
        return m.OLD_SEQ if older or forked else None

    def add_item(self, item: Item, age_s: float, now: float) -> None:
        """Keep an item that its publisher put `age_s` seconds ago.

        Storing the same item again never makes it older: the publisher's own put
        renews it, a copy passed on by a holder brings its age along.
        """
        if age_s >= self.config.item_expire_s:
            return
        held, put_s = self.items.pop(item.target, None), now - age_s
        if held is not None and held.item == item:
            put_s = max(put_s, held.put_s)
        self.items[item.target] = Held(item, put_s, now)
        if len(self.items) > self.config.max_keys:
            del self.items[next(iter(self.items))]

    def item(self, target: int, now: float) -> Held | None:
        """Return what is held under `target` and has not expired."""
        held = self.items.get(target)
        if held is None or now - held.put_s >= self.config.item_expire_s:
            return None
        return held

    def inspect(self, now: float) -> dict[str, Any]:
        """Return the keys of the items, and of each torrent how many peers, as data."""
        items = [target for target in self.items if self.item(target, now)]
        torrents = {key: len(self.peers_of(key, now)) for key in self.infohashes(now)}
        return {"items": items, "peers": torrents}

    def expire(self, now: float) -> None:
        """Let go of what is too old."""
        for target in [t for t in self.items if self.item(t, now) is None]:
            del self.items[target]
        oldest = now - self.config.peer_expire_s
        for infohash, peers in list(self.peers.items()):
            for peer in [peer for peer, at in peers.items() if at <= oldest]:
                del peers[peer]
            if not peers:
                del self.peers[infohash]
