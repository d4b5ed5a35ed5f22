"""Keeping values: the clocks of publisher, holder and expiry; newcomers; torrents."""

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.items import Item, encode_value, signed_item
from tests.one_node import OWN, OneNode, peer, peers

SECRET = bytes(range(32))
VALUE = Item(encode_value(b"value"))
NEAR = peer(VALUE.target ^ 1)
FAR = peer(VALUE.target ^ (1 << 158), host=900)


@pytest.fixture
def one(recorders):
    one = OneNode(recorders)
    yield one
    one.node.stop()


def answer_gets(one, contact, token=b"token123", **fields):
    """Answer every get under way to `contact`."""
    gets = one.ctx.take_all(m.Get)
    one.ctx.sent += [(to, query) for to, query in gets if to != contact.address]
    for to, query in gets:
        if to == contact.address:
            one.reply(contact, query, nodes=(), token=token, **fields)


def test_a_put_walks_to_the_key_and_stores_with_the_token_it_got(one):
    one.know(NEAR)
    operation = one.node.put(b"value")

    answer_gets(one, NEAR)
    to, put = one.ctx.take(m.Put)
    one.reply(NEAR, put)

    assert (to, put.item, put.token) == (NEAR.address, VALUE, b"token123")
    assert (put.age_s, operation.result) == (0, VALUE.target)


def test_we_hold_what_we_publish_if_we_are_one_of_the_k_nearest(recorders):
    crowd = peers(VALUE.target ^ i for i in range(1, 4))
    for k, holds in [(3, False), (4, True)]:
        one = OneNode(recorders, k=k)
        one.know(*crowd)
        one.node.put(b"value")
        for contact in crowd * 2:
            answer_gets(one, contact)
        assert len(one.ctx.take_all(m.Put)) == 3
        assert bool(one.node.storage.items) == holds
        one.node.stop()


def test_a_value_found_at_the_first_who_has_it_ends_the_walk(one):
    one.know(NEAR, FAR)
    operation = one.node.get(VALUE.target)
    queries = dict(one.ctx.take_all(m.Get))

    one.reply(FAR, queries[FAR.address], nodes=(), token=b"t", item=VALUE)

    assert operation.result == b"value"
    one.silence()


def test_of_several_versions_the_highest_number_wins(one):
    old, new = signed_item(SECRET, b"old", 1), signed_item(SECRET, b"new", 2)
    contacts = peers([old.target ^ 1, old.target ^ 2, old.target ^ 3])
    one.know(*contacts)
    operation = one.node.get_mutable(old.public)
    queries = dict(one.ctx.take_all(m.Get))

    for contact, item in zip(contacts, [old, new, old], strict=True):
        one.reply(contact, queries[contact.address], nodes=(), token=b"t", item=item)

    assert operation.result == new


def test_a_new_version_gets_the_number_after_the_one_that_is_there(one):
    old = signed_item(SECRET, b"old", 7)
    contact = peer(old.target ^ 1)
    one.know(contact)
    one.node.put_mutable(SECRET, b"new")

    answer_gets(one, contact, item=old)
    answer_gets(one, contact, item=old)
    _, put = one.ctx.take(m.Put)

    assert (put.item.seq, put.item.value, put.item.is_valid()) == (8, b"new", True)
    one.silence()


# Pitfall: values cached along the path without a shortened life spread everywhere.
def test_a_value_that_passes_through_us_is_not_cached(one):
    one.know(NEAR)
    operation = one.node.get(VALUE.target)

    answer_gets(one, NEAR, item=VALUE)

    assert operation.result == b"value"
    assert one.node.storage.items == {}
    assert one.ctx.sent == []


# Pitfall: keys for newcomers computed from another hash than the keys are stored by.
def test_a_newcomer_among_the_k_nearest_is_given_the_item_with_its_age(one):
    one.node.storage.add_item(VALUE, 0, 0.0)
    one.ctx.now_s = 1000.0

    one.know(NEAR)
    to, query = one.ctx.take(m.Get)
    one.reply(NEAR, query, nodes=(), token=b"tok")
    _, put = one.ctx.take(m.Put)

    assert (to, query.target) == (NEAR.address, VALUE.target)
    assert (put.item, put.age_s, put.token) == (VALUE, 1000, b"tok")
    one.silence()


def test_a_newcomer_that_has_the_item_is_not_given_it_again(one):
    one.node.storage.add_item(VALUE, 0, 0.0)

    one.know(NEAR)
    answer_gets(one, NEAR, item=VALUE)

    assert one.ctx.sent == []


def test_a_newcomer_beyond_the_k_nearest_is_given_nothing(recorders):
    one = OneNode(recorders, k=2)
    crowd = peers(OWN ^ i for i in [1, 2])
    one.know(*crowd)
    item = next(
        Item(encode_value(n)) for n in range(99)
        if Item(encode_value(n)).target >> 159
    )  # fmt: skip
    one.node.storage.add_item(item, 0, 0.0)

    one.know(peer(5))

    assert one.ctx.sent == []
    one.node.stop()


# Pitfall: holders that pass items on reset their clocks, so nothing ever expires.
def test_an_hourly_copy_carries_the_age_and_a_publishers_put_does_not(one):
    one.node.storage.add_item(VALUE, 0, 0.0)
    one.know(NEAR)
    answer_gets(one, NEAR, item=VALUE)

    ages = hourly_ages(one, hours=4)

    assert len(ages) == 2  # and after two hours it has expired here
    assert 3240 <= ages[0] <= 3600
    assert 6480 <= ages[1] <= 7200
    assert one.node.storage.items == {}


def hourly_ages(one, hours):
    """Let hours pass at a node whose one contact keeps nothing; return ages put."""
    ages = []
    for _ in range(hours * 3600):
        one.ctx.advance(1)
        asked = {query.tid: query for _, query in one.ctx.take_all(m.Query)}
        for query in asked.values():  # a resend has the same transaction id
            one.reply(NEAR, query, nodes=(), token=b"tok")
        ages += [query.age_s for query in asked.values() if isinstance(query, m.Put)]
    return ages


def test_a_publisher_puts_its_item_again_every_hour_as_new(one):
    one.know(NEAR)
    one.node.put(b"value")
    answer_gets(one, NEAR)
    one.reply(NEAR, one.ctx.take(m.Put)[1])
    one.node.storage.items.clear()

    ages = hourly_ages(one, hours=4)

    assert len([age for age in ages if age == 0]) == 4


def test_what_is_saved_is_taken_up_again_with_ages_and_addresses(recorders):
    one = OneNode(recorders)
    one.node.storage.add_item(VALUE, 0, 0.0)
    one.ctx.now_s = 100.0
    one.know(NEAR)
    one.ctx.take_all(m.Get)
    saved = one.node.save()
    one.node.stop()

    other = OneNode(recorders)
    other.node.restore(saved)
    other.ctx.take_all()

    assert other.known() == []  # each has to answer again first
    assert other.node.storage.items[VALUE.target].put_s == -100.0
    other.node.bootstrap([])
    assert other.ctx.take(m.FindNode)[0] == NEAR.address
    other.node.stop()


# Pitfall: pickled state.
@pytest.mark.parametrize(
    "saved",
    [b"", b"x", b"de", b"le", b"d8:contactsl3:abce4:heldle9:publishedlee",
     b"d8:contactsle4:heldlli0eleee9:publishedlee", b"\x80\x04N."],
)  # fmt: skip
def test_damaged_state_is_refused_with_what_to_do(one, saved):
    with pytest.raises(LocalProtocolError, match="damaged: restart it without state"):
        one.node.restore(saved)


def test_saved_state_is_bencoded(one):
    assert one.node.save() == b"d8:contactsle4:heldle9:publishedlee"


def test_an_announcement_reaches_the_k_nearest_with_their_tokens(one):
    one.know(NEAR)
    operation = one.node.announce(VALUE.target, 7000)
    _, query = one.ctx.take(m.GetPeers)
    one.reply(NEAR, query, nodes=(), token=b"tok")

    to, announced = one.ctx.take(m.AnnouncePeer)
    one.reply(NEAR, announced)

    assert (to, announced.port, announced.token) == (NEAR.address, 7000, b"tok")
    assert operation.result == 2  # it and we ourselves


def test_peers_of_a_torrent_are_collected_from_all_that_answer(one):
    one.know(NEAR, FAR)
    operation = one.node.get_peers(VALUE.target)
    queries = dict(one.ctx.take_all(m.GetPeers))
    a, b = ("127.0.0.5", 1), ("127.0.0.6", 2)

    one.reply(NEAR, queries[NEAR.address], nodes=(), token=b"t", peers=(a, b))
    one.reply(FAR, queries[FAR.address], nodes=(), token=b"t", peers=(b,))

    assert operation.result == [a, b]


def test_a_sample_is_the_infohashes_that_a_peer_names(one):
    operation = one.node.sample_infohashes(NEAR)
    _, query = one.ctx.take(m.SampleInfohashes)

    one.reply(NEAR, query, nodes=(), sample=m.Sample(60, 9, (1, 2)))

    assert operation.result == [1, 2]


def test_an_older_version_does_not_replace_our_own_copy(one):
    one.node.put_mutable(SECRET, b"new", seq=5)

    one.node.put_mutable(SECRET, b"old", seq=2)

    assert [held.item.value for held in one.node.storage.items.values()] == [b"new"]
