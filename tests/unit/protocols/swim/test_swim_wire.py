"""The memberlist wire: what serf sent, what we send, and what nobody may send."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import msgspec
import pytest

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.swim import Swim
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.lzw import expand
from p2pkit.protocols.swim.raw import end_of
from p2pkit.protocols.swim.tags import pack_tags
from p2pkit.protocols.swim.wire import MAX_STREAM_BYTES
from tests.lzw_packer import pack

CODEC, FRAMING = Swim.codec, Swim.framing
DATA = Path(__file__).parents[3] / "data" / "memberlist_serf.json"
PACKETS = {
    name: bytes.fromhex(text)
    for name, text in json.loads(DATA.read_text())["packets"].items()
}
"""Recorded from serf 0.8.2, see the file; values are asserted by hand below."""

GOLDEN = {
    m.Ping(1, "n", ("127.0.0.1", 7946), "me"): (
        "00 85 a55365714e6f 01 a44e6f6465 a16e aa536f7572636541646472 a47f000001"
        "aa536f75726365506f7274 cd1f0a aa536f757263654e6f6465 a26d65"
    ),
    m.Ack(7): "02 82 a55365714e6f 07 a75061796c6f6164 a0",
    m.Nack(7): "0b 81 a55365714e6f 07",
    m.Suspect(2, "n", "me"): (
        "03 83 ab496e6361726e6174696f6e 02 a44e6f6465 a16e a446726f6d a26d65"
    ),
    m.Dead(2, "n", "me"): (
        "05 83 ab496e6361726e6174696f6e 02 a44e6f6465 a16e a446726f6d a26d65"
    ),
    m.Alive(3, "n" * 32, ("127.0.0.1", 7946), b"\xff\x80", bytes(6)): (
        "04 86 ab496e6361726e6174696f6e 03 a44e6f6465 da0020" + "6e" * 32 +
        "a441646472 a47f000001 a4506f7274 cd1f0a a44d657461 a2ff80"
        "a356736e a6000000000000"
    ),
    m.User(b"any"): "08 616e79",
    m.Compound((m.Nack(7), m.User(b"u"))): "07 02 0009 0002 0b81a55365714e6f07 0875",
}  # fmt: skip
EVERY = [
    *GOLDEN,
    m.IndirectPing(2**32 - 1, "n", ("::1", 7946), True, ("127.0.0.1", 1), "me"),
    m.PushPull(True, (m.Entry("n", ("127.0.0.1", 7), b"x", 1, 3, bytes(6)),), b"us"),
    m.Failure("no"),
]


def unpacked(name):
    """Return the message in a recorded packet, from a datagram or a stream."""
    if not name.startswith("stream"):
        return CODEC.decode(PACKETS[name])
    (payload,) = FRAMING.start().split(bytearray(PACKETS[name]))
    return CODEC.decode(payload)


@pytest.mark.parametrize("message", GOLDEN, ids=lambda one: type(one).__name__)
def test_each_message_has_the_bytes_of_the_wire(message):
    assert CODEC.encode(message).hex() == GOLDEN[message].replace(" ", "")


@pytest.mark.parametrize("message", EVERY, ids=lambda one: type(one).__name__)
def test_each_message_comes_back(message):
    assert CODEC.decode(CODEC.encode(message)) == message


def test_no_text_is_written_in_a_form_that_old_members_do_not_know():
    for length in range(1, 129):
        data = CODEC.encode(m.Suspect(1, "n" * length, "me"))
        assert bytes((0xD9, length)) not in data
        assert bytes((0xC4, length)) not in data


@pytest.mark.parametrize("name", PACKETS)
def test_everything_that_serf_sent_is_read(name):
    message = unpacked(name)

    assert not isinstance(message, m.Unreadable)
    parts = message.parts if isinstance(message, m.Compound) else (message,)
    assert not [one for one in parts if isinstance(one, m.Unreadable)]


def test_a_compressed_table_of_serf_says_who_is_there():
    table = unpacked("stream lzw 6")

    assert {entry.node: entry.address for entry in table.entries} == {
        "visitor": ("127.99.1.1", 7946),
        "guest": ("127.99.1.2", 7946),
    }
    assert {entry.state for entry in table.entries} == {0}
    (visitor,) = [one for one in table.entries if one.node == "visitor"]
    assert visitor.vsn == bytes((1, 5, 2, 2, 5, 5))
    assert visitor.meta == pack_tags([("color", "blue")], 512)
    assert len(table.user_state) > 0


def test_checksum_compression_and_compound_are_taken_off_in_turn():
    packet = PACKETS["crc lzw Compound of Alive"]
    assert (packet[0], packet[5]) == (12, 9)

    compound = CODEC.decode(packet)

    assert {part.node for part in compound.parts} > {"visitor", "guest"}
    assert CODEC.decode(packet[5:]) == compound


def refusal(data):
    with pytest.raises(RemoteProtocolError) as caught:
        CODEC.decode(data)
    return caught.value.reason


def compress(data, algo=0):
    body = msgspec.msgpack.encode({"Algo": algo}) + b"\xa3Buf\xdb"
    packed = pack(data)
    return b"\x09\x82" + body[1:] + len(packed).to_bytes(4, "big") + packed


ALIVE = CODEC.encode(m.Alive(1, "n", ("127.0.0.1", 1)))


def test_the_packer_of_these_tests_is_understood():
    assert CODEC.decode(compress(ALIVE)) == CODEC.decode(ALIVE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty message"),
        (b"\x0e\x80", "unknown type of message"),
        (b"\xf4label", "unknown type of message"),
        (b"\x0asecret", "encrypted"),
        (b"\x00\x81\xa5SeqNo\xa1x", "malformed body"),
        (b"\x00" + b"\x91" * 3000, "malformed body"),
        (b"\x0c\0\0\0\0" + ALIVE, "checksum wrong"),
        (b"\x0c\0\0", "checksum wrong"),
        (b"\x07", "compound ends early"),
        (b"\x07\x00", "compound ends early"),
        (b"\x07\x02\x00\x05\xff\xff" + bytes(5), "compound ends early"),
        (b"\x07\xff" + b"\xff\xff" * 255 + bytes(60_000), "compound ends early"),
        (compress(ALIVE, algo=1), "unknown compression"),
        (compress(b"\x00" * 70_000), "compressed message too large"),
        (compress(compress(ALIVE)), "unknown type of message"),
        (compress(ALIVE)[:-2], "malformed body"),
        (b"\x04" + ALIVE[1:].replace(b"\xa1n", b"\xa0"), "member without a name"),
        (b"\x04" + ALIVE[1:].replace(b"\xa1n", b"\xa1\xff"), "name is no text"),
        (b"\x04" + ALIVE[1:].replace(b"\xa1n", b"\x07"), "field of the wrong type"),
        (CODEC.encode(m.Suspect(1, "n" * 129, "")), "field too long"),
        (CODEC.encode(m.Alive(1, "n", ("::1", 1), bytes(513))), "field too long"),
        (b"\x06\x82\xa5Nodes\xce\xff\xff\xff\xff\xa4Join\xc3", "table too large"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_what_nobody_may_send_has_its_reason(data, reason):
    assert refusal(data) == reason


def test_an_envelope_inside_a_compound_spoils_its_own_part_alone():
    inner = [compress(ALIVE), CODEC.encode(m.Compound((m.Nack(1),))), ALIVE]
    lengths = b"".join(len(one).to_bytes(2, "big") for one in inner)

    parts = CODEC.decode(b"\x07\x03" + lengths + b"".join(inner)).parts

    assert [type(one) for one in parts] == [m.Unreadable, m.Unreadable, m.Alive]


def test_a_compression_bomb_costs_no_more_than_its_bound():
    bomb = pack(bytes(2_000_000))
    assert len(bomb) < 5_000

    with pytest.raises(RemoteProtocolError, match="compressed message too large"):
        expand(bomb, 65_507)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 3000, 5000, 100_000])
def test_lzw_comes_back_through_full_tables_too(size):
    data = bytes(i * i // 7 & 0xFF for i in range(size))

    assert expand(pack(data), size) == data


def test_a_stream_is_cut_where_its_messages_end_however_it_arrives():
    table = CODEC.encode(EVERY[-2])
    whole = table + compress(table) + CODEC.encode(m.Ping(1, "n")) + table
    buffer, found, framing = bytearray(), [], FRAMING.start()

    for number in whole:
        buffer.append(number)
        found += framing.split(buffer)

    assert found == [table, table, CODEC.encode(m.Ping(1, "n")), table]
    assert FRAMING.start().split(bytearray(whole)) == found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x0a1234", "encrypted"),
        (b"\x04\x80", "no message of streams"),
        (b"\x06" + b"\x91" * 9, "table of the wrong shape"),
        (b"\x06\xdc\xff\xff", "table of the wrong shape"),
        (b"\x06\x81\xa5Nodes\xcd\xff\xff", "table too large"),
        (compress(bytes(MAX_STREAM_BYTES + 1)), "compressed message too large"),
    ],
)
def test_what_no_stream_carries_has_its_reason(data, reason):
    with pytest.raises(RemoteProtocolError) as caught:
        FRAMING.start().split(bytearray(data))
    assert caught.value.reason == reason


class Counted(bytearray):
    """A buffer that counts what is read of it, byte by byte."""

    reads = 0

    def __getitem__(self, place):
        Counted.reads += 1
        return super().__getitem__(place)


def test_a_table_that_drips_in_is_not_read_anew_with_every_byte():
    entry = m.Entry("n" * 20, ("127.0.0.1", 7946), b"", 1, 0, bytes(6))
    whole = CODEC.encode(m.PushPull(False, (entry,) * 2000))
    buffer, framing = Counted(whole[:-50]), FRAMING.start()
    assert framing.split(buffer) == []
    Counted.reads = 0

    for number in whole[-50:-1]:
        buffer.append(number)
        assert framing.split(buffer) == []
    buffer += whole[-1:]

    assert framing.split(buffer) == [whole]
    assert Counted.reads < 50 * 50


def test_two_streams_do_not_share_a_place():
    whole = CODEC.encode(EVERY[-2])
    one, other = FRAMING.start(), FRAMING.start()

    assert one.split(bytearray(whole[:-1])) == []

    assert other.split(bytearray(whole)) == [whole]


def test_a_message_that_never_ends_is_given_up():
    endless = bytearray(
        b"\x09\x81\xa3Buf\xdb\xff\xff\xff\xff" + bytes(MAX_STREAM_BYTES)
    )

    with pytest.raises(FrameTooLarge):
        FRAMING.start().split(endless)


@pytest.mark.parametrize(
    "value", [0, 200, 70_000, 2**40, -1, -200, True, None, 1.5, "x", "y" * 40, b"z" * 9]
)
def test_the_end_of_a_value_is_where_msgpack_puts_it(value):
    data = msgspec.msgpack.encode({"a": value, "b": [value]})

    assert end_of(data + b"rest") == len(data)
    assert [end_of(data[:cut]) for cut in range(len(data))] == [-1] * len(data)


def test_the_checksum_is_that_of_the_rest():
    data = b"\x0c" + zlib.crc32(ALIVE).to_bytes(4, "big") + ALIVE

    assert CODEC.decode(data) == CODEC.decode(ALIVE)
