"""Any message comes back, any bytes are read or refused, and claims settle."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.swim import Swim
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.lzw import expand
from p2pkit.protocols.swim.members import STATES
from tests.lzw_packer import pack
from tests.one_member import STRANGER, OneMember, at

CODEC, FRAMING = Swim.codec, Swim.framing
NAMES = st.text(min_size=1, max_size=30)
NUMBERS = st.integers(0, 2**32 - 1)
ADDRESSES = st.tuples(
    st.one_of(st.ip_addresses(v=4), st.just("::1")).map(str), st.integers(0, 65_535)
)
ENTRIES = st.builds(
    m.Entry, NAMES, ADDRESSES, st.binary(max_size=512), NUMBERS,
    st.integers(0, 3), st.binary(max_size=6),
)  # fmt: skip
SINGLE = st.one_of(
    st.builds(m.Ping, NUMBERS, NAMES, st.none() | ADDRESSES, NAMES),
    st.builds(m.IndirectPing, NUMBERS, NAMES, ADDRESSES, st.booleans()),
    st.builds(m.Ack, NUMBERS, st.binary(max_size=200)),
    st.builds(m.Nack, NUMBERS),
    st.builds(m.Suspect, NUMBERS, NAMES, NAMES),
    st.builds(m.Dead, NUMBERS, NAMES, NAMES),
    st.builds(m.Alive, NUMBERS, NAMES, ADDRESSES, st.binary(max_size=512)),
    st.builds(m.User, st.binary(max_size=50)),
)
TABLES = st.builds(
    m.PushPull,
    st.booleans(),
    st.lists(ENTRIES, max_size=5).map(tuple),
    st.binary(max_size=50),
)
SAID = st.one_of(
    st.builds(m.Alive, st.integers(0, 9), st.just("m1"), st.just(at(1))),
    st.builds(m.Suspect, st.integers(0, 9), st.just("m1"), st.just("m2")),
    st.builds(m.Dead, st.integers(0, 9), st.just("m1"), st.sampled_from(["m1", "m2"])),
)


@given(st.one_of(SINGLE, TABLES, st.lists(SINGLE, min_size=1).map(tuple)))
def test_what_is_encoded_is_decoded(message):
    if isinstance(message, tuple):
        message = m.Compound(message[:255])

    assert CODEC.decode(CODEC.encode(message)) == message


@given(st.lists(TABLES, max_size=4), st.data())
def test_tables_are_cut_from_a_stream_wherever_it_breaks(tables, data):
    whole = b"".join(CODEC.encode(one) for one in tables)
    cut = data.draw(st.integers(0, len(whole)))
    buffer = bytearray(whole[:cut])

    found = FRAMING.split(buffer)
    buffer += whole[cut:]
    found += FRAMING.split(buffer)

    assert [CODEC.decode(one) for one in found] == tables
    assert buffer == b""


@given(st.binary(max_size=300), st.integers(0, 13))
def test_any_bytes_are_read_or_refused(data, kind):
    for junk in (data, bytes((kind,)) + data):
        with suppress(RemoteProtocolError):
            CODEC.decode(junk)
        with suppress(RemoteProtocolError, FrameTooLarge):
            FRAMING.split(bytearray(junk))


@given(SINGLE, st.data())
def test_a_flipped_byte_is_read_or_refused(message, data):
    packet = bytearray(CODEC.encode(message))
    packet[data.draw(st.integers(0, len(packet) - 1))] ^= data.draw(st.integers(1, 255))

    with suppress(RemoteProtocolError):
        CODEC.decode(bytes(packet))


@given(st.binary(max_size=3000), st.integers(1, 30))
def test_lzw_gives_back_what_was_packed(data, times):
    assert expand(pack(data * times), len(data) * times) == data * times


@given(st.binary(max_size=500), st.integers(0, 500))
def test_lzw_never_writes_much_more_than_its_bound(data, most):
    with suppress(RemoteProtocolError):
        assert len(expand(data, most)) <= most


@given(st.lists(SAID, max_size=12))
def test_the_incarnation_of_a_member_never_falls_and_its_state_is_one(said):
    one = OneMember(hearsay=True)
    one.know("m1", "m2")
    member, before = one.node.members.by_name["m1"], 0

    for claim in said:
        one.hear(at(2), claim)
        assert member.incarnation >= before
        assert member.state in STATES
        assert (member.name in one.node.beliefs.suspicions) == (
            member.state == "suspect"
        )
        assert one.node.members.up == sum(known.is_up for known in one.node.members)
        before = member.incarnation


@given(st.lists(SINGLE, max_size=8))
def test_a_stranger_changes_nothing_that_is_believed_of_members(said):
    one = OneMember()
    one.know("m1", "m2")
    before = one.node.sync.table().entries[1:]

    for message in said:
        one.hear(STRANGER, message)

    table = {entry.node: entry for entry in one.node.sync.table().entries}
    assert [table[entry.node] for entry in before] == list(before)
