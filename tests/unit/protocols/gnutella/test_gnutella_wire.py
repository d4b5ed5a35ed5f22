"""The bytes of every message, against layouts written out by hand."""

from __future__ import annotations

import zlib

import pytest

from p2pkit.core import FrameTooLarge, LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.gnutella import Gnutella
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.cobs import pack_cobs, unpack_cobs
from p2pkit.protocols.gnutella.framing import GnutellaFraming
from p2pkit.protocols.gnutella.ggep import MAX_EXTENSIONS, read_ggep, write_ggep
from p2pkit.protocols.gnutella.huge import read_parts, sha1_of, write_urn
from p2pkit.protocols.gnutella.text import Greeting, Http

CODEC, FRAMING = Gnutella.codec, Gnutella.framing
GUID = bytes.fromhex("00112233445566778899aabbccddee00")
OTHER = bytes.fromhex("0f0e0d0c0b0a0908ff06050403020100")
WHERE = ("127.0.2.1", 6346)
# Ports and numbers are little-endian, addresses are not: 6346 is 0x18ca.
GOLDEN = {
    "ping": (m.Ping(guid=GUID, ttl=7), "00 07 00 00000000", ""),
    "pong": (
        m.Pong(guid=GUID, ttl=3, hops=4, address=WHERE, files=258, kbytes=3),
        "01 03 04 0e000000",
        "ca18 7f000201 02010000 03000000",
    ),
    "bye": (
        m.Bye(guid=GUID, code=200, reason="Leaving"),
        "02 01 00 0a000000",
        "c800 4c656176696e6700",
    ),
    "vendor": (
        m.Vendor(guid=GUID, vendor=b"LIME", selector=7, version=2, data=b"\x01"),
        "31 01 00 09000000",
        "4c494d45 0700 0200 01",
    ),
    "standard vendor": (
        m.Vendor(guid=GUID, vendor=b"\0\0\0\0", selector=0, is_standard=True),
        "32 01 00 08000000",
        "00000000 0000 0100",
    ),
    "push": (
        m.Push(guid=GUID, ttl=5, servent=OTHER, index=7, address=WHERE),
        "40 05 00 1a000000",
        OTHER.hex() + "07000000 7f000201 ca18",
    ),
    "query": (
        m.Query(guid=GUID, ttl=6, hops=1, text="small world"),
        "80 06 01 0e000000",
        "0080 736d616c6c20776f726c6400",
    ),
    "hit": (
        m.QueryHit(
            guid=GUID, ttl=2, address=WHERE, servent=OTHER, speed=1000,
            results=(m.Result(1, 512, "a.txt"), m.Result(2, 3, "b", b"urn:")),
            trailer=b"P2PK",
        ),
        "81 02 00 3d000000",
        "02 ca18 7f000201 e8030000"
        "01000000 00020000 612e74787400 00"
        "02000000 03000000 6200 75726e3a00"
        "5032504b" + OTHER.hex(),
    ),
    "another": (m.Other(guid=GUID, kind=9, payload=b"x"), "09 01 00 01000000", "78"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_every_message_looks_as_the_specification_says(name: str) -> None:
    message, head, payload = GOLDEN[name]
    data = GUID + bytes.fromhex(head) + bytes.fromhex(payload)

    assert CODEC.encode(message).hex() == data.hex()
    assert CODEC.decode(data) == message


def test_a_message_that_breaks_off_is_malformed() -> None:
    for message, _, payload in GOLDEN.values():
        if not payload or isinstance(message, m.Other):
            continue
        data = CODEC.encode(message)
        cut = data[:19] + (1).to_bytes(4, "little") + data[23:24]
        with pytest.raises(RemoteProtocolError, match="malformed payload"):
            CODEC.decode(cut)


def test_an_id_that_begins_like_a_text_is_an_id() -> None:
    query = m.Query(guid=b"GNUTELLA CONNECT", ttl=1, text="x")

    assert CODEC.decode(CODEC.encode(query)) == query


def test_the_same_message_is_encoded_once_and_another_is_not() -> None:
    one, other = m.Ping(guid=GUID, ttl=1), m.Ping(guid=GUID, ttl=2)

    assert CODEC.encode(one) is CODEC.encode(one)
    assert CODEC.encode(other) != CODEC.encode(one)


def test_headers_are_folded_and_spelled_as_is_customary() -> None:
    data = b"GNUTELLA CONNECT/0.6\r\nuser-AGENT: x\r\nX-Try: a,\r\n\tb\r\n\r\n"
    greeting = CODEC.decode(data)

    assert isinstance(greeting, Greeting)
    assert greeting.headers == (("user-agent", "x"), ("x-try", "a, b"))
    spelled = CODEC.encode(Greeting("GNUTELLA/0.6 200 OK", (("x-max-ttl", "7"),)))
    assert spelled == b"GNUTELLA/0.6 200 OK\r\nX-Max-TTL: 7\r\n\r\n"


def test_lines_may_end_as_on_a_unix_system() -> None:
    assert CODEC.decode(b"GET /get/1/a HTTP/1.1\nRange: bytes=0-\n\n") == Http(
        "GET /get/1/a HTTP/1.1", (("range", "bytes=0-"),)
    )


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\n\r\n", b"\r\n\n"])
def test_a_block_ends_in_an_empty_line_however_lines_end(end: bytes) -> None:
    block = b"GNUTELLA CONNECT/0.6\nUser-Agent: x" + end

    assert GnutellaFraming().split(bytearray(block + b"GNU")) == [block]


def test_a_header_bomb_is_refused() -> None:
    many = b"".join(b"X-%d: y\r\n" % i for i in range(65))

    with pytest.raises(RemoteProtocolError, match="too many headers"):
        CODEC.decode(b"GNUTELLA CONNECT/0.6\r\n" + many + b"\r\n")
    with pytest.raises(RemoteProtocolError, match="no header"):
        CODEC.decode(b"GNUTELLA CONNECT/0.6\r\nnothing\r\n\r\n")


def test_lines_without_an_end_are_refused() -> None:
    head = bytearray(b"GNUTELLA CONNECT/0.6\r\nX: " + b"y" * 8200)

    with pytest.raises(FrameTooLarge):
        FRAMING.start().split(head)


def test_an_oversized_length_is_refused_before_it_comes() -> None:
    stream = FRAMING.start()
    stream.split(bytearray(b"GNUTELLA/0.6 200 OK\r\n\r\n"))

    with pytest.raises(FrameTooLarge):
        stream.split(bytearray(GUID + bytes.fromhex("80 01 00 01000100")))


def test_what_is_no_text_is_refused_before_a_handshake_has_ended() -> None:
    stream = FRAMING.start()

    with pytest.raises(RemoteProtocolError, match="no greeting"):
        stream.split(bytearray(GUID))


def test_messages_follow_the_last_step_of_a_handshake_at_once() -> None:
    query = CODEC.encode(m.Query(guid=GUID, text="x"))
    for accepted in (b"GNUTELLA/0.6 200 OK\r\n\r\n", b"GNUTELLA OK\n\n"):
        stream = FRAMING.start()

        assert stream.split(bytearray(accepted + query)) == [accepted, query]


def test_a_body_is_as_long_as_it_says_and_that_of_a_head_is_none() -> None:
    stream = FRAMING.start()
    stream.wrap(b"HEAD /get/1/a HTTP/1.1\r\n\r\n")
    stream.wrap(b"GET /get/1/a HTTP/1.1\r\n\r\n")
    head = b"HTTP/1.1 200 OK\r\nContent-length: 3\r\n\r\n"

    assert stream.split(bytearray(head + head + b"abc")) == [head, head + b"abc"]
    with pytest.raises(RemoteProtocolError, match="answer to no request"):
        stream.split(bytearray(head))


def test_a_body_too_long_is_refused_before_it_comes() -> None:
    stream = FRAMING.start()
    stream.wrap(b"GET /get/1/a HTTP/1.1\r\n\r\n")

    with pytest.raises(FrameTooLarge):
        stream.split(bytearray(b"HTTP/1.1 200 OK\r\nContent-length: 1048577\r\n\r\n"))


def test_ggep_is_read_from_a_block_written_by_hand() -> None:
    # C3, then flags (last) and "VC", length 5, and what this is: P2PK 1.0.
    block = bytes.fromhex("c3 82 5643 45 5032504b 10")

    assert read_ggep(block + b"rest") == ({"VC": b"P2PK\x10"}, b"rest")
    assert write_ggep({"VC": b"P2PK\x10"}) == block


def test_ggep_that_breaks_off_gives_what_came_before() -> None:
    block = write_ggep({"A": b"1", "B": b"22"})

    assert read_ggep(block[:-1]) == ({"A": b"1"}, b"")


def test_a_ggep_bomb_is_refused() -> None:
    bomb = zlib.compress(bytes(1 << 20))
    size = bytes([len(bomb) >> 12 & 63 | 128, len(bomb) >> 6 & 63 | 128])
    block = b"\xc3\xa1A" + size + bytes([len(bomb) & 63 | 64]) + bomb
    with pytest.raises(RemoteProtocolError, match="ggep bomb"):
        read_ggep(block)

    many = b"\xc3" + b"".join(b"\x02%02d\x40" % i for i in range(MAX_EXTENSIONS + 1))
    with pytest.raises(RemoteProtocolError, match="ggep bomb"):
        read_ggep(many)


def test_ggep_takes_no_name_that_others_cannot_read() -> None:
    for name in ("", "x" * 16, "é"):
        with pytest.raises(LocalProtocolError):
            write_ggep({name: b""})


@pytest.mark.parametrize(
    ("plain", "packed"),
    [
        ("00", "0101"),
        ("0000", "010101"),
        ("11220033", "0311220233"),
        ("11000000", "0211010101"),
        ("01" * 254, "ff" + "01" * 254),
        ("01" * 255, "ff" + "01" * 254 + "0201"),
    ],
)
def test_cobs_agrees_with_the_examples_of_its_paper(plain: str, packed: str) -> None:
    assert unpack_cobs(bytes.fromhex(packed)) == bytes.fromhex(plain)
    assert unpack_cobs(pack_cobs(bytes.fromhex(plain))) == bytes.fromhex(plain)
    assert 0 not in pack_cobs(bytes.fromhex(plain))


def test_a_content_is_named_in_letters_of_any_case_among_others() -> None:
    sha1 = bytes(range(20))
    urn = write_urn(sha1)
    block = write_ggep({"H": b"x\x1cy"})

    assert sha1_of(b"urn:bitprint:x\x1c" + block + b"\x1c" + urn.lower()) == sha1
    assert read_parts(urn + b"\x1c" + block) == ([urn], {"H": b"x\x1cy"})
    assert sha1_of(b"urn:sha1:short") == b""
