"""Reading KRPC: everything a stranger may send is checked here, once.

Lengths, ranges and types are checked; unknown fields are ignored. A query that breaks
a rule becomes `Unanswerable`, for its sender deserves an error; whatever else is
malformed raises `RemoteProtocolError`, whose few reasons drivers count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from p2pkit.core import Message
from p2pkit.core.bencode import bdecode
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.compact import NODE6_BYTES, NODE_BYTES, unpack_address
from p2pkit.protocols.kademlia.krpc.fields import (
    Fields,
    Refused,
    read_bytes,
    read_contacts,
    read_dictionary,
    read_id,
    read_item,
    read_number,
    read_peers,
    read_sample,
    read_want,
)

MAX_BYTES = 4096
"""Longest datagram read: twice what is valid, so too long a value gets an error."""

MAX_TID_BYTES = 32
"""Longest transaction id repeated; most implementations use 2 or 4 bytes."""


def read(data: bytes) -> Message:
    """Return the message in a datagram.

    Raises
    ------
    RemoteProtocolError
        If the datagram is too long, not bencoded, or no KRPC message.
    """
    if len(data) > MAX_BYTES:
        raise Refused("datagram too long")
    whole = bdecode(data)
    if type(whole) is not dict:
        raise Refused("not a dictionary")
    tid, kind = whole.get(b"t"), whole.get(b"y")
    if type(tid) is not bytes or len(tid) > MAX_TID_BYTES:
        raise Refused("no transaction id")
    if kind == b"q":
        return _query(tid, whole)
    if kind == b"r":
        return _reply(tid, read_dictionary(whole, b"r"), whole.get(b"ip"))
    if kind == b"e":
        return _error(tid, whole.get(b"e"))
    raise Refused("neither query, reply nor error")


def _query(tid: bytes, whole: Fields) -> Message:
    method = whole.get(b"q")
    try:
        if type(method) is not bytes:
            raise Refused("no method")
        read_query = _METHODS.get(method)
        if read_query is None:
            raise Refused("unknown method", m.UNKNOWN_METHOD)
        fields = read_dictionary(whole, b"a")
        return read_query(tid, read_id(fields, b"id"), fields, whole.get(b"ro") == 1)
    except Refused as refused:
        return m.Unanswerable(tid, 0, True, refused.code, refused.reason)


def _ping(tid: bytes, sender: int, _: Fields, read_only: bool) -> Message:
    return m.Ping(tid, sender, read_only)


def _find_node(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    return m.FindNode(tid, sender, read_only, read_id(a, b"target"), read_want(a))


def _get_peers(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    return m.GetPeers(tid, sender, read_only, read_id(a, b"info_hash"), read_want(a))


def _announce_peer(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    implied = bool(read_number(a, b"implied_port", 0))
    port = read_number(a, b"port", 0 if implied else -1)
    if not implied and not 0 < port <= 0xFFFF:
        raise Refused("port out of range")
    infohash, token = read_id(a, b"info_hash"), read_bytes(a, b"token")
    return m.AnnouncePeer(tid, sender, read_only, infohash, port, token, implied)


def _get(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    seq = read_number(a, b"seq") if b"seq" in a else None
    return m.Get(tid, sender, read_only, read_id(a, b"target"), seq, read_want(a))


def _put(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    cas = read_number(a, b"cas") if b"cas" in a else None
    age = max(0, read_number(a, b"age", 0))
    if b"v" not in a:
        raise Refused("no value")
    token = read_bytes(a, b"token")
    return m.Put(tid, sender, read_only, read_item(a), token, cas, age)


def _sample(tid: bytes, sender: int, a: Fields, read_only: bool) -> Message:
    target = read_id(a, b"target")
    return m.SampleInfohashes(tid, sender, read_only, target, read_want(a))


_METHODS: dict[bytes, Callable[[bytes, int, Fields, bool], Message]] = {
    b"ping": _ping,
    b"find_node": _find_node,
    b"get_peers": _get_peers,
    b"announce_peer": _announce_peer,
    b"get": _get,
    b"put": _put,
    b"sample_infohashes": _sample,
}


def _reply(tid: bytes, r: Fields, ip: Any) -> Message:
    item = read_item(r) if b"v" in r else None
    return m.Reply(
        tid,
        read_id(r, b"id"),
        read_contacts(r, b"nodes", NODE_BYTES) if b"nodes" in r else None,
        read_bytes(r, b"token", b""),
        read_peers(r) if b"values" in r else (),
        item,
        read_number(r, b"seq") if item is None and b"seq" in r else None,
        read_sample(r) if b"samples" in r else None,
        unpack_address(ip) if type(ip) is bytes and len(ip) in (6, 18) else None,
        read_contacts(r, b"nodes6", NODE6_BYTES) if b"nodes6" in r else None,
    )


def _error(tid: bytes, error: Any) -> Message:
    match error:
        case [int(code), bytes(text), *_]:
            return m.Error(tid, code, text[:200].decode(errors="replace"))
    raise Refused("error without code and text")
