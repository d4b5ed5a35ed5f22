"""What a node keeps for others: bounded, expiring, never downgraded."""

import pytest

from p2pkit.protocols import KademliaConfig
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.items import Item, encode_value, signed_item
from p2pkit.protocols.kademlia.storage import Storage

SECRET = bytes(range(32))


def item(text):
    return Item(encode_value(text))


@pytest.fixture
def storage():
    return Storage(KademliaConfig.of(max_keys=3, max_peers=2))


def peer_at(host):
    return (f"127.0.0.{host}", 1)


def test_an_item_is_there_until_it_expires(storage):
    storage.add_item(item(b"a"), 0, now=100.0)
    target = item(b"a").target

    assert storage.item(target, 7299.0).item == item(b"a")
    assert storage.item(target, 7300.0) is None


def test_an_item_that_comes_with_an_age_expires_that_much_sooner(storage):
    storage.add_item(item(b"a"), 7000, now=100.0)

    assert storage.item(item(b"a").target, 299.0) is not None
    assert storage.item(item(b"a").target, 300.0) is None


# Pitfall: whoever passes an item on resets its clock, so nothing ever expires.
def test_a_copy_passed_on_does_not_renew_the_publishers_clock(storage):
    storage.add_item(item(b"a"), 0, now=0.0)
    storage.add_item(item(b"a"), 3600, now=3600.0)
    storage.add_item(item(b"a"), 7199, now=7199.0)

    assert storage.item(item(b"a").target, 7200.0) is None


def test_a_copy_passed_on_late_does_not_age_what_the_publisher_renewed(storage):
    storage.add_item(item(b"a"), 0, now=3600.0)
    storage.add_item(item(b"a"), 3700, now=3700.0)

    assert storage.item(item(b"a").target, 10_799.0) is not None


def test_the_publishers_own_put_renews_the_clock(storage):
    storage.add_item(item(b"a"), 0, now=0.0)
    storage.add_item(item(b"a"), 0, now=3600.0)

    assert storage.item(item(b"a").target, 10_799.0) is not None


def test_what_comes_older_than_it_may_get_is_not_kept(storage):
    storage.add_item(item(b"a"), 7200, now=0.0)

    assert storage.items == {}


def test_of_too_many_items_those_stored_longest_ago_go(storage):
    for text in [b"a", b"b", b"c", b"a", b"d"]:
        storage.add_item(item(text), 0, now=0.0)

    assert set(storage.items) == {item(text).target for text in [b"c", b"a", b"d"]}


def test_peers_are_named_newest_first_and_the_oldest_go(storage):
    for host in [1, 2, 1, 3]:
        storage.add_peer(5, peer_at(host), now=float(host))

    assert storage.peers_of(5, 10.0) == [peer_at(3), peer_at(1)]


def test_peers_expire_each_on_their_own(storage):
    storage.add_peer(5, peer_at(1), now=0.0)
    storage.add_peer(5, peer_at(2), now=100.0)

    assert storage.peers_of(5, 2700.0) == [peer_at(2)]
    assert storage.peers_of(5, 2800.0) == []


def test_of_too_many_infohashes_those_announced_longest_ago_go(storage):
    for infohash in [1, 2, 3, 1, 4]:
        storage.add_peer(infohash, peer_at(1), now=0.0)

    assert list(storage.peers) == [3, 1, 4]


def test_what_has_expired_is_let_go_of(storage):
    storage.add_item(item(b"a"), 0, now=0.0)
    storage.add_item(item(b"b"), 0, now=5000.0)
    storage.add_peer(5, peer_at(1), now=0.0)
    storage.add_peer(6, peer_at(1), now=5000.0)

    storage.expire(7300.0)

    assert list(storage.items) == [item(b"b").target]
    assert list(storage.peers) == [6]


# Pitfall: anyone may overwrite any key.
@pytest.mark.parametrize(
    ("stored", "offered", "cas", "code"),
    [
        (1, (b"new", 2), None, None),
        (2, (b"old", 1), None, m.OLD_SEQ),
        (2, (b"forked", 2), None, m.OLD_SEQ),
        (2, (b"first", 2), None, None),
        (2, (b"new", 3), 2, None),
        (2, (b"new", 3), 1, m.CAS_MISMATCH),
        (None, (b"new", 3), 1, None),
    ],
)
def test_a_mutable_item_only_ever_moves_forward(storage, stored, offered, cas, code):
    if stored is not None:
        storage.add_item(signed_item(SECRET, b"first", stored), 0, 0.0)

    assert storage.refusal(signed_item(SECRET, *offered), cas, now=1.0) == code


def test_an_item_signed_by_somebody_else_is_refused(storage):
    mine, theirs = signed_item(SECRET, b"a", 1), signed_item(bytes(32), b"a", 1)
    forged = Item(mine.encoded, mine.public, theirs.signature, b"", 9)

    assert storage.refusal(forged, None, now=1.0) == m.BAD_SIGNATURE


def test_an_expired_version_does_not_stand_in_the_way_of_a_lower_number(storage):
    storage.add_item(signed_item(SECRET, b"a", 5), 0, now=0.0)

    assert storage.refusal(signed_item(SECRET, b"b", 2), None, now=7200.0) is None
