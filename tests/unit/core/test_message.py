"""The codec for protocols without a wire format of their own."""

import msgspec
import pytest

from p2pkit.core import LocalProtocolError, Message, MsgpackCodec, RemoteProtocolError


class Hello(Message, frozen=True):
    name: str


class Count(Message, frozen=True):
    number: int
    seen: tuple[int, ...] = ()


class Foreign(Message, frozen=True):
    name: str


CODEC = MsgpackCodec(Hello, Count, max_bytes=100)


@pytest.mark.parametrize("message", [Hello("n07"), Count(3), Count(-1, (1, 2))])
def test_what_is_sent_arrives_with_its_type(message):
    assert CODEC.decode(CODEC.encode(message)) == message


def test_on_the_wire_a_message_is_a_map_tagged_with_its_class():
    wire = CODEC.encode(Hello("a"))

    assert wire == b"\x82\xa4type\xa5Hello\xa4name\xa1a"


def test_a_codec_for_one_type_alone_works_as_well():
    codec = MsgpackCodec(Hello)

    assert codec.decode(codec.encode(Hello("a"))) == Hello("a")


def test_a_message_too_long_to_send_is_our_own_fault():
    with pytest.raises(LocalProtocolError, match=r"a Hello of .* longer than the 100"):
        CODEC.encode(Hello("x" * 100))


def test_a_message_too_long_to_read_is_its_senders_fault():
    data = MsgpackCodec(Hello).encode(Hello("x" * 100))

    with pytest.raises(RemoteProtocolError, match="message too long"):
        CODEC.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x93" * 99,  # lists in lists
        MsgpackCodec(Foreign).encode(Foreign("n")),
        msgspec.msgpack.encode({"type": "Count", "number": "three"}),
        msgspec.msgpack.encode({"type": "Hello"}),
        CODEC.encode(Hello("a")) + b"\x00",
    ],
)
def test_what_is_none_of_our_messages_is_counted_under_one_reason(data):
    with pytest.raises(RemoteProtocolError) as caught:
        CODEC.decode(data)

    assert caught.value.reason == "not one of our messages"


def test_messages_do_not_change():
    with pytest.raises(AttributeError):
        Hello("a").name = "b"
