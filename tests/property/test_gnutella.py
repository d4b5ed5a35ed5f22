"""The wire of Gnutella: there and back, cut anywhere, whatever comes is survived."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.gnutella import Gnutella
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.cobs import pack_cobs, unpack_cobs
from p2pkit.protocols.gnutella.flooding import Coin, Everybody
from p2pkit.protocols.gnutella.ggep import (
    MAX_INFLATED_BYTES,
    read_ggep,
    write_ggep,
)
from p2pkit.protocols.gnutella.host_cache import HostCache, is_possible
from p2pkit.protocols.gnutella.huge import sha1_of
from p2pkit.protocols.gnutella.random_walk import Walker
from p2pkit.protocols.gnutella.text import Greeting, Http
from p2pkit.protocols.gnutella.trailer import read_steps, write_trailer
from tests.one_servent import HERE, OneServent, stream

CODEC, FRAMING, COURSES = Gnutella.codec, Gnutella.framing, Gnutella.courses

GUIDS = st.binary(min_size=16, max_size=16)
BYTE, SHORT, WORD = (
    st.integers(0, 255),
    st.integers(0, 65_535),
    st.integers(0, 2**32 - 1),
)
ADDRESSES = st.tuples(st.ip_addresses(v=4).map(str), SHORT)
BLOBS = st.binary(max_size=60)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NO_ZERO = BLOBS.map(lambda data: data.replace(b"\0", b"\1"))
HEADER = {"guid": GUIDS, "ttl": BYTE, "hops": BYTE}
RESULTS = st.builds(m.Result, WORD, WORD, NAMES, NO_ZERO)
MESSAGES = st.one_of(
    st.builds(m.Ping, **HEADER, ext=BLOBS),
    st.builds(m.Pong, **HEADER, address=ADDRESSES, files=WORD, kbytes=WORD, ext=BLOBS),
    st.builds(m.Bye, **HEADER, code=SHORT, reason=NAMES),
    st.builds(
        m.Push, **HEADER, servent=GUIDS, index=WORD, address=ADDRESSES, ext=BLOBS
    ),
    st.builds(m.Query, **HEADER, text=NAMES, flags=SHORT, ext=BLOBS),
    st.builds(
        m.QueryHit, **HEADER, address=ADDRESSES, servent=GUIDS, speed=WORD,
        results=st.lists(RESULTS, max_size=5).map(tuple), trailer=BLOBS,
    ),
    st.builds(
        m.Vendor, **HEADER, vendor=st.binary(min_size=4, max_size=4), selector=SHORT,
        version=SHORT, data=BLOBS, is_standard=st.booleans(),
    ),
    st.builds(m.Other, **HEADER, kind=st.integers(0x90, 0xFF), payload=BLOBS),
)  # fmt: skip
TOKENS = st.from_regex(re.compile(r"[a-z][a-z0-9-]{0,10}"), fullmatch=True)
VALUES = st.from_regex(re.compile(r"[!-~]([ -~]{0,20}[!-~])?"), fullmatch=True)
HEADERS = st.lists(st.tuples(TOKENS, VALUES), max_size=8).map(tuple)


@given(MESSAGES)
def test_every_message_goes_there_and_back(message: Any) -> None:
    assert CODEC.decode(CODEC.encode(message)) == message


@given(HEADERS)
def test_every_text_goes_there_and_back(headers: Any) -> None:
    for text in (
        Greeting("GNUTELLA CONNECT/0.6", headers),
        Http("GET /get/1/a HTTP/1.1", headers),
        Http("HTTP/1.1 200 OK", headers, b"\r\n\r\nbody"),
    ):
        assert CODEC.decode(CODEC.encode(text)) == text


@given(st.lists(MESSAGES, max_size=6), st.lists(st.integers(0, 400), max_size=12))
def test_a_stream_is_cut_the_same_wherever_it_breaks(
    messages: list[Any], breaks: list[int]
) -> None:
    texts = [Greeting("GNUTELLA CONNECT/0.6"), Greeting("GNUTELLA/0.6 200 OK")]
    whole = b"".join(CODEC.encode(one) for one in [*texts, *messages])
    cuts = sorted({0, *(at for at in breaks if at < len(whole)), len(whole)})
    framing, buffer, found = FRAMING.start(), bytearray(), []

    for start, end in pairwise(cuts):
        buffer += whole[start:end]
        found += framing.split(buffer)

    assert [CODEC.decode(one) for one in found] == [*texts, *messages]
    assert not buffer


@given(st.binary(max_size=200))
@example(b"GNUTELLA/0.6 200 OK\r\n\r\n" + b"\xff" * 40)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
def test_any_bytes_are_cut_or_refused(data: bytes) -> None:
    framing, buffer = FRAMING.start(), bytearray(data)
    try:
        for one in framing.split(buffer):
            CODEC.decode(one)
    except (RemoteProtocolError, FrameTooLarge):
        pass
    assert len(buffer) <= len(data)


@settings(max_examples=300)
@given(GUIDS, BYTE, BYTE, BYTE, st.binary(max_size=120))
def test_any_message_is_taken_or_refused_by_a_servent_that_lives_on(
    guid: bytes, kind: int, ttl: int, hops: int, payload: bytes
) -> None:
    servent = OneServent()
    one, other = servent.link(1), servent.link(2)
    length = len(payload).to_bytes(4, "little")

    servent.hear(one, guid + bytes([kind, ttl, hops]) + length + payload)

    for _, message in servent.ctx.said:
        assert message.ttl + message.hops <= 7
    servent.hear(other, m.Ping(guid=guid, ttl=1))
    assert [type(one) for one in servent.taken(other)].count(m.Pong) == 1


@settings(max_examples=200)
@given(
    st.sampled_from([b"GET /get/1/", b"GET /", b"HEAD /get/", b"GIV ", b"HTTP/1.1 "]),
    st.binary(max_size=80),
    HEADERS,
)
def test_any_text_is_answered_or_refused_by_a_servent_that_lives_on(
    begin: bytes, line: bytes, headers: Any
) -> None:
    servent, where = OneServent(), stream(1)
    servent.node.share("a b", b"abc")
    servent.open(where)
    text = CODEC.encode(Http("x", headers)).partition(b"\r\n")[2]

    servent.hear(where, begin + line.replace(b"\n", b"") + b"\r\n" + text)

    is_over = where in servent.ctx.closed
    assert servent.taken(where) or (is_over and servent.rejected)


@given(st.binary(max_size=700))
def test_cobs_has_no_zero_and_goes_there_and_back(data: bytes) -> None:
    packed = pack_cobs(data)

    assert 0 not in packed
    assert unpack_cobs(packed) == data
    assert len(packed) <= len(data) + 1 + len(data) // 254


@given(
    st.dictionaries(
        st.from_regex(re.compile(r"[!-~]{1,15}"), fullmatch=True),
        st.binary(max_size=300), max_size=8,
    ),
    BLOBS,
)  # fmt: skip
def test_ggep_goes_there_and_back(extensions: dict[str, bytes], rest: bytes) -> None:
    block = write_ggep(extensions)

    assert 0 not in block
    if extensions:
        assert read_ggep(block + rest) == (extensions, rest)


@given(st.binary(max_size=300).map(lambda data: b"\xc3" + data))
def test_any_block_of_ggep_is_read_as_far_as_it_can_be(block: bytes) -> None:
    try:
        found, rest = read_ggep(block)
    except RemoteProtocolError:
        return
    assert sum(map(len, found.values())) <= MAX_INFLATED_BYTES + len(block)
    assert block.endswith(rest)


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=4))
def test_deflated_extensions_come_to_a_bound_together(sizes: list[int]) -> None:
    parts = []
    for number, size in enumerate(sizes, 1):
        data = zlib.compress(bytes(size))
        length = [len(data) >> 12 & 63 | 128, len(data) >> 6 & 63 | 128]
        flags = 0x21 | 0x80 * (number == len(sizes))
        parts.append(bytes([flags, 64 + number, *length, len(data) & 63 | 64]) + data)
    block = b"\xc3" + b"".join(parts)

    try:
        found, _ = read_ggep(block)
    except RemoteProtocolError:
        assert sum(sizes) > MAX_INFLATED_BYTES
    else:
        assert [len(one) for one in found.values()] == sizes
        assert sum(sizes) <= MAX_INFLATED_BYTES


@given(BLOBS)
def test_any_field_names_a_content_or_none(field: bytes) -> None:
    assert len(sha1_of(b"urn:sha1:" + field)) in (0, 20)


COURSE = st.one_of(
    st.just(Everybody()),
    st.builds(Coin, st.floats(0, 1)),
    st.builds(
        Walker, ADDRESSES, st.integers(0, 1023), st.integers(1, 10**6),
        st.integers(1, 10**6), st.integers(1, 64), st.floats(0, 16),
    ),
)  # fmt: skip


@given(COURSE, BLOBS.filter(lambda data: b"\xc3" not in data))
def test_courses_ride_in_questions_beside_what_others_put_there(
    course: Any, before: bytes
) -> None:
    ext = COURSES.write(course)
    query = m.Query(guid=bytes(16), text="x", ext=before + b"\x1c" + ext)

    assert COURSES.read(CODEC.decode(CODEC.encode(query))) == course


@given(st.integers(0, 2**32 - 1))
def test_the_length_of_a_walk_stands_in_a_trailer(steps: int) -> None:
    assert read_steps(write_trailer(steps)) == steps


@given(BLOBS)
def test_any_trailer_is_survived(data: bytes) -> None:
    assert read_steps(b"P2PK" + data) >= 0


@given(st.lists(ADDRESSES, max_size=300))
def test_a_host_cache_is_bounded_and_holds_nothing_impossible(
    addresses: list[Any],
) -> None:
    cache = HostCache(HERE, max_per_host=2, limit=8)

    for address in addresses:
        cache.add(address)

    known = cache.known()
    assert len(known) <= 8
    assert all(is_possible(one) and one != HERE for one in known)
    assert all(sum(one[0] == host for one in known) <= 2 for host, _ in known)
    assert cache.newest() == []


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=60))
def test_streams_of_a_host_are_counted_whatever_comes_and_goes(
    steps: list[tuple[int, bool]],
) -> None:
    servent, alive, number = OneServent(max_per_host=2), [], 0
    for host, comes in steps:
        if comes:
            number += 1
            where = stream(number, host)
            before = len(servent.rejected)
            servent.open(where)
            if len(servent.rejected) == before:
                alive.append(where)
        elif alive:
            servent.gone(alive.pop(0))

    for host in (1, 2, 3):
        ours = sum(where[0] == f"127.9.1.{host}" for where in alive)
        assert ours <= 2
    assert set(servent.node.links.by_stream) == set(alive)
