"""Stabilizing and rectifying, one message at a time."""

import pytest

from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.protocols.chord import messages as m
from tests.one_position import OnePosition, place


@pytest.fixture
def one(recorders):
    return OnePosition(recorders, successors=3)


def test_the_list_of_a_successor_that_answers_becomes_ours(one):
    one.stand(90, [110])
    one.node.stabilize()

    one.reply(m.GetLinks, m.Links, one.names(100)[0], one.names(120, 130, 140))
    one.reply(m.Notify, m.Done)
    one.reply(m.Ping, m.Done)  # then the predecessor is asked whether it lives

    assert one.after() == [110, 120, 130]


def test_a_nearer_successor_is_followed_only_when_it_has_answered(one):
    one.stand(90, [110])
    one.node.stabilize()
    one.reply(m.GetLinks, m.Links, one.names(105)[0], one.names(120))

    assert one.after() == [110, 120]  # named, and not believed yet
    one.reply(m.GetLinks, m.Links, one.names(100)[0], one.names(110, 120))
    to = one.reply(m.Notify, m.Done)
    one.reply(m.Ping, m.Done)

    assert (one.after(), to.id) == ([105, 110, 120], 105)


def test_a_nearer_successor_that_is_dead_is_never_followed(one):
    one.stand(90, [110])
    one.node.stabilize()
    one.reply(m.GetLinks, m.Links, one.names(105)[0], one.names(120))
    one.ctx.take(m.GetLinks)  # goes to 105, which says nothing
    one.ctx.advance(one.node.config.timeout_s)
    one.ctx.take_all(m.GetLinks)

    assert one.reply(m.Notify, m.Done).id == 110
    assert one.after() == [110, 120]
    one.reply(m.Ping, m.Done)


def test_a_dead_successor_gives_way_to_the_next_of_the_list(one):
    one.stand(90, [110, 120, 130])
    one.node.stabilize()
    one.ctx.advance(one.node.config.timeout_s)
    asked = {to for to, _ in one.ctx.take_all(m.GetLinks)}

    assert one.after() == [120, 130]
    assert asked == {place(110).address, place(120).address}


@pytest.mark.parametrize("before", [None, 90])
def test_a_predecessor_is_taken_when_it_answers_and_not_before(one, before):
    one.stand(before, [110])
    one.ask(place(95), m.Notify)

    assert one.before() == before
    one.reply(m.Ping, m.Done)
    assert one.before() == 95
    if before is not None:  # and who stood there is told
        assert one.ctx.take(m.Displaced)[0] == place(before).address


def test_who_stands_farther_than_the_predecessor_makes_us_ask_whether_it_lives(one):
    one.stand(95, [110])
    one.ask(place(90), m.Notify)
    to, _ = one.next_request(m.Ping)

    assert (to.id, one.before()) == (95, 95)


def test_a_goodbye_is_believed_when_the_node_refuses_to_be_a_member(one):
    one.stand(90, [110, 120])
    one.ask(place(110), m.Leave)

    assert one.after() == [110, 120]
    one.reply(m.Ping, m.Refused, m.OUTSIDE)
    assert one.after() == [120]


def test_a_forged_goodbye_sends_nobody_away(one):
    one.stand(90, [110, 120])
    one.ask(place(110), m.Leave)
    one.reply(m.Ping, m.Done)

    assert one.after() == [110, 120]


def test_a_node_that_has_not_joined_refuses_and_says_why(one):
    raw = bytes([90])

    with pytest.raises(RemoteProtocolError, match="not on the ring"):
        one.hear(place(90).address, m.GetLinks(b"aa", raw, bytes([100])))
    assert one.ctx.take(m.Refused)[1].code == m.OUTSIDE


def test_an_id_that_is_not_the_hash_of_its_address_is_refused(recorders):
    address = ("127.0.0.1", 6881)
    number = OnePosition(recorders).node.choose_id(None, address)
    one = OnePosition(recorders, own=number, hashed_ids=True, id_bits=160)
    one.stand(None, [])
    forged = m.Notify(b"aa", one.node.ring.pack(5), one.node.ring.pack(number))

    with pytest.raises(RemoteProtocolError, match="does not belong to its address"):
        one.hear(("127.0.0.9", 6881), forged)


def test_a_list_with_a_forged_contact_is_not_taken_over(recorders):
    address = ("127.0.0.1", 6881)
    make = OnePosition(recorders).node.choose_id
    number = make(None, address)
    one = OnePosition(recorders, own=number, hashed_ids=True, id_bits=160)
    peer = Contact(make(None, ("127.0.0.2", 6881)), ("127.0.0.2", 6881))
    one.position.joined = True
    one.position.follow([peer])
    one.node.stabilize()
    _, request = one.ctx.take(m.GetLinks)
    lie = one.claims.names([Contact(peer.id + 1, ("127.0.0.3", 6881))])

    with pytest.raises(RemoteProtocolError, match="does not belong to its address"):
        one.hear(peer.address, m.Links(request.tid, request.to, None, lie))
    assert one.after() == []  # whoever lies is no successor of ours


@pytest.mark.parametrize("key", [b"", b"\x01\x02", b"\x00" * 20])
def test_a_key_of_the_wrong_size_is_nonsense(one, key):
    one.stand(90, [110])

    with pytest.raises(RemoteProtocolError, match="wrong size"):
        one.hear(place(9).address, m.FindSuccessor(b"aa", b"\x09", b"\x64", key))


def test_an_answer_of_another_kind_than_asked_for_counts_as_none(one):
    one.stand(90, [110, 120])
    one.node.stabilize()
    to, request = one.next_request(m.GetLinks)

    with pytest.raises(RemoteProtocolError, match="another kind"):
        one.hear(to.address, m.Held(request.tid, request.to, b"?"))
    assert one.after() == [120]
    one.ctx.take(m.GetLinks)
