"""Query routing: published vectors, bytes, and what a peer may not do to a table."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols import Supernodes
from p2pkit.protocols.gnutella.qrp import word_slot, words_needed
from p2pkit.protocols.gnutella.qrp_incoming import IncomingTable
from p2pkit.protocols.gnutella.qrp_messages import RoutePatch, RouteReset, patches
from p2pkit.protocols.gnutella.query_table import MAX_BITS, QueryTable

GUID = bytes(range(16))
CODEC = Supernodes.codec


# Rohrs, "Query Routing for the Gnutella Network" 1.0, appendix.
@pytest.mark.parametrize(
    ("word", "bits", "slot"),
    [
        ("eb", 13, 6791),
        ("ebc", 13, 7082),
        ("ebck", 13, 6698),
        ("n", 16, 65003),
        ("nd", 16, 54193),
        ("ndf", 16, 4953),
    ],
)
def test_words_fall_where_the_paper_says(word: str, bits: int, slot: int) -> None:
    assert word_slot(word, bits) == slot
    assert word_slot(word.upper(), bits) == slot


def test_a_smaller_table_has_the_same_slots_with_fewer_bits() -> None:
    for word in ("lecture", "graphs", "ü", "a" * 300):
        assert word_slot(word, 10) == word_slot(word, 16) >> 6


def test_with_three_words_and_more_two_thirds_are_enough() -> None:
    table = QueryTable()
    table.fill(["small", "world", "graphs"])

    assert table.may_have(["small", "graphs"])
    assert not table.may_have(["small", "fish"])
    assert table.may_have(["small", "graphs", "of"])
    assert not table.may_have(["small", "blue", "fish"])
    assert not table.may_have([])
    assert [words_needed(n) for n in range(1, 8)] == [1, 2, 2, 3, 4, 4, 5]


def test_a_reset_and_a_patch_have_these_bytes() -> None:
    reset = RouteReset(guid=GUID)
    patch = RoutePatch(guid=GUID, number=2, pieces=3, data=b"xyz")

    assert CODEC.encode(reset).hex(" ") == (
        "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 30 01 00 06 00 00 00 "
        "00 00 00 01 00 07"
    )
    assert CODEC.encode(patch).hex(" ") == (
        "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 30 01 00 08 00 00 00 "
        "01 02 03 01 04 78 79 7a"
    )
    assert CODEC.decode(CODEC.encode(reset)) == reset
    assert CODEC.decode(CODEC.encode(patch)) == patch


def test_the_first_slot_is_the_high_half_of_the_first_byte() -> None:
    table = QueryTable(4)
    table.apply(b"\xa0\x0a", 4)  # -6 for slot 0, -6 for slot 3

    assert table.slots() == [0, 3]
    assert QueryTable(4).patch_from(table)[:2] == b"\x60\x06"


def test_entries_of_eight_bits_are_read_and_hop_counts_that_grow_empty_nothing() -> (
    None
):
    table = QueryTable(3)
    table.apply(bytes([0xFA, 0, 0xFE]), 8)
    assert table.slots() == [0, 2]

    table.apply(bytes([0, 0, 4]), 8)
    assert table.slots() == [0]


def received(*messages: Any) -> IncomingTable:
    incoming = IncomingTable()
    for message in messages:
        if isinstance(message, RouteReset):
            incoming.on_reset(message)
        else:
            incoming.on_patch(message)
    return incoming


def test_a_table_in_pieces_arrives_whole() -> None:
    table = QueryTable()
    table.fill(f"word{i}" for i in range(20_000))
    sent = list(patches(GUID, table.patch_from(QueryTable())))

    incoming = received(RouteReset(guid=GUID), *sent)

    assert len(sent) > 1
    assert incoming.table is not None
    assert incoming.table.slots() == table.slots()


def reset(**fields: Any) -> RouteReset:
    return RouteReset(guid=GUID, **fields)


def piece(**fields: Any) -> RoutePatch:
    return RoutePatch(guid=GUID, **fields)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([reset(entries=3 << 10)], "table of another size"),
        ([reset(entries=0)], "table of another size"),
        ([reset(entries=2 << MAX_BITS)], "table of another size"),
        ([piece(data=b"")], "patch out of order"),
        ([reset(), piece(number=2, pieces=2)], "patch out of order"),
        ([reset(), piece(pieces=3), piece(number=3, pieces=3)], "patch out of order"),
        ([reset(), piece(number=0, pieces=0)], "patch out of order"),
        ([reset(), piece(pieces=2), piece(number=2, pieces=3)], "patch of several"),
        ([reset(), piece(packing=7)], "unknown packing"),
        ([reset(), piece(data=b"no zlib")], "unreadable patch"),
        ([reset(), piece(packing=0, entry_bits=1)], "entries of other bits"),
        ([reset(entries=8), piece(packing=0, data=bytes(5))], "patch beyond its table"),
    ],
)
def test_a_patch_that_breaks_a_rule_is_refused(messages: Any, reason: str) -> None:
    with pytest.raises(RemoteProtocolError, match=reason):
        received(*messages)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)

    with pytest.raises(RemoteProtocolError, match="patch beyond its table"):
        received(reset(), piece(data=bomb))


def test_endless_pieces_are_cut_off_before_they_are_put_together() -> None:
    incoming = received(reset(entries=8))

    incoming.on_patch(piece(number=1, pieces=255, data=bytes(5)))
    incoming.on_patch(piece(number=2, pieces=255, data=bytes(5)))
    with pytest.raises(RemoteProtocolError, match="patch of several kinds"):
        incoming.on_patch(piece(number=3, pieces=255, data=bytes(5)))
