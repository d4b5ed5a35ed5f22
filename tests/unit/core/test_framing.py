"""Framing: a stream cut into messages, however it arrives."""

import pytest

from p2pkit.core import FrameTooLarge, LengthPrefix


def test_what_arrives_byte_by_byte_is_still_whole():
    framing, buffer, messages = LengthPrefix(), bytearray(), []

    for byte in framing.wrap(b"one") + framing.wrap(b"") + framing.wrap(b"three"):
        buffer.append(byte)
        messages += framing.split(buffer)

    assert (messages, bytes(buffer)) == ([b"one", b"", b"three"], b"")


def test_an_unfinished_message_stays_in_the_buffer():
    framing = LengthPrefix()
    buffer = bytearray(framing.wrap(b"one") + b"\x00\x00\x00\x05thr")

    assert framing.split(buffer) == [b"one"]
    assert bytes(buffer) == b"\x00\x00\x00\x05thr"


def test_a_message_of_exactly_the_longest_length_passes():
    framing = LengthPrefix(max_bytes=4)

    assert framing.split(bytearray(framing.wrap(b"four"))) == [b"four"]


def test_a_length_above_the_bound_is_refused_before_its_bytes_arrive():
    with pytest.raises(FrameTooLarge, match="5 bytes was announced, and at most 4"):
        LengthPrefix(max_bytes=4).split(bytearray(b"\x00\x00\x00\x05"))


def test_the_length_is_four_bytes_in_network_order():
    assert LengthPrefix().wrap(b"abc") == b"\x00\x00\x00\x03abc"
