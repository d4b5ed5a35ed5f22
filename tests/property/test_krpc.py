"""Messages there and back, and whatever else may arrive."""

import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pkit.core import Contact, Message, RemoteProtocolError
from p2pkit.core.bencode import bdecode, bencode
from p2pkit.faults import Constant, Link, Plan
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.items import Item
from p2pkit.protocols.kademlia.krpc import KrpcCodec
from p2pkit.sim import Simulation
from tests.datagrams import (
    ANSWERABLE,
    CONTACTS,
    DATAGRAMS,
    NASTY,
    READ_BACK,
    VALID,
    spoil,
)
from tests.one_node import OneNode, peers
from tests.recorder import Recorder

SEED = 7

tids = st.binary(max_size=32)
ids = st.integers(0, (1 << 160) - 1)
ports = st.integers(0, 65_535)
ipv4 = st.tuples(st.ip_addresses(v=4).map(str), ports)
ipv6 = st.tuples(st.ip_addresses(v=6).map(str), ports)
contacts = st.lists(st.builds(Contact, ids, ipv4), max_size=8).map(tuple)
contacts6 = st.lists(st.builds(Contact, ids, ipv6), max_size=8).map(tuple)
numbers = st.integers(-(1 << 63), (1 << 63) - 1)
wants = st.lists(st.sampled_from([b"n4", b"n6"]), max_size=4).map(tuple)
values = st.recursive(
    st.binary(max_size=50) | numbers,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.binary(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
).map(bencode)
immutable = st.builds(Item, values)
mutable = st.builds(
    Item,
    values,
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=64, max_size=64),
    st.binary(max_size=64),
    numbers,
)
unsalted = mutable.map(
    lambda item: Item(item.encoded, item.public, item.signature, b"", item.seq)
)
common = (tids, ids, st.booleans())
tokens = st.binary(max_size=40)
samples = st.builds(m.Sample, numbers, numbers, st.lists(ids, max_size=9).map(tuple))
messages = st.one_of(
    st.builds(m.Ping, *common),
    st.builds(m.FindNode, *common, ids, wants),
    st.builds(m.GetPeers, *common, ids, wants),
    st.builds(
        m.AnnouncePeer, *common, ids, st.integers(1, 65_535), tokens, st.booleans()
    ),
    st.builds(m.Get, *common, ids, st.none() | numbers, wants),
    st.builds(
        m.Put, *common, immutable | mutable, tokens, st.none() | numbers,
        st.integers(0, 7200),
    ),
    st.builds(m.SampleInfohashes, *common, ids, wants),
    st.builds(
        m.Reply, tids, ids, nodes=st.none() | contacts, token=tokens,
        nodes6=st.none() | contacts6, peers=st.lists(ipv4 | ipv6).map(tuple),
        item=st.none() | immutable | unsalted, sample=st.none() | samples,
        observed=st.none() | ipv4 | ipv6,
    ),
    st.builds(m.Error, tids, numbers, st.text(max_size=50)),
)  # fmt: skip


@given(messages)
def test_what_is_sent_is_what_arrives(message: Message) -> None:
    assert KrpcCodec.decode(KrpcCodec.encode(message)) == message


@given(messages)
def test_every_message_has_exactly_one_encoding(message: Message) -> None:
    data = KrpcCodec.encode(message)

    assert KrpcCodec.encode(KrpcCodec.decode(data)) == data
    assert bencode(bdecode(data)) == data


@pytest.mark.parametrize("number", range(len(VALID)))
def test_a_sample_of_each_kind_is_read_as_what_it_was(number: int) -> None:
    assert KrpcCodec.decode(DATAGRAMS[number]) == VALID[number]


def test_there_is_a_sample_of_every_kind_of_message() -> None:
    kinds = {type(message) for message in VALID}

    assert kinds == {
        m.Ping, m.FindNode, m.GetPeers, m.AnnouncePeer, m.Get, m.Put,
        m.SampleInfohashes, m.Reply, m.Error,
    }  # fmt: skip


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_message_or_counted(data: bytes) -> None:
    read_or_refused(data)


@given(st.sampled_from(DATAGRAMS), st.randoms(use_true_random=False))
def test_a_spoiled_message_is_a_message_or_counted(data, rng) -> None:
    read_or_refused(spoil(data, rng))


@given(values, st.sampled_from([b"q", b"r", b"e"]))
def test_any_dictionary_in_the_right_places_is_a_message_or_counted(
    value, kind
) -> None:
    for inner in (value, b"d2:id20:" + b"a" * 20 + b"e"):
        data = b"d1:a%s1:e%s1:q4:ping1:r%s1:t2:aa1:y1:%se" % (inner, inner, inner, kind)
        read_or_refused(data)


def read_or_refused(data: bytes) -> Message | None:
    try:
        message = KrpcCodec.decode(data)
    except RemoteProtocolError:
        return None
    if not isinstance(message, m.Unanswerable):
        KrpcCodec.encode(message)  # what we could read we could pass on
    return message


def is_bad(data: bytes) -> bool:
    """Tell whether a stranger that waits for nothing may not send this."""
    message = read_or_refused(data)
    return not isinstance(message, ANSWERABLE)


def test_ten_thousand_spoiled_datagrams_crash_nothing_and_are_counted() -> None:
    rng = random.Random(SEED)
    sim = Simulation(seed=SEED, faults=Plan(link=Link(latency=Constant(0.01))))
    node = sim.add("n00", Kademlia, ("127.0.0.1", 6881))
    sent = [*NASTY, *(spoil(rng.choice(DATAGRAMS), rng) for _ in range(10_000))]

    for number, data in enumerate(sent):
        source = (f"127.5.{number >> 8}.{number & 255}", 6881)
        sim.scheduler.deliver_at(number * 0.001, node.me.address, source, data)
    sim.advance(60)

    bad = sum(is_bad(data) for data in sent)
    assert node.state == "alive", f"seed {SEED}"
    assert bad > 5000, f"seed {SEED}"
    assert sum(node.counters.rejected.values()) == bad, f"seed {SEED}"
    assert len(node.counters.rejected) <= 25
    assert list(node.protocol.neighbors()) == []
    assert (node.protocol.storage.items, node.protocol.storage.peers) == ({}, {})
    assert len(node.protocol.peers.checks.running) == 0
    assert len(node.protocol.peers.requests) == 0


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_spoiled_answers_to_our_own_requests_harm_nobody(rng) -> None:
    made: list[Recorder] = []

    def recorder(*fields: Any, **named: Any) -> Recorder:
        made.append(Recorder(*fields, **named))
        return made[-1]

    one = OneNode(recorder)
    crowd = peers(rng.getrandbits(160) for _ in range(20))
    one.know(*crowd)
    one.node.lookup(5)
    one.node.get(6)
    one.node.get_peers(7)

    for _ in range(12):
        for to, query in one.ctx.take_all(m.Query):
            reply = m.Reply(query.tid, rng.choice([1, 5]), CONTACTS, token=b"t")
            item = m.Reply(query.tid, 5, CONTACTS, token=b"t", item=READ_BACK)
            data = spoil(KrpcCodec.encode(rng.choice([reply, item])), rng)
            with suppress(RemoteProtocolError):
                one.node.receive(to, KrpcCodec.decode(data))
        one.ctx.take_all()
        one.ctx.advance(0.4)

    assert all(len(bucket.entries) <= 8 for bucket in one.table.buckets)
    assert one.node.storage.items == {}
