"""Tables of query routing: patches lead from any table to any other, sizes mix."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2pkit.protocols.gnutella.qrp import word_slot
from p2pkit.protocols.gnutella.qrp_incoming import IncomingTable
from p2pkit.protocols.gnutella.qrp_messages import RouteReset, patches
from p2pkit.protocols.gnutella.query_table import QueryTable

WORDS = st.lists(st.text(min_size=1, max_size=12), max_size=40)
BITS = st.integers(3, 17)
GUID = bytes(16)


def table_of(words: list[str], bits: int) -> QueryTable:
    table = QueryTable(bits)
    table.fill(words)
    return table


@given(WORDS, WORDS, BITS)
def test_a_patch_makes_one_table_of_another(
    old: list[str], new: list[str], bits: int
) -> None:
    before, after = table_of(old, bits), table_of(new, bits)
    incoming = IncomingTable()
    incoming.on_reset(RouteReset(guid=GUID, entries=1 << bits))
    for table, base in ((before, QueryTable(bits)), (after, before)):
        patch = table.patch_from(base)
        for message in patches(GUID, patch) if patch else ():
            incoming.on_patch(message)

    assert incoming.table is not None
    assert incoming.table.slots() == after.slots()
    assert sorted({word_slot(word, bits) for word in new}) == after.slots()
    assert len(after) == len(after.slots())


@given(WORDS.filter(len), BITS)
def test_what_is_in_a_table_is_never_denied(words: list[str], bits: int) -> None:
    table = table_of(words, bits)

    assert table.may_have(words)
    assert all(table.may_have([word]) for word in words)


@given(WORDS, WORDS, BITS, BITS)
def test_tables_of_two_sizes_go_together(
    ours: list[str], theirs: list[str], own_bits: int, other_bits: int
) -> None:
    table = table_of(ours, own_bits)
    table.merge(table_of(theirs, other_bits))

    assert all(table.may_have([word]) for word in ours + theirs)
