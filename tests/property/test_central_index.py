"""The central index: its wire there and back, its catalog against a dictionary."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols import CentralIndex
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.catalog import Catalog, Entry, words

CODEC, FRAMING = CentralIndex.codec, CentralIndex.framing
TEXT = st.text(st.characters(exclude_characters='"', codec="utf-8"), max_size=60)
NUMBER = st.integers(0, 0xFFFF_FFFF)
BYTE = st.integers(0, 255)
HOST = st.builds(lambda a, b: f"127.{a}.{b}.1", BYTE, BYTE)
ADDRESS = st.tuples(HOST, st.integers(0, 0xFFFF))
MESSAGES: Any = st.one_of(
    st.builds(m.Refusal, TEXT),
    st.builds(m.Login, TEXT, st.integers(0, 0xFFFF), NUMBER),
    st.builds(m.Redirect, ADDRESS),
    st.builds(m.Offer, TEXT, NUMBER),
    st.builds(m.Withdraw, TEXT),
    st.builds(m.Find, TEXT, NUMBER),
    st.builds(m.Found, TEXT, NUMBER, TEXT, ADDRESS, NUMBER),
    st.builds(m.Get, TEXT),
    st.builds(m.Piece, st.binary(max_size=100)),
    st.sampled_from([m.Welcome(), m.FoundAll(), m.Ping()]),
)


@given(st.lists(MESSAGES, max_size=8), st.integers(1, 50))
def test_messages_survive_the_wire_in_whatever_pieces(
    messages: list[Any], size: int
) -> None:
    stream = b"".join(FRAMING.wrap(CODEC.encode(one)) for one in messages)
    buffer, heard = bytearray(), []
    for at in range(0, len(stream), size):
        buffer += stream[at : at + size]
        heard += [CODEC.decode(one) for one in FRAMING.split(buffer)]

    assert heard == messages
    assert not buffer


@given(st.binary(max_size=80))
def test_whatever_comes_is_a_message_or_is_refused(data: bytes) -> None:
    try:
        message = CODEC.decode(data)
    except RemoteProtocolError:
        return
    assert isinstance(message, tuple(kind for kind in m.__dict__.values()
                                     if isinstance(kind, type)))  # fmt: skip


STREAMS = st.sampled_from([("127.0.0.1", port) for port in range(5)])
NAMES = st.sampled_from(["red fish", "blue fish", "red", "one red Fish.txt", "sea"])


class CatalogAgainstADictionary(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.catalog = Catalog(max_peers=4, max_files=3)
        self.truth: dict[Any, dict[str, int]] = {}

    @rule(stream=STREAMS)
    def come(self, stream: Any) -> None:
        if not self.catalog.is_full and stream not in self.truth:
            self.catalog.peers[stream] = Entry("nick", stream, 1)
            self.truth[stream] = {}

    @rule(stream=STREAMS)
    def go(self, stream: Any) -> None:
        gone = self.catalog.drop_peer(stream)
        files = self.truth.pop(stream, None)
        assert (gone is None) == (files is None)
        assert gone is None or gone.files == files

    @rule(stream=STREAMS, name=NAMES, size=NUMBER)
    def share(self, stream: Any, name: str, size: int) -> None:
        files = self.truth.get(stream)
        try:
            self.catalog.list_file(stream, name, size)
        except RemoteProtocolError:
            assert files is None or (len(files) == 3 and name not in files)
        else:
            assert files is not None
            files[name] = size

    @rule(stream=STREAMS, name=NAMES)
    def unshare(self, stream: Any, name: str) -> None:
        if stream in self.truth:
            self.catalog.drop_file(stream, name)
            self.truth[stream].pop(name, None)

    @rule(text=st.sampled_from(["red", "fish", "RED fish", "one", "sea red", "", "?"]))
    def ask(self, text: str) -> None:
        found = {(one.address, one.name) for one in self.catalog.find(text, 100)}
        wanted = words(text)
        assert found == {
            (stream, name)
            for stream, files in self.truth.items()
            for name in files
            if wanted and wanted <= words(name)
        }
        assert len(list(self.catalog.find(text, 2))) == min(2, len(found))

    @invariant()
    def nothing_is_left_of_who_is_gone(self) -> None:
        copies = sum(map(len, self.truth.values()))
        assert self.catalog.files == copies
        if not copies:
            assert not self.catalog._owners
            assert not self.catalog._names


TestCatalog = CatalogAgainstADictionary.TestCase
