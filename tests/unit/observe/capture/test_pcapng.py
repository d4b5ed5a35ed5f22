"""pcapng: what is written can be read, by us and by others."""

import struct

from p2pkit.observe.capture import pcapng


def test_every_block_says_its_length_at_both_ends_and_fills_whole_words():
    block = pcapng.block(pcapng.NAMES, b"abcde")

    (length,) = struct.unpack_from("<I", block, 4)
    assert len(block) == length == 20
    assert block[-4:] == block[4:8]


def test_a_packet_keeps_time_length_and_bytes():
    at_ns, data = 1_796_051_346_444_972_008, b"0123456789abcde"

    block = pcapng.packet(at_ns, 1500, data, pcapng.comment("n03 > n17"))

    assert pcapng.packet_at(block, 0) == (at_ns, 1500, data)
    assert b"n03 > n17" in block


def test_blocks_end_where_a_file_was_cut():
    whole = pcapng.section() + pcapng.interface("lo")
    whole += pcapng.packet(7, 4, b"data", b"")

    kinds = [one.kind for one in pcapng.blocks(whole[:-1])]

    assert kinds == [pcapng.SECTION, pcapng.INTERFACE]


def test_a_block_of_absurd_length_ends_the_reading():
    found = list(pcapng.blocks(struct.pack("<III", 6, 0xFFFF_FFFC, 0)))

    assert found == []


def test_an_empty_comment_takes_no_room():
    assert pcapng.comment("") == b""
