"""A quick look at bytes and the protocol's own codec say the same type."""

import random
from typing import Any

import pytest

from p2pkit.core import Contact, Message
from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires import Wire, wire_of
from p2pkit.protocols import PROTOCOLS, CentralIndex, Gnutella, Kademlia, Plumtree, Swim
from p2pkit.protocols.central_index import messages as napster
from p2pkit.protocols.gnutella import messages as gnutella
from p2pkit.protocols.gnutella import qrp_messages
from p2pkit.protocols.gnutella.text import Greeting, Http
from p2pkit.protocols.kademlia import messages as krpc
from p2pkit.protocols.kademlia.items import Item
from p2pkit.protocols.plumtree.messages import Gossip, IHave, Prune
from p2pkit.protocols.swim import messages as swim
from tests.lzw_packer import pack

A = ("127.1.0.1", 6881)
ASK = {"tid": b"aaaa", "sender_id": 7, "read_only": False}
KRPC = [
    krpc.Ping(**ASK),
    krpc.FindNode(**ASK, target=9, want=(b"n4",)),
    krpc.GetPeers(**ASK, infohash=9),
    krpc.AnnouncePeer(**ASK, infohash=9, port=6881, token=b"t"),
    krpc.Get(**ASK, target=9, seq=4),
    krpc.Put(**ASK, item=Item(b"5:hello"), token=b"t"),
    krpc.SampleInfohashes(**ASK, target=9),
    krpc.Ping(tid=b"1:t2:1:y1:qe", sender_id=7, read_only=True),
    krpc.Ping(tid=b"b", sender_id=7, read_only=True),
    krpc.Reply(b"aaaa", 7),
    krpc.Reply(b"aa", 7, (Contact(3, A),), token=b"1:q4:ping1:t", observed=A),
    krpc.Error(b"aa", 203, "no"),
]
MEMBERLIST = [
    swim.Ping(1, "n1", A, "n0"),
    swim.IndirectPing(1, "n1", A),
    swim.Ack(1, b"x"),
    swim.Nack(1),
    swim.Suspect(1, "n1", "n2"),
    swim.Alive(1, "n1", A),
    swim.Dead(1, "n1", "n2"),
    swim.User(b"serf"),
    swim.Compound((swim.Ack(1), swim.Dead(1, "n1", "n2"))),
    swim.PushPull(True, (swim.Entry("n1", A, b"", 1, 0),)),
    swim.Failure("no"),
]
G = {"guid": bytes(range(16))}
GNUTELLA = [
    gnutella.Ping(**G),
    gnutella.Pong(**G, address=A),
    gnutella.Bye(**G),
    gnutella.Push(**G, servent=bytes(16), index=1, address=A),
    gnutella.Query(**G, text="hello world"),
    gnutella.QueryHit(
        **G, address=A, results=(gnutella.Result(1, 2, "x"),), servent=bytes(16)
    ),
    gnutella.Vendor(**G, vendor=b"LIME", selector=1),
    gnutella.Vendor(**G, vendor=b"LIME", selector=1, is_standard=True),
    gnutella.Other(**G, kind=0x77),
    qrp_messages.RouteReset(**G),
    qrp_messages.RoutePatch(
        **G, number=1, pieces=1, packing=0, entry_bits=4, data=b"x"
    ),
    Greeting("GNUTELLA CONNECT/0.6", (("a", "b"),)),
    Http("GET /get/1/x HTTP/1.1"),
    Http("HTTP/1.1 200 OK", (("content-length", "1"),), b"x"),
]
NAPSTER = [
    napster.Refusal("no"),
    napster.Login("me", 6699, 8),
    napster.Welcome(),
    napster.Offer("x.mp3", 7),
    napster.Find("x", 5),
    napster.Found("x.mp3", 7, "me", A, 8),
    napster.FoundAll(),
    napster.Piece(b"data"),
]
KIT = [
    Gossip("topic", b"nonce", 3, b"x" * 500),
    IHave("topic", ((bytes(16), 1),)),
    Prune("topic"),
]
ALL = [
    (Kademlia, KRPC),
    (Swim, MEMBERLIST),
    (Gnutella, GNUTELLA),
    (CentralIndex, NAPSTER),
    (Plumtree, KIT),
]


def by_codec(wire: Wire, data: bytes) -> str:
    return Wire(wire.name, wire.codec).decoded(data)


def names(wire: Wire, pieces: list[bytes]) -> list[str]:
    found = wire.types(Stretches.of(pieces))
    return [found.name(i) for i in range(len(pieces))]


@pytest.mark.parametrize(("protocol", "messages"), ALL)
def test_each_type_of_message_is_known_without_decoding(
    protocol: Any, messages: list[Message]
) -> None:
    pieces = [protocol.codec.encode(one) for one in messages]
    wire = wire_of(protocol)
    assert wire.look is not None

    found = wire.look(Stretches.of(pieces))

    expected = [type(one).__name__ for one in messages]
    assert [found.name(i) for i in range(len(pieces))] == expected
    assert [by_codec(wire, one) for one in pieces] == expected


@pytest.mark.parametrize(("protocol", "messages"), ALL)
def test_bytes_at_random_are_no_message(protocol: Any, messages: list[Message]) -> None:
    rng = random.Random(7)
    pieces = [rng.randbytes(rng.randrange(1, 22)) for _ in range(300)]
    pieces = [one for one in pieces if one[0] > 0x0D and one[0] != 0x7F]
    wire = wire_of(protocol)

    found = names(wire, pieces)

    wrong = [
        (data, name)
        for data, name in zip(pieces, found, strict=True)
        if name != by_codec(wire, data)
    ]
    assert wrong == []
    assert found.count("malformed") > 200


def test_envelopes_of_memberlist_are_opened_by_its_codec() -> None:
    inner = Swim.codec.encode(MEMBERLIST[0])
    compressed = b"\x09\x82\xa4Algo\x00\xa3Buf\xda" + len(pack(inner)).to_bytes(
        2, "big"
    ) + pack(inner)  # fmt: skip

    assert names(wire_of("swim"), [compressed, b"\x09junk"]) == ["Ping", "malformed"]


def test_a_query_of_an_unknown_method_is_unanswerable() -> None:
    data = b"d1:ad2:id20:" + bytes(20) + b"e1:q4:vote1:t2:aa1:y1:qe"

    assert names(wire_of("kademlia"), [data]) == ["Unanswerable"]


def test_a_version_behind_the_transaction_is_stepped_over() -> None:
    data = b"d1:ad2:id20:" + bytes(20) + b"e1:q4:ping1:t2:aa1:v4:LT011:y1:qe"

    assert names(wire_of("kademlia"), [data]) == ["Ping"]


def test_a_class_that_nobody_knows_is_named_by_its_codec() -> None:
    class Own:
        codec = Kademlia.codec
        carrier = "datagram"

        class Codec:
            max_bytes = 10

            def decode(self, data: bytes) -> Any:
                return krpc.Error(b"", 1, "")

    Own.codec = Own.Codec()  # type: ignore[assignment]

    assert names(wire_of(Own), [b"anything"]) == ["Error"]
    assert wire_of(Own).name == "own"


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_of_the_kit_has_a_wire(name: str) -> None:
    wire = wire_of(name)

    assert wire.codec is PROTOCOLS[name].codec  # type: ignore[attr-defined]
    assert wire.look is not None
    is_datagram = PROTOCOLS[name].carrier == "datagram"  # type: ignore[attr-defined]
    assert (wire.framing is None) == is_datagram
