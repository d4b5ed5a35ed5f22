"""What a position keeps, whatever it is asked to keep."""

import pytest

from p2pkit.protocols import ChordConfig
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.ring import Ring
from p2pkit.protocols.chord.storage import Storage
from p2pkit.protocols.chord.wire import MAX_VERSION

HEAD, REQUEST, KEY = (b"aa", b"\x64"), (b"aa", b"\x64", b"\x01"), b"\x07"


@pytest.fixture
def storage():
    return Storage(Ring(8), ChordConfig.of(max_keys=2))


def store(storage, value, version=0, key=KEY, owns=True):
    request = m.Store(*REQUEST, key, value, version)
    return storage.on_store(HEAD, request, lambda _: owns, now=1.0)


def test_puts_are_counted_and_the_same_put_twice_is_one(storage):
    versions = [store(storage, value).version for value in (b"a", b"b", b"b", b"a")]

    assert versions == [1, 2, 2, 3]


def test_a_put_at_who_does_not_own_the_key_is_refused_and_a_copy_is_not(storage):
    assert store(storage, b"a", owns=False) == m.Refused(*HEAD, m.NOT_MINE)
    assert store(storage, b"a", version=4, owns=False) == m.Done(*HEAD, 4)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_of_copies_the_newest_stays_in_whatever_order_they_come(storage, order):
    for version in order:
        store(storage, b"%d" % version, version)

    assert storage.on_fetch(HEAD, m.Fetch(*REQUEST, KEY)) == m.Held(*HEAD, b"3", 3)


def test_two_values_of_one_version_end_up_the_same_everywhere(storage):
    other = Storage(Ring(8), ChordConfig())
    for one, values in ((storage, (b"x", b"y")), (other, (b"y", b"x"))):
        for value in values:
            store(one, value, version=1)

    assert storage.items[7].value == other.items[7].value


def test_a_forged_version_does_not_keep_others_from_putting(storage):
    store(storage, b"forged", version=MAX_VERSION)

    answer = store(storage, b"honest")

    assert answer == m.Done(*HEAD, MAX_VERSION)
    assert storage.items[7].value == b"honest"


def test_what_is_full_refuses_new_keys_and_takes_new_values(storage):
    for key in (b"\x01", b"\x02"):
        store(storage, b"a", key=key)

    assert store(storage, b"a", key=b"\x03") == m.Refused(*HEAD, m.FULL)
    assert store(storage, b"a", version=1, key=b"\x03") == m.Refused(*HEAD, m.FULL)
    assert store(storage, b"b", key=b"\x01") == m.Done(*HEAD, 2)


def test_an_offer_is_answered_by_what_is_lacking_or_old(storage):
    store(storage, b"a", version=2)

    offer = m.Offer(*REQUEST, ((KEY, 2), (b"\x08", 1)))
    newer = m.Offer(*REQUEST, ((KEY, 3),))

    assert storage.on_offer(HEAD, offer, 9.0) == m.Missing(*HEAD, (b"\x08",))
    assert storage.items[7].heard_s == 9.0
    assert storage.on_offer(HEAD, newer, 9.0) == m.Missing(*HEAD, (KEY,))
