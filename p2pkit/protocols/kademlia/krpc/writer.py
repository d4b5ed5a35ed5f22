"""Writing KRPC: each message as the dictionary that BEP 5, 44 and 51 give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from p2pkit.core import LocalProtocolError, Message
from p2pkit.core.bencode import Bencodable, bencode
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.compact import id_bytes, pack_address, pack_node
from p2pkit.protocols.kademlia.items import Item

Fields = dict[bytes, Any]


def write(message: Message) -> bytes:
    """Return the datagram of a message.

    Raises
    ------
    LocalProtocolError
        If it is no message of the DHT.
    """
    whole: Fields
    match message:
        case m.Reply():
            whole = {b"t": message.tid, b"y": b"r", b"r": _reply(message)}
            if message.observed is not None:
                whole[b"ip"] = pack_address(message.observed)
        case m.Error():
            error: list[Bencodable] = [message.code, message.text.encode()]
            whole = {b"t": message.tid, b"y": b"e", b"e": error}
        case _:
            whole = _query(message)
    return bencode(whole)


def _query(message: Any) -> Fields:
    if type(message) not in _METHODS:
        reason = f"{type(message).__name__} is not a message of the DHT"
        raise LocalProtocolError(reason)
    method, arguments_of = _METHODS[type(message)]
    arguments = arguments_of(message)
    arguments[b"id"] = id_bytes(message.sender_id)
    whole = {b"t": message.tid, b"y": b"q", b"q": method, b"a": arguments}
    if message.read_only:
        whole[b"ro"] = 1
    return whole


def _find_node(query: m.FindNode | m.Get | m.SampleInfohashes) -> Fields:
    fields: Fields = {b"target": id_bytes(query.target)}
    return fields | {b"want": list(query.want)} if query.want else fields


def _get_peers(query: m.GetPeers) -> Fields:
    fields: Fields = {b"info_hash": id_bytes(query.infohash)}
    return fields | {b"want": list(query.want)} if query.want else fields


def _announce_peer(query: m.AnnouncePeer) -> Fields:
    return {
        b"info_hash": id_bytes(query.infohash),
        b"port": query.port,
        b"token": query.token,
        b"implied_port": int(query.implied_port),
    }


def _get(query: m.Get) -> Fields:
    fields = _find_node(query)
    return fields if query.seq is None else fields | {b"seq": query.seq}


def _put(query: m.Put) -> Fields:
    fields = _item(query.item) | {b"token": query.token}
    if query.item.salt:
        fields[b"salt"] = query.item.salt
    if query.cas is not None:
        fields[b"cas"] = query.cas
    if query.age_s:
        fields[b"age"] = query.age_s
    return fields


def _item(item: Item) -> Fields:
    fields: Fields = {b"v": item.value}
    if item.public:
        fields |= {b"k": item.public, b"sig": item.signature, b"seq": item.seq}
    return fields


_METHODS: dict[type, tuple[bytes, Callable[[Any], Fields]]] = {
    m.Ping: (b"ping", lambda _: {}),
    m.FindNode: (b"find_node", _find_node),
    m.GetPeers: (b"get_peers", _get_peers),
    m.AnnouncePeer: (b"announce_peer", _announce_peer),
    m.Get: (b"get", _get),
    m.Put: (b"put", _put),
    m.SampleInfohashes: (b"sample_infohashes", _find_node),
}


def _reply(reply: m.Reply) -> Fields:
    fields: Fields = {b"id": id_bytes(reply.sender_id)}
    if reply.nodes is not None:
        fields[b"nodes"] = b"".join([pack_node(one) for one in reply.nodes])
    if reply.nodes6 is not None:
        fields[b"nodes6"] = b"".join([pack_node(one) for one in reply.nodes6])
    if reply.token:
        fields[b"token"] = reply.token
    if reply.peers:
        fields[b"values"] = [pack_address(peer) for peer in reply.peers]
    if reply.item is not None:
        fields |= _item(reply.item)
    elif reply.seq is not None:
        fields[b"seq"] = reply.seq
    if reply.sample is not None:
        fields[b"interval"] = reply.sample.interval_s
        fields[b"num"] = reply.sample.num
        fields[b"samples"] = b"".join(map(id_bytes, reply.sample.infohashes))
    return fields
