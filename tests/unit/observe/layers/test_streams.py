"""Streams are cut into messages by scapy's own session as by the kit's framing."""

from __future__ import annotations

import random
import socket
from itertools import pairwise
from typing import Any

import pytest

from p2pkit.core import LengthPrefix
from p2pkit.protocols import CentralIndex, Gnutella, HyParView, Swim
from p2pkit.protocols.central_index import messages as napster
from p2pkit.protocols.gnutella import messages as gnutella
from p2pkit.protocols.gnutella.qrp_messages import RouteReset, patches
from p2pkit.protocols.gnutella.text import Greeting
from p2pkit.protocols.hyparview import messages as hyparview
from p2pkit.protocols.swim import messages as swim

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, TCP
from scapy.packet import Packet
from scapy.sessions import TCPSession
from scapy.supersocket import StreamSocket

from p2pkit.observe.capture.layers.binding import bind, layers_of
from p2pkit.observe.capture.layers.gnutella import GnutellaText
from p2pkit.observe.capture.layers.memberlist import Memberlist
from p2pkit.observe.capture.layers.stream import StreamLayer

PORT, SEED = 6346, 7
HERE = ("127.1.2.3", PORT)
ENTRY = swim.Entry("n01", HERE, b"", 3, 0)
GUID = bytes(range(16))
SAID: dict[Any, list[Any]] = {
    Gnutella: [
        Greeting("GNUTELLA CONNECT/0.6", (("user-agent", "p2pkit"),)),
        Greeting("GNUTELLA/0.6 200 OK"),
        gnutella.Ping(guid=GUID),
        gnutella.Query(guid=GUID, text="a small world", ttl=3),
        gnutella.QueryHit(
            guid=GUID, address=HERE, servent=GUID, trailer=b"P2PK",
            results=(gnutella.Result(1, 5, "a", b"x"), gnutella.Result(2, 6, "b")),
        ),
        RouteReset(guid=GUID),
        *patches(GUID, bytes(1000)),
        gnutella.Bye(guid=GUID, reason="Leaving"),
    ],
    CentralIndex: [
        napster.Login("n01", 6699, 1000), napster.Welcome(),
        napster.Find("world", 7), napster.Piece(b"x" * 2000),
    ],
    Swim: [
        swim.Ping(1, "n01"),
        swim.PushPull(True, (ENTRY,) * 8, b"state"),
        swim.PushPull(False, ()),
        swim.Failure("no"),
    ],
    HyParView: [hyparview.Join(), hyparview.ForwardJoin(HERE, 6), hyparview.Join()],
}  # fmt: skip
STARTS = (StreamLayer, GnutellaText, *Memberlist.kinds.values())
"""The layers that messages begin with."""

SIZES = [7, 100, 1448, 100_000]


def stream_of(protocol_class: Any) -> bytes:
    framing = getattr(protocol_class, "framing", None) or LengthPrefix()
    encode = protocol_class.codec.encode
    return b"".join(framing.start().wrap(encode(one)) for one in SAID[protocol_class])


def segments(data: bytes, most: int) -> list[Packet]:
    """Return the packets of a stream whose segments have random lengths."""
    rng, cuts = random.Random(SEED), [0]
    while cuts[-1] < len(data):
        cuts.append(min(len(data), cuts[-1] + rng.randint(1, most)))
    return [
        IP(bytes(IP(src="127.1.2.3") / TCP(sport=PORT, seq=1 + a) / data[a:b]))
        for a, b in pairwise(cuts)
    ]


def messages(packets: list[Packet]) -> list[bytes]:
    """Return what a session finds; several messages of one segment are stacked."""
    session, found = TCPSession(), []
    for packet in packets:
        whole = session.process(packet)
        if whole is None or TCP not in whole:
            continue
        stacked = [
            bytes(layer)
            for layer in whole[TCP].payload.iterpayloads()
            if isinstance(layer, STARTS)
        ]
        for one, following in pairwise([*stacked, b""]):
            found.append(one[: len(one) - len(following)])
    return found


@pytest.mark.parametrize("most_bytes", SIZES)
@pytest.mark.parametrize("protocol_class", SAID, ids=lambda one: one.__name__)
def test_a_session_finds_every_message(protocol_class: Any, most_bytes: int) -> None:
    framing = getattr(protocol_class, "framing", None) or LengthPrefix()
    encode, data = protocol_class.codec.encode, stream_of(protocol_class)
    wanted = [framing.start().wrap(encode(one)) for one in SAID[protocol_class]]

    with bind([PORT], protocol_class):
        found = messages(segments(data, most_bytes))

    assert b"".join(found) == data
    assert found == wanted


@pytest.mark.parametrize("protocol_class", SAID, ids=lambda one: one.__name__)
def test_a_stream_socket_reads_one_message_after_the_other(protocol_class: Any) -> None:
    data, layer = stream_of(protocol_class), layers_of(protocol_class).stream
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        reader = StreamSocket(ours, layer)
        found = [reader.recv() for _ in SAID[protocol_class]]

    assert b"".join(map(bytes, found)) == data
