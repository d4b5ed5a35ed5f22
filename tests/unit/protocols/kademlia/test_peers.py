"""Who gets into the table: those that answered us, and nobody else."""

import random

import pytest

from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.protocols.kademlia import bep42
from p2pkit.protocols.kademlia import messages as m
from tests.one_node import OWN, OneNode, peer, peers


@pytest.fixture
def one(recorders):
    return OneNode(recorders)


def query_from(one, sender, read_only=False):
    one.hear(sender.address, m.Ping(b"aa", sender.id, read_only))
    one.ctx.take(m.Reply)


# Pitfall: any inbound packet inserts its claimed id.
def test_who_asks_us_is_pinged_and_enters_when_it_answers(one):
    query_from(one, peer(5))
    before = one.known()

    to, ping = one.ctx.take(m.Ping)
    one.reply(peer(5), ping)

    assert (before, to, one.known()) == ([], peer(5).address, [5])


def test_an_answer_from_another_address_does_not_let_anybody_in(one):
    query_from(one, peer(5))
    _, ping = one.ctx.take(m.Ping)

    with pytest.raises(RemoteProtocolError, match="answer nobody waits for"):
        one.hear(peer(6).address, m.Reply(ping.tid, 5))
    one.silence()

    assert one.known() == []


def test_an_answer_under_another_id_does_not_let_the_first_one_in(one):
    query_from(one, peer(5))
    _, ping = one.ctx.take(m.Ping)

    one.hear(peer(5).address, m.Reply(ping.tid, 6))

    assert one.known() == []


def test_those_that_others_name_do_not_enter_before_they_answer(one):
    one.know(peer(1))
    one.node.lookup(1)
    _, query = one.ctx.take(m.FindNode)

    one.reply(peer(1), query, nodes=tuple(peers([2, 3])))

    assert one.known() == [1]
    one.silence()
    assert one.known() == [1]


# Pitfall: a flood of forged sources fills the table.
def test_a_flood_of_forged_sources_leaves_the_table_as_it_was(one):
    honest = peers([1, 2, 3])
    one.know(*honest)

    for number in range(1000):
        query_from(one, peer(OWN ^ (number << 100), 1000 + number))
        assert len(one.node.peers.checks.running) <= 64
    pinged = {to for to, _ in one.ctx.take_all(m.Ping)}
    one.silence()

    assert len(pinged) == 64
    assert one.known() == [1, 2, 3]
    assert len(one.node.peers.checks.running) == 0


def test_one_stranger_that_asks_often_is_pinged_once_at_a_time(one):
    for _ in range(20):
        query_from(one, peer(5))

    assert len(one.ctx.take_all(m.Ping)) == 1


def test_a_read_only_peer_is_neither_pinged_nor_kept(one):
    query_from(one, peer(5), read_only=True)

    assert (one.ctx.sent, one.known()) == ([], [])


def test_nobody_enters_under_our_own_id(one):
    query_from(one, Contact(OWN, ("127.0.0.9", 9)))

    assert (one.ctx.sent, one.known()) == ([], [])


def test_a_stranger_for_whom_there_is_no_room_is_not_pinged(one):
    one.know(*peers(range(1, 9)), *peers(OWN + i for i in range(1, 9)))

    query_from(one, peer(20))

    assert (one.ctx.sent, len(one.known())) == ([], 16)


# Pitfall: the head of a bucket is pinged again and again.
def test_one_check_of_an_old_contact_is_under_way_per_bucket(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1))
    one.ctx.now_s = 1000.0  # all have been silent for more than 15 minutes

    for newcomer in peers(range(20, 28)):
        one.node.peers.heard(newcomer)

    pings = one.ctx.take_all(m.Ping)
    assert [to for to, _ in pings] == [peers([1])[0].address]


def test_an_old_contact_that_answers_stays_and_one_that_does_not_is_replaced(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1))
    one.ctx.now_s = 1000.0
    one.node.peers.heard(peer(20))
    _, ping = one.ctx.take(m.Ping)
    one.reply(peers([1])[0], ping)
    after_answer = one.known()

    one.node.peers.heard(peer(21))
    one.silence()

    assert after_answer == [2, 3, 4, 5, 6, 7, 8, 1, OWN + 1]
    assert one.known() == [3, 4, 5, 6, 7, 8, 1, 21, OWN + 1]


def test_a_contact_heard_from_lately_is_not_checked_for_a_newcomer(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1))

    one.node.peers.heard(peer(20))

    assert one.ctx.sent == []


# Pitfall: check, wait, act: many at once overfill a bucket.
def test_many_answers_at_once_never_overfill_a_bucket(one):
    crowd = peers(range(1, 40))
    for contact in crowd:
        one.node.peers.ask(contact, one.node.peers.ping, lambda _: None, lambda: None)
    pings = one.ctx.take_all(m.Ping)

    for contact, (_, ping) in zip(crowd, pings, strict=True):
        one.reply(contact, ping)

    assert one.known() == list(range(1, 9))
    assert len(one.table.bucket(1).replacements) == 8


# Pitfall: one missed reply evicts.
def test_a_contact_is_gone_after_five_failed_requests_and_not_after_four(one):
    one.know(peer(5))

    for expected in [[5]] * 4 + [[]]:
        one.node.peers.ask(peer(5), one.node.peers.ping, lambda _: None, lambda: None)
        one.silence()
        assert one.known() == expected


def test_a_refusal_proves_that_a_contact_is_there(one):
    one.know(peer(5))
    failures = []
    one.node.peers.ask(
        peer(5), one.node.peers.ping, failures.append, lambda: failures.append("no")
    )
    _, ping = one.ctx.take(m.Ping)

    one.hear(peer(5).address, m.Error(ping.tid, 202, "busy"))

    assert (failures, one.known()) == (["no"], [5])
    assert [c.id for c in one.table.closest(5, 8)] == [5]


def test_another_node_at_the_address_of_a_contact_counts_as_missed(one):
    one.know(peer(5))
    one.node.peers.ask(peer(5), one.node.peers.ping, lambda _: None, lambda: None)
    _, ping = one.ctx.take(m.Ping)

    one.hear(peer(5).address, m.Reply(ping.tid, 6))

    assert one.table.closest(5, 8) == []


def test_with_bep_42_an_id_that_does_not_fit_its_address_stays_out(recorders):
    one = OneNode(recorders, bep42=True)
    misfit = Contact(5, ("8.8.8.8", 1))
    local = peer(6)

    one.know(misfit, local)

    assert one.known() == [6]


def test_with_bep_42_enforced_a_local_misfit_stays_out_and_is_not_even_pinged(
    recorders,
):
    one = OneNode(recorders, bep42="enforce")
    host = "127.9.0.7"
    fits = Contact(bep42.make_id(host, random.Random(7)), (host, 6881))
    misfit = peer(fits.id ^ 1 << 150)

    one.know(fits, misfit)
    one.node.peers.checks.noticed(misfit)

    assert one.known() == [fits.id]
    assert list(one.node.peers.admitted([misfit, fits])) == [fits]
    assert one.ctx.take_all() == []


# Pitfall: the replacement cache grows, and lets in who never answered.
def test_however_many_answer_the_replacements_are_bounded_and_have_answered(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1))

    for number in range(2000):
        one.node.peers.heard(peer(100 + number))

    waiting = list(one.table.bucket(1).replacements)
    assert waiting == list(range(2092, 2100))
    for node_id in range(1, 9):
        one.table.missed(node_id)
    assert set(one.known()) == {*waiting, OWN + 1}
