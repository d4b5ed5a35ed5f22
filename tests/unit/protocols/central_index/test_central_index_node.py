"""One node of the central index, with the test as everybody it meets."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit.core import (
    Address,
    LocalProtocolError,
    PeerUnreachable,
    RemoteProtocolError,
    RequestTimeout,
)
from p2pkit.protocols import CentralIndex
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.downloads import Source
from tests.recorder import Recorder

INDEX, PEER = ("127.0.0.2", 6699), ("127.0.0.3", 6699)


class Streams(Recorder):
    """A recorder with streams: what was dialed, and what was closed."""

    def __init__(self) -> None:
        super().__init__(codec=CentralIndex.codec)
        self.dialed: list[Address] = []
        self.closed: list[Address] = []

    def connect(self, to: Address) -> None:
        self.dialed.append(to)

    def close(self, to: Address) -> None:
        self.closed.append(to)


def index(**settings: Any) -> tuple[Streams, CentralIndex]:
    ctx = Streams()
    node = CentralIndex(ctx, CentralIndex.Config.of(**settings))
    node.bootstrap([])
    return ctx, node


def peer() -> tuple[Streams, CentralIndex]:
    """Return a peer that an index has just welcomed."""
    ctx = Streams()
    node = CentralIndex(ctx)
    operation = node.bootstrap([INDEX])
    node.on_connected(INDEX)
    assert ctx.take(m.Login)[1].port == 6881
    node.receive(INDEX, m.Welcome())
    assert operation.result == 1
    return ctx, node


def test_streams_that_say_nothing_are_let_go() -> None:
    ctx, node = index()
    for port in range(500):
        node.on_connected(("127.0.0.9", port))

    ctx.advance(100)

    assert len(ctx.closed) == 500
    ctx.take_all(m.Ping)
    node.stop()
    assert ctx.timers == 0


def test_who_is_not_listed_may_not_ask_or_offer() -> None:
    _, node = index()
    node.on_connected(PEER)

    for message in (m.Find("x", 1), m.Offer("x", 1), m.Withdraw("x")):
        with pytest.raises(RemoteProtocolError, match="not logged in"):
            node.receive(PEER, message)


def test_a_peer_speaks_for_its_own_host_alone() -> None:
    ctx, node = index()
    node.on_connected(PEER)
    node.receive(PEER, m.Login("127.0.0.77:1", 1234, 0))
    ctx.take(m.Welcome)
    node.receive(PEER, m.Offer("a file", 3))

    assert node.search("file").result[0].address == ("127.0.0.3", 1234)


def test_a_late_answer_does_not_answer_the_next_question() -> None:
    ctx, node = peer()
    first = node.search("first")
    ctx.advance(5)
    second = node.search("second")
    ctx.take_all(m.Find)

    node.receive(INDEX, m.Found("first", 1, "n", PEER, 1))
    node.receive(INDEX, m.FoundAll())
    assert isinstance(first.error, RequestTimeout)
    assert not second.done

    node.receive(INDEX, m.FoundAll())
    assert second.result == []


def test_answers_to_no_question_are_refused() -> None:
    _, node = peer()

    for message in (m.Found("x", 1, "n", PEER, 1), m.FoundAll(), m.Welcome()):
        with pytest.raises(RemoteProtocolError):
            node.receive(INDEX, message)


def test_a_file_that_is_longer_than_the_index_said_is_not_kept() -> None:
    ctx, node = peer()
    download = node.fetch(Source("a", 10, "n", PEER))
    node.on_connected(PEER)
    assert ctx.take(m.Get)[1].name == "a"

    with pytest.raises(RemoteProtocolError, match="longer"):
        node.receive(PEER, m.Piece(b"x" * 11))

    assert isinstance(download.error, PeerUnreachable)
    assert ctx.closed == [PEER]


def test_a_peer_names_its_index_to_who_takes_it_for_one() -> None:
    ctx, node = peer()
    stranger = ("127.0.0.9", 5000)
    node.on_connected(stranger)
    node.receive(stranger, m.Login("stranger", 1, 0))

    assert ctx.take(m.Redirect) == (stranger, m.Redirect(INDEX))
    ctx.advance(10)
    assert ctx.closed == [stranger]


def test_redirects_that_go_round_in_circles_come_to_an_end() -> None:
    ctx = Streams()
    node = CentralIndex(ctx)
    operation = node.bootstrap([INDEX])
    for here, there in ((INDEX, PEER), (PEER, INDEX)):
        node.on_connected(here)
        node.receive(here, m.Redirect(there))

    assert isinstance(operation.error, PeerUnreachable)
    assert ctx.dialed == [INDEX, PEER]
    assert len(ctx.take_all(m.Login)) == 2


def test_names_that_cannot_be_listed_are_refused_at_home() -> None:
    _, node = peer()

    for name in ("", "?!", "x" * 300, 'a "b"'):
        with pytest.raises(LocalProtocolError, match="no name"):
            node.share(name)


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        (m.Refusal("no"), b'\x00\x00"no"'),
        (m.Login("ann", 6699, 56), b'\x02\x00"ann" "" 6699 "p2pkit" 56'),
        (m.Welcome(), b"\x03\x00"),
        (m.Offer("a b.txt", 7), b'\x64\x00"a b.txt" 7'),
        (m.Withdraw("a b.txt"), b'\x66\x00"a b.txt"'),
        (
            m.Find("a b", 100),
            b'\xc8\x00FILENAME CONTAINS "a b" MAX_RESULTS 100',
        ),
        (
            m.Found("a", 7, "ann", ("127.0.0.3", 1), 56),
            b'\xc9\x00"a" 7 "ann" 50331775 1 56',
        ),
        (m.FoundAll(), b"\xca\x00"),
        (m.Ping(), b"\xee\x02"),
        (m.Redirect(("127.0.0.3", 1)), b"\x21\x4e50331775 1"),
        (m.Get("a"), b'\x22\x4e"a"'),
        (m.Piece(b"\0x"), b"\x23\x4e\0x"),
    ],
)
def test_each_message_has_these_bytes(message: Any, payload: bytes) -> None:
    codec, framing = CentralIndex.codec, CentralIndex.framing

    assert codec.encode(message) == payload
    assert codec.decode(payload) == message
    assert framing.wrap(payload)[:2] == (len(payload) - 2).to_bytes(2, "little")
