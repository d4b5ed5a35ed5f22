"""Long answers go to addresses that have proved themselves, and to no victim."""

import pytest

from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.items import Item, encode_value
from p2pkit.protocols.kademlia.krpc import write
from tests.one_node import OWN, OneNode, peer, peers

VICTIM = peer(99, host=700)
ITEM = Item(encode_value(b"x" * 900))


@pytest.fixture
def one(recorders):
    one = OneNode(recorders, max_reply_factor=1.0, check_sends=1)
    one.know(*peers(OWN + n for n in range(1, 9)), *peers(range(1, 9)))
    return one


def query(kind, *fields, read_only=False):
    return kind(b"aa", VICTIM.id, read_only, *fields)


def ask(one, message):
    """Have a query come from the victim's address; return what goes back."""
    one.hear(VICTIM.address, message)
    sent = one.ctx.take_all()
    assert {to for to, _ in sent} <= {VICTIM.address}
    return [answer for _, answer in sent]


@pytest.mark.parametrize(
    "message",
    [query(m.FindNode, 5), query(m.GetPeers, 5), query(m.Get, ITEM.target)],
    ids=lambda it: type(it).__name__,
)
def test_a_forged_query_brings_its_victim_one_short_ping(one, message):
    one.node.storage.add_item(ITEM, 0, 0.0)

    first = ask(one, message)
    one.silence()
    later = ask(one, query(m.Ping))[:1]

    assert [type(it) for it in first] == [m.Ping]
    assert len(write(first[0])) < len(write(message))
    assert [type(it) for it in later] == [m.Reply]


def test_who_answers_the_ping_gets_the_long_answer_and_is_not_asked_again(one):
    (ping,) = ask(one, query(m.FindNode, 5))

    one.reply(VICTIM, ping)
    first = [answer for _, answer in one.ctx.take_all()]
    again = ask(one, query(m.FindNode, 5))

    assert [len(it.nodes) for it in first] == [8]
    assert again == first


def test_what_waits_for_one_address_is_bounded_and_costs_one_ping(one):
    sent = [it for _ in range(20) for it in ask(one, query(m.FindNode, 5))]

    one.reply(VICTIM, sent[0])

    assert [type(it) for it in sent] == [m.Ping]
    assert len(one.ctx.take_all(m.Reply)) == 4


def test_a_read_only_peer_gets_what_is_short(one):
    one.node.storage.add_item(ITEM, 0, 0.0)

    (answer,) = ask(one, query(m.Get, ITEM.target, read_only=True))

    assert (answer.nodes, answer.item) == (None, None)
    assert answer.token
    assert len(write(answer)) < len(write(query(m.Get, ITEM.target, read_only=True)))


def test_contacts_are_answered_at_once(one):
    known = peer(1)

    one.hear(known.address, m.FindNode(b"aa", known.id, False, 5))

    assert len(one.ctx.take(m.Reply)[1].nodes) == 8


def test_a_proof_holds_for_ten_minutes(one):
    (ping,) = ask(one, query(m.FindNode, 5))
    one.reply(VICTIM, ping)
    one.ctx.take_all()

    one.ctx.now_s += 601
    answers = ask(one, query(m.FindNode, 5))

    assert m.Reply not in [type(it) for it in answers]


def test_without_the_switch_everybody_is_answered_at_once(recorders):
    one = OneNode(recorders)
    one.know(*peers(range(1, 9)))

    answers = ask(one, query(m.FindNode, 5))

    assert len(answers[0].nodes) == 8
