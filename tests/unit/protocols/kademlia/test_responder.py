"""What a node answers to whoever asks."""

import random

import pytest

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.distance import k_closest
from p2pkit.protocols.kademlia.items import Item, encode_value, signed_item
from tests.one_node import CODEC, OWN, OneNode, peer, peers

STRANGER = peer(99, host=700)
OTHER = peer(98, host=701)
SECRET = bytes(range(32))


@pytest.fixture
def one(recorders):
    return OneNode(recorders)


def refused(one, sender, kind, *fields, **named):
    """Send a query that breaks a rule; return the error that comes back."""
    with pytest.raises(RemoteProtocolError) as caught:
        one.hear(sender.address, kind(b"aa", sender.id, True, *fields, **named))
    to, error = one.ctx.take(m.Error)
    assert (to, error.tid) == (sender.address, b"aa")
    assert caught.value.reason == error.text
    return error.code


def token_for(one, sender, key=1):
    return one.ask(sender, m.Get, key).token


def test_a_ping_is_answered_with_our_id_and_its_transaction_id(one):
    answer = one.ask(STRANGER, m.Ping)

    assert answer == m.Reply(b"aa", OWN)


# Pitfall: bucket by bucket up to k instead of the nearest of all.
def test_find_node_names_the_k_nearest_contacts_nearest_first(one):
    rng = random.Random(7)
    one.know(*peers(rng.getrandbits(160) for _ in range(200)))
    known = one.known()

    for target in [rng.getrandbits(160) for _ in range(50)]:
        named = one.ask(STRANGER, m.FindNode, target).nodes
        assert [contact.id for contact in named] == k_closest(known, target, 8)


# Pitfall: the asker is told about itself, and we name ourselves.
def test_neither_the_asker_nor_we_are_named(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1, 600))

    named = one.ask(peers([1])[0], m.FindNode, OWN).nodes

    assert sorted(c.id for c in named) == [2, 3, 4, 5, 6, 7, 8, OWN + 1]


# Pitfall: peers that do not answer are named as the closest.
def test_a_contact_that_let_a_request_fail_is_not_named_until_it_answers(one):
    one.know(peer(1), peer(2))
    one.table.missed(2)

    before = one.ask(STRANGER, m.FindNode, 2).nodes
    one.know(peer(2))

    assert [c.id for c in before] == [1]
    assert [c.id for c in one.ask(STRANGER, m.FindNode, 2).nodes] == [2, 1]


def test_contacts_of_the_other_family_are_wanted_in_vain(one):
    one.know(peer(1))

    assert one.ask(STRANGER, m.FindNode, 1, want=(b"n6",)).nodes is None
    assert len(one.ask(STRANGER, m.FindNode, 1, want=(b"n4", b"n6")).nodes) == 1


def test_an_announced_peer_is_found_at_its_port_or_the_one_it_came_from(one):
    token = one.ask(STRANGER, m.GetPeers, 5).token

    one.ask(STRANGER, m.AnnouncePeer, 5, 7000, token)
    one.ask(STRANGER, m.AnnouncePeer, 5, 1, token, implied_port=True)

    host, port = STRANGER.address
    assert one.ask(OTHER, m.GetPeers, 5).peers == ((host, port), (host, 7000))


def test_with_the_check_switched_off_anybody_stores_with_any_token(recorders):
    one = OneNode(recorders, check_tokens=False)

    one.ask(STRANGER, m.AnnouncePeer, 5, 7000, b"made up")

    assert one.node.storage.peers_of(5, 0.0) == [(STRANGER.address[0], 7000)]


# Pitfall: anyone may overwrite any key: no token, no validation, last write wins.
@pytest.mark.parametrize("token", [b"", b"wrong", b"x" * 8])
def test_without_the_token_it_was_given_nobody_stores(one, token):
    item = Item(encode_value(b"a"))

    assert refused(one, STRANGER, m.Put, item, token) == 203
    assert refused(one, STRANGER, m.AnnouncePeer, 5, 7000, token) == 203
    assert (one.node.storage.items, one.node.storage.peers) == ({}, {})


def test_a_forged_source_cannot_use_a_token_given_to_another_host(one):
    token = token_for(one, STRANGER)

    assert refused(one, OTHER, m.Put, Item(encode_value(b"a")), token) == 203
    assert refused(one, OTHER, m.AnnouncePeer, 5, 7000, token) == 203


def test_a_token_outlives_one_change_of_the_secret_but_not_two(one):
    token, item = token_for(one, STRANGER), Item(encode_value(b"a"))

    one.ctx.advance(599)
    assert one.ask(STRANGER, m.Put, item, token) == m.Reply(b"aa", OWN)
    one.ctx.advance(2)
    assert refused(one, STRANGER, m.Put, item, token) == 203


def test_an_immutable_item_is_given_back_with_a_token_and_contacts(one):
    item = Item(encode_value([b"a", 1]))
    one.know(peer(1))
    one.ask(STRANGER, m.Put, item, token_for(one, STRANGER))

    answer = one.ask(OTHER, m.Get, item.target)

    assert (answer.item, answer.nodes) == (item, (peer(1),))
    assert answer.token


def test_a_mutable_item_is_given_back_signed_and_without_its_salt(one):
    item = signed_item(SECRET, b"a", 3, b"salt")
    one.ask(STRANGER, m.Put, item, token_for(one, STRANGER))

    answer = one.ask(OTHER, m.Get, item.target).item

    assert answer == Item(item.encoded, item.public, item.signature, b"", 3)


def test_who_has_the_newest_number_gets_the_number_and_not_the_value(one):
    item = signed_item(SECRET, b"a", 3)
    one.ask(STRANGER, m.Put, item, token_for(one, STRANGER))

    known = one.ask(OTHER, m.Get, item.target, seq=3)

    assert (known.item, known.seq) == (None, 3)
    assert one.ask(OTHER, m.Get, item.target, seq=2).item == item


def test_each_rule_of_bep_44_has_its_error_code(one):
    token = token_for(one, STRANGER)
    one.ask(STRANGER, m.Put, signed_item(SECRET, b"a", 3), token)
    newer, older = signed_item(SECRET, b"b", 4), signed_item(SECRET, b"b", 2)
    forged = Item(newer.encoded, newer.public, bytes(64), b"", 9)

    assert refused(one, STRANGER, m.Put, forged, token) == 206
    assert refused(one, STRANGER, m.Put, newer, token, cas=2) == 301
    assert refused(one, STRANGER, m.Put, older, token) == 302
    assert one.ask(STRANGER, m.Put, newer, token, cas=3) == m.Reply(b"aa", OWN)


def test_a_value_or_a_salt_too_long_has_its_error_code(one):
    token = token_for(one, STRANGER)
    long = Item(b"997:" + bytes(997))
    salted = Item(b"1:a", bytes(32), bytes(64), bytes(65), 1)

    assert refused(one, STRANGER, m.Put, long, token) == 205
    assert refused(one, STRANGER, m.Put, salted, token) == 207


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        (b"d1:ad2:id20:" + b"a" * 20 + b"e1:q5:hello1:t2:aa1:y1:qe", 204),
        (b"d1:q4:ping1:t2:aa1:y1:qe", 203),
        (b"d1:ad2:id19:" + b"a" * 19 + b"e1:q4:ping1:t2:aa1:y1:qe", 203),
        (b"d1:ad2:id20:" + b"a" * 20 + b"e1:q9:find_node1:t2:aa1:y1:qe", 203),
        (b"d1:ad2:id20:" + b"a" * 20 + b"e1:qi4e1:t2:aa1:y1:qe", 203),
        (b"d1:ale1:q4:ping1:t2:aa1:y1:qe", 203),
    ],
)
def test_a_query_that_makes_no_sense_gets_an_error_with_its_transaction_id(
    one, packet, code
):
    with pytest.raises(RemoteProtocolError):
        one.node.receive(STRANGER.address, CODEC.decode(packet))

    to, error = one.ctx.take(m.Error)
    assert (to, error.tid, error.code) == (STRANGER.address, b"aa", code)


def test_a_sample_names_some_of_the_infohashes_and_how_many_there_are(recorders):
    one = OneNode(recorders, max_samples=5)
    for infohash in range(50):
        one.node.storage.add_peer(infohash, ("127.0.0.5", 1), 0.0)

    sample = one.ask(STRANGER, m.SampleInfohashes, 1).sample

    assert (sample.num, sample.interval_s) == (50, 60)
    assert len(set(sample.infohashes)) == 5
    assert set(sample.infohashes) <= set(range(50))


def test_who_keeps_nothing_says_so_with_an_empty_sample(one):
    assert one.ask(STRANGER, m.SampleInfohashes, 1).sample == m.Sample(60, 0, ())


def test_a_read_only_node_answers_nobody(recorders):
    one = OneNode(recorders, read_only=True)

    with pytest.raises(RemoteProtocolError, match="query to a read-only node"):
        one.hear(STRANGER.address, m.Ping(b"aa", 99, False))


def test_a_read_only_asker_is_answered_and_not_pinged(one):
    one.ask(STRANGER, m.Ping)

    assert (one.ctx.sent, one.known()) == ([], [])


# Pitfall: datagram size ignored. One Ethernet frame carries 1472 bytes of UDP.
def test_the_longest_messages_fit_one_ethernet_frame(one):
    one.know(*peers(OWN - i for i in range(1, 9)))
    item = signed_item(SECRET, bytes(996), 1 << 62, b"s" * 64)
    token = token_for(one, STRANGER)
    one.ask(STRANGER, m.Put, item, token)
    for number in range(100):
        one.node.storage.add_peer(9, ("127.4.0.1", number + 1), 0.0)
        one.node.storage.add_peer(1000 + number, ("127.4.0.1", 1), 0.0)

    answers = [
        m.Put(b"aaaa", OWN, True, item, token, 1 << 62, 7199),
        one.ask(STRANGER, m.Get, item.target),
        one.ask(STRANGER, m.GetPeers, 9),
        one.ask(STRANGER, m.SampleInfohashes, 9),
    ]

    sizes = [len(CODEC.encode(answer)) for answer in answers]
    assert len(answers[1].nodes) == 8
    assert max(sizes) <= 1472
    assert max(sizes[2:]) <= 1200
