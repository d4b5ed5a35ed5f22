"""The routing table: which bucket, when it splits, whom it names."""

import random
from itertools import pairwise

import pytest

from p2pkit.protocols.kademlia.bucket import Entry
from p2pkit.protocols.kademlia.distance import k_closest, prefix_length
from p2pkit.protocols.kademlia.table import RoutingTable
from tests.one_node import peer

OWN = 0xA5A5 << 144


def table_of(ids, k=8, own=OWN):
    table = RoutingTable(own, k, max_misses=5)
    for node_id in ids:
        table.heard(peer(node_id), 0.0)
    return table


def random_ids(count, seed=7):
    rng = random.Random(seed)
    return [rng.getrandbits(160) for _ in range(count)]


# Pitfall: buckets whose upper bound is inclusive here and exclusive there.
def test_ids_beside_the_bounds_of_a_bucket_are_looked_up_where_they_are_stored():
    table = table_of(random_ids(400))

    for index in range(len(table.buckets)):
        ids = table.range(index)
        for node_id in {ids.start - 1, ids.start, ids.stop - 1, ids.stop}:
            if 0 <= node_id < 1 << 160:
                assert node_id in table.range(table.index(node_id))


def test_the_ranges_of_the_buckets_cover_every_id_once():
    table = table_of(random_ids(400))

    ranges = sorted(
        (r.start, r.stop) for r in map(table.range, range(len(table.buckets)))
    )

    assert ranges[0][0] == 0
    assert ranges[-1][1] == 1 << 160
    assert all(a[1] == b[0] for a, b in pairwise(ranges))


def test_every_contact_sits_in_the_bucket_of_its_shared_bits():
    table = table_of(random_ids(400))
    last = len(table.buckets) - 1

    for index, bucket in enumerate(table.buckets):
        assert len(bucket.entries) <= 8
        for node_id in bucket.entries:
            assert min(prefix_length(OWN, node_id), last) == index


# Pitfall: the depth of a split taken from the nodes that are there instead of from
# the bucket's range: ids that all share a prefix then split the wrong way.
def test_ids_that_share_a_long_prefix_with_us_split_down_to_where_they_differ():
    near = [OWN ^ (1 << bit) for bit in range(20)]

    table = table_of(near, k=2)

    assert len(table.buckets) > 138
    assert sorted(entry.contact.id for entry in table) == sorted(near)


def test_ids_that_share_a_long_prefix_far_from_us_never_split_their_bucket():
    far = [(OWN ^ (1 << 159)) + i for i in range(50)]

    table = table_of(far)

    assert len(table.buckets) == 2
    assert [entry.contact.id for entry in table] == far[:8]


# Pitfall: never splitting, or splitting everything, as a flag is always the same.
@pytest.mark.parametrize(("n", "expected"), [(256, 47), (1024, 63), (4096, 79)])
def test_a_table_that_heard_everybody_has_k_log2_of_n_over_k_contacts(n, expected):
    # 20 seeds; their mean is within 10 % of the size that independent runs gave.
    sizes = [len(table_of(random_ids(n, seed), own=seed << 150)) for seed in range(20)]

    assert sum(sizes) / len(sizes) == pytest.approx(expected, rel=0.1)


# Pitfall: neighbors collected bucket by bucket to the left and right, up to k.
@pytest.mark.parametrize("contacts", [5, 100, 1000])
@pytest.mark.parametrize("k", [8, 20])
def test_the_closest_are_those_of_sorting_everybody(contacts, k):
    table, rng = table_of(random_ids(contacts), k=k), random.Random(9)
    everybody = [entry.contact.id for entry in table]

    for target in [rng.getrandbits(160) for _ in range(100)] + everybody[:20] + [OWN]:
        found = [contact.id for contact in table.closest(target, k)]
        assert found == k_closest(everybody, target, k)


def test_of_the_closest_those_are_left_out_that_missed_something():
    table = table_of([1, 2, 3])
    table.missed(2)

    assert [contact.id for contact in table.closest(2, 8)] == [3, 1]


# Pitfall: replacements lost when their bucket splits.
def test_a_split_takes_replacements_along_and_lets_them_in():
    table = table_of([1, 2], k=2)
    waiting = Entry(peer(OWN ^ 1), 0.0)
    table.buckets[0].replacements[OWN ^ 1] = waiting

    table.heard(peer(3), 1.0)

    assert list(table.buckets[0].entries) == [1, 2]
    assert list(table.buckets[0].replacements) == [3]
    assert table.buckets[1].entries == {OWN ^ 1: waiting}


def test_a_table_full_to_the_last_bit_does_not_split_for_ever():
    near = [OWN ^ number for number in range(1, 40)]

    table = table_of(near, k=1)

    assert len(table.buckets) <= 160
    assert all(len(bucket.entries) <= 1 for bucket in table.buckets)


def test_there_is_room_where_a_bucket_is_not_full_or_may_split():
    far, near = 5, OWN ^ 5

    table = table_of([1, 2, 3], k=2)

    assert not table.has_room(table.bucket(far))
    assert table.has_room(table.bucket(near))
