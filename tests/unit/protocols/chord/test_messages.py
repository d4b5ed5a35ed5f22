"""The wire of Chord is pinned: every tag, and a sample of each message."""

import hashlib

import pytest

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols import Chord, ChordConfig
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.ring import positions_at
from p2pkit.protocols.chord.wire import MAX_BYTES, MAX_VALUE_BYTES, Peer

HEAD, REQUEST = (b"aa", b"\x64"), (b"aa", b"\x64", b"\x01")
PEER = Peer(b"\x05", bytes([127, 0, 0, 1]), 6881)

SAMPLES = [
    m.Ping(*REQUEST),
    m.FindSuccessor(*REQUEST, b"\x07"),
    m.GetLinks(*REQUEST),
    m.Notify(*REQUEST),
    m.Displaced(*REQUEST),
    m.Leave(*REQUEST),
    m.Relay(*REQUEST, b"\x07", PEER, b"rrrr", (b"\x01",)),
    m.Store(*REQUEST, b"\x07", b"value", 3),
    m.Fetch(*REQUEST, b"\x07"),
    m.Offer(*REQUEST, ((b"\x07", 3),)),
    m.Done(*HEAD, 3),
    m.Nearer(*HEAD, (PEER,), ()),
    m.Links(*HEAD, None, (PEER,)),
    m.Routed(*HEAD, (PEER,), (b"\x01",)),
    m.Held(*HEAD, b"value", 3),
    m.Missing(*HEAD, (b"\x07",)),
    m.Refused(*HEAD, 1),
]
PING = "84a474797065a450696e67a3746964c4026161a973656e6465725f6964c40164a2746fc40101"
DIGEST = "18a4f2653cf8358456b456e111b7d9da21265996"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: type(one).__name__)
def test_every_message_comes_back_as_it_went(sample):
    assert Chord.codec.decode(Chord.codec.encode(sample)) == sample


def test_no_message_looks_otherwise_than_it_did():
    encoded = b"".join(Chord.codec.encode(sample) for sample in SAMPLES)

    assert Chord.codec.encode(SAMPLES[0]).hex() == PING
    assert hashlib.sha1(encoded).hexdigest() == DIGEST


def test_the_longest_messages_fit_their_bound():
    far = Peer(b"i" * 20, b"h" * 16, 65535)
    longest = [
        m.Nearer(b"t" * 4, b"i" * 20, (far,) * 10, (far,) * 20),
        m.Links(b"t" * 4, b"i" * 20, far, (far,) * 20),
        m.Routed(b"t" * 4, b"i" * 20, (far,) * 20, (b"i" * 20,) * 20),
        m.Store(
            b"t" * 4, b"i" * 20, b"i" * 20, b"k" * 20, b"v" * MAX_VALUE_BYTES, 2**63 - 1
        ),
        m.Offer(b"t" * 4, b"i" * 20, b"i" * 20, ((b"k" * 20, 2**63 - 1),) * 24),
    ]

    sizes = {type(one).__name__: len(Chord.codec.encode(one)) for one in longest}

    assert max(sizes.values()) <= MAX_BYTES, sizes


@pytest.mark.parametrize(
    "nonsense",
    [
        m.Ping(b"", b"\x64", b"\x01"),
        m.Ping(b"a" * 9, b"\x64", b"\x01"),
        m.FindSuccessor(*REQUEST, b"k" * 21),
        m.Nearer(*HEAD, (PEER,) * 21, ()),
        m.Store(*REQUEST, b"\x07", b"v", -1),
        m.Offer(*REQUEST, ((b"\x07", 3),) * 25),
        m.Links(*HEAD, Peer(b"\x05", b"127", 6881), ()),
        m.Links(*HEAD, Peer(b"\x05", bytes(4), 0), ()),
    ],
    ids=repr,
)
def test_what_is_out_of_bounds_does_not_decode(nonsense):
    with pytest.raises(RemoteProtocolError, match="not one of our messages"):
        Chord.codec.decode(Chord.codec.encode(nonsense))


def test_an_id_is_the_first_bits_of_the_hash_of_the_address():
    address = ("127.0.0.1", 6881)
    digest = int(hashlib.sha1(b"127.0.0.1:6881").hexdigest(), 16)
    second = int(hashlib.sha1(b"127.0.0.1:6881/1").hexdigest(), 16)

    assert Chord.choose_id(None, address) == digest
    assert positions_at(address, 2, 160) == (digest, second)
    assert positions_at(address, 2, 12) == (digest >> 148, second >> 148)


def test_settings_have_bounds():
    outside = {"id_bits": 2, "successors": 21, "virtual_nodes": 65, "lookup": "x"}
    for name, value in outside.items():
        with pytest.raises(LocalProtocolError, match="does not take that"):
            ChordConfig.of(**{name: value})
