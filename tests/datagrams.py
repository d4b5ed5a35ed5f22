"""Datagrams of the DHT: a valid one of every kind, and ways to spoil them."""

from __future__ import annotations

import random

from p2pkit.core import Contact
from p2pkit.core.bencode import bencode
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.items import Item, encode_value, signed_item
from p2pkit.protocols.kademlia.krpc import KrpcCodec

CONTACTS = tuple(Contact(i << 150, (f"127.0.0.{i}", 6881)) for i in range(1, 9))
SIGNED = signed_item(bytes(32), [b"a", {b"b": 1}], 4, b"salt")
READ_BACK = Item(SIGNED.encoded, SIGNED.public, SIGNED.signature, b"", 4)
ANSWERABLE = m.Ping | m.FindNode | m.GetPeers | m.Get | m.SampleInfohashes

VALID = [
    m.Ping(b"aa", 5, False),
    m.FindNode(b"aa", 5, False, 6, (b"n4", b"n6")),
    m.GetPeers(b"aa", 5, True, 6),
    m.AnnouncePeer(b"aa", 5, False, 6, 6881, b"token", True),
    m.Get(b"aa", 5, False, 6, 3),
    m.Put(b"aa", 5, False, Item(encode_value(b"value")), b"token"),
    m.Put(b"aa", 5, False, SIGNED, b"token", 3, 60),
    m.SampleInfohashes(b"aa", 5, False, 6),
    m.Reply(b"aa", 5, CONTACTS, token=b"token", peers=(("127.0.0.1", 1),) * 2),
    m.Reply(b"aa", 5, CONTACTS, token=b"token", item=READ_BACK),
    m.Reply(b"aa", 5, (), sample=m.Sample(60, 2, (1, 2))),
    m.Reply(b"aa", 5, (), seq=4, observed=("127.0.0.1", 1)),
    m.Error(b"aa", 203, "no"),
]
DATAGRAMS = [KrpcCodec.encode(message) for message in VALID]

NASTY = [
    b"", b"d", b"de", b"le", b"i0e", b"0:", b"d1:y1:qe", b"d1:t2:aa1:y1:qe",
    b"l" * 2000, b"d1:a" * 500, b"x" * 65_507, b"9" * 2048 + b":", bytes(1024),
    b"d1:ad2:id20:" + b"a" * 20 + b"1:v" + b"l" * 450 + b"e" * 450
    + b"5:token1:xe1:q3:put1:t2:aa1:y1:qe",
    bencode({b"t": b"aa", b"y": b"r", b"r": {b"id": b"a" * 20, b"nodes": b"a" * 25}}),
    bencode({b"t": b"a" * 1000, b"y": b"q", b"q": b"ping", b"a": {b"id": b"a" * 20}}),
    bencode({b"t": b"aa", b"y": b"e", b"e": []}),
    bencode({b"t": b"aa", b"y": b"e", b"e": [1 << 90, b"x" * 900]}),
]  # fmt: skip


def spoil(data: bytes, rng: random.Random) -> bytes:
    """Return a datagram with a random few things wrong: bits, bytes, lengths, joins."""
    spoiled = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(spoiled) + 1)
        way = rng.randrange(6)
        if way == 0 and spoiled:
            spoiled[at % len(spoiled)] ^= 1 << rng.randrange(8)
        elif way == 1:
            del spoiled[at:]
        elif way == 2:
            del spoiled[at : at + rng.randint(1, 20)]
        elif way == 3:
            spoiled[at:at] = rng.randbytes(rng.randint(1, 20))
        elif way == 4:
            spoiled[at:at] = rng.choice([b"e", b"d", b"l", b"i-1e", b"0:", b"i99999e"])
        else:
            other = rng.choice(DATAGRAMS)
            spoiled[at:] = other[rng.randrange(len(other)) :]
    return bytes(spoiled)
