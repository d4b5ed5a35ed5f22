"""One bucket: who gets in, who stays, who goes."""

import pytest

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.bucket import KBucket, Place
from tests.one_node import peer, peers


@pytest.fixture
def bucket():
    """Return a bucket of three that 1, 2 and 3 were heard in, in this order."""
    bucket = KBucket(3, 0.0)
    for at, contact in enumerate(peers([1, 2, 3])):
        bucket.heard(contact, float(at))
    return bucket


# Pitfall: a known contact that is not moved to the tail turns "least recently
# heard from" into "first come".
def test_the_oldest_that_is_heard_again_moves_to_the_end(bucket):
    place = bucket.heard(bucket.oldest().contact, 10.0)

    assert place is Place.KNOWN
    assert list(bucket.entries) == [2, 3, 1]
    assert bucket.oldest().contact.id == 2


def test_a_query_moves_a_contact_to_the_end_but_forgives_nothing(bucket):
    bucket.missed(1, max_misses=5)

    bucket.touch(1, 10.0)

    assert list(bucket.entries) == [2, 3, 1]
    assert (bucket.entries[1].heard_s, bucket.entries[1].misses) == (10.0, 1)


def test_an_answer_forgives_what_was_missed(bucket):
    bucket.missed(1, max_misses=5)

    bucket.heard(bucket.entries[1].contact, 10.0)

    assert bucket.entries[1].misses == 0


def test_a_full_bucket_throws_nobody_out_for_a_newcomer(bucket):
    place = bucket.heard(peer(4), 10.0)

    assert place is Place.WAITING
    assert (list(bucket.entries), list(bucket.replacements)) == ([1, 2, 3], [4])


# Pitfall: an unbounded replacement cache.
def test_of_many_newcomers_the_k_heard_last_wait(bucket):
    for node_id in [4, 5, 6, 7, 5]:
        bucket.heard(peer(node_id), 10.0)

    assert list(bucket.replacements) == [6, 7, 5]


# Pitfall: one missed reply evicts.
def test_without_a_successor_a_contact_may_miss_four_requests_but_not_five(bucket):
    gone = [bucket.missed(2, max_misses=5) for _ in range(5)]

    assert gone == [False] * 4 + [True]
    assert list(bucket.entries) == [1, 3]


def test_with_a_successor_a_contact_that_fails_is_replaced_by_the_newest(bucket):
    bucket.heard(peer(4), 10.0)
    bucket.heard(peer(5), 11.0)

    assert bucket.missed(2, max_misses=5)
    assert (list(bucket.entries), list(bucket.replacements)) == ([1, 3, 5], [4])


def test_a_replacement_that_fails_is_forgotten(bucket):
    bucket.heard(peer(4), 10.0)

    assert not bucket.missed(4, max_misses=5)
    assert list(bucket.replacements) == []


def test_a_stranger_that_fails_changes_nothing(bucket):
    assert not bucket.missed(9, max_misses=1)
    assert list(bucket.entries) == [1, 2, 3]


def test_a_contact_that_missed_something_is_not_good(bucket):
    bucket.missed(2, max_misses=5)

    assert [contact.id for contact in bucket.good()] == [1, 3]


def test_a_known_id_at_another_address_is_not_believed(bucket):
    known = bucket.entries[1]

    place = bucket.heard(Contact(1, ("127.66.6.6", 6)), 10.0)

    assert place is Place.KNOWN
    assert bucket.entries[1] is known
    assert (known.contact, known.heard_s) == (peers([1])[0], 0.0)
