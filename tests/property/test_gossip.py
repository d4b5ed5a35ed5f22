"""Merges do not depend on the order, pages lose nothing, and no bytes break a codec."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.anti_entropy import AntiEntropy, LastWriter, VersionVectors
from p2pkit.protocols.anti_entropy.messages import PAGE_BYTES, Version, encode, paged
from p2pkit.protocols.anti_entropy.store import Store
from p2pkit.protocols.averaging import PairwiseAveraging
from p2pkit.protocols.rumor import Rumor

WRITERS = [b"writer-%d" % number for number in range(3)]


def histories(merge, steps):
    """Return all versions of a history: writers write, and hear of each other."""
    known = dict.fromkeys(WRITERS, ())
    made = []
    for number, (who, heard_from) in enumerate(steps):
        writer = WRITERS[who]
        for version in known[WRITERS[heard_from]]:
            known[writer] = merge.merge(known[writer], version)
        value = b"%d" % number
        version = merge.write(known[writer], value, writer, number // 3 * 1e-6)
        known[writer] = merge.merge(known[writer], version)
        made.append(version)
    return made


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=5)
RULES = pytest.mark.parametrize("merge", [LastWriter(), VersionVectors(16)])


@RULES
@given(steps=STEPS)
def test_versions_may_arrive_in_any_order_and_more_than_once(merge, steps):
    versions = histories(merge, steps)
    results = set()

    for order in permutations(versions):
        standing = ()
        for version in (*order, *order[:2]):
            standing = merge.merge(standing, version)
        results.add(tuple(standing))

    assert len(results) == 1


@RULES
@given(steps=STEPS, parts=st.tuples(*[st.integers(0, 31)] * 2))
def test_copies_with_equal_clocks_are_equal_and_others_have_something_to_tell(
    merge, steps, parts
):
    versions = histories(merge, steps)
    copies = []
    for part in parts:
        standing = ()
        for number, version in enumerate(versions):
            if part >> number & 1:
                standing = merge.merge(standing, version)
        copies.append(standing)
    one, other = (merge.clock(standing) for standing in copies)

    tells = merge.tells(one, other) or merge.tells(other, one)

    assert tells == (tuple(copies[0]) != tuple(copies[1]))


@given(steps=STEPS)
def test_a_version_vector_keeps_what_no_writer_has_replaced(steps):
    merge = VersionVectors(16)
    versions = histories(merge, steps)
    standing = ()
    for version in versions:
        standing = merge.merge(standing, version)

    replaced = [
        one
        for one in versions
        if any(other is not one and knows(other, one) for other in versions)
    ]

    assert {v.value for v in standing} == {
        v.value for v in versions if v not in replaced
    }


def knows(one: Version, other: Version) -> bool:
    counts = dict(one.clock)
    return all(counts.get(writer, 0) >= count for writer, count in other.clock)


@given(st.lists(st.binary(max_size=400)))
def test_pages_hold_all_in_order_and_are_no_longer_than_allowed(items):
    pages = list(paged(items))

    assert [item for page in pages for item in page] == items
    assert all(page for page in pages)
    sizes = [sum(len(encode(item)) for item in page) for page in pages]
    assert all(size <= PAGE_BYTES for size in sizes)


@given(st.sets(st.binary(max_size=64), max_size=200), st.randoms())
def test_stores_with_the_same_data_have_the_same_sums_whatever_came_before(keys, rng):
    one, other = (Store(LastWriter(), WRITERS[0], 1000) for _ in range(2))
    final = [(key, Version(b"v", ((WRITERS[0], 9),))) for key in keys]
    earlier = [(key, Version(b"old", ((WRITERS[1], 3),))) for key in keys]
    mixed = [*final, *earlier]
    rng.shuffle(mixed)

    for key, version in final:
        one.take(key, version)
    for key, version in mixed:
        other.take(key, version)

    assert one.sums() == other.sums()
    assert one.differing(other.sums()) == []


@given(st.sets(st.binary(max_size=64), min_size=1, max_size=300))
def test_the_pages_of_a_bucket_cover_every_key_once(keys):
    store = Store(LastWriter(), WRITERS[0], 1000)
    for key in keys:
        store.take(key, Version(b"v", ((WRITERS[0], 1),)))

    covered = [
        key
        for bucket in range(64)
        for page in store.parts(bucket)
        for key in store.span(page)
    ]

    assert sorted(covered) == sorted(keys)


@given(st.binary(max_size=1300))
def test_no_bytes_break_a_codec(data):
    for protocol in (Rumor, AntiEntropy, PairwiseAveraging):
        try:
            message = protocol.codec.decode(data)
        except RemoteProtocolError:
            continue
        assert protocol.codec.decode(protocol.codec.encode(message)) == message
