"""Tables over streams: who sends first, what is merged, and what has a bound."""

from __future__ import annotations

import pytest

from p2pkit.core import PeerUnreachable, RemoteProtocolError
from p2pkit.protocols.swim import messages as m
from tests.one_member import HERE, STRANGER, OneMember, at

ME = f"{1 << 159:040x}"


def entry(name: str, state: int = 0, incarnation: int = 1) -> m.Entry:
    return m.Entry(name, at(int(name[1:])), b"", incarnation, state, bytes(6))


def table(*entries: m.Entry) -> m.PushPull:
    return m.PushPull(False, entries)


def test_whoever_opens_a_stream_sends_its_table_first_and_closes_it():
    one = OneMember()
    joined = one.node.bootstrap([at(1)])
    assert one.ctx.connected == [at(1)]

    one.node.on_connected(at(1))
    ((to, sent),) = one.ctx.on_streams
    one.node.receive_stream(at(1), table(entry("m1"), entry("m2")))

    assert (to, sent.join, [e.node for e in sent.entries]) == (at(1), True, [ME])
    assert sent.entries[0].address == HERE
    assert joined.result == 3
    assert one.ctx.closed == [at(1)]


def test_whoever_is_asked_answers_with_its_table_and_closes():
    one = OneMember()
    one.know("m1")
    visitor = ("127.9.1.7", 50_000)
    one.node.on_connected(visitor)
    assert one.ctx.on_streams == []

    one.node.receive_stream(visitor, table(entry("m7")))

    ((_, answer),) = one.ctx.on_streams
    assert {e.node for e in answer.entries} == {ME, "m1"}
    assert one.state("m7") == "alive"
    assert one.ctx.closed == [visitor]


def test_the_bad_news_of_a_table_is_a_suspicion():
    one = OneMember()
    one.know("m1", "m2")
    one.node.on_connected(STRANGER)

    one.node.receive_stream(STRANGER, table(entry("m1", 2), entry("m2", 3)))

    assert (one.state("m1"), one.state("m2")) == ("suspect", "suspect")


def test_a_bad_line_of_a_table_harms_no_other_line():
    one = OneMember()
    one.node.on_connected(STRANGER)
    bad = m.Entry("m1", ("127.9.9.9", 0), b"", 1, 0, b"")

    with pytest.raises(RemoteProtocolError, match="impossible address"):
        one.node.receive_stream(STRANGER, table(bad, entry("m2")))

    assert one.state("m2") == "alive"


def test_a_table_of_thousands_fills_no_more_than_there_is_room_for():
    one = OneMember(max_members=100, max_joins=10_000)
    one.node.on_connected(STRANGER)
    crowd = [m.Entry(f"x{i}", at(i % 250), b"", 1, 0, b"") for i in range(5000)]

    with pytest.raises(RemoteProtocolError, match="too many members"):
        one.node.receive_stream(STRANGER, table(*crowd))

    assert len(one.node.members.order) == 100


def test_a_stream_on_which_nothing_is_said_is_closed():
    one = OneMember()
    one.node.on_connected(STRANGER)

    one.ctx.advance(one.node.config.stream_s)

    assert one.ctx.closed == [STRANGER]


def test_an_answer_that_nobody_asked_for_is_refused():
    one = OneMember()
    one.node.on_connected(STRANGER)

    with pytest.raises(RemoteProtocolError, match="not asked for on a stream"):
        one.node.receive_stream(STRANGER, m.Ack(1))
    assert one.ctx.closed == [STRANGER]


def test_a_ping_on_a_stream_is_answered_there():
    one = OneMember()
    one.node.on_connected(STRANGER)

    one.node.receive_stream(STRANGER, m.Ping(5, ME))

    assert one.ctx.on_streams == [(STRANGER, m.Ack(5))]


def test_joining_where_nobody_is_says_so_and_tries_again():
    one = OneMember()
    joined = one.node.bootstrap([at(1), at(2)])
    for address in (at(1), at(2)):
        one.node.on_closed(address)

    with pytest.raises(PeerUnreachable, match="none of 2 members answered"):
        _ = joined.result
    one.ctx.advance(one.node.config.probe_s)

    assert one.ctx.connected == [at(1), at(2)] * 2


def test_joining_a_peer_that_never_answers_ends_as_well():
    one = OneMember()
    joined = one.node.bootstrap([at(1)])
    one.node.on_connected(at(1))

    one.ctx.advance(one.node.config.stream_s)

    assert joined.error is not None
    assert at(1) in one.ctx.closed


def test_of_three_contacts_one_is_enough():
    one = OneMember()
    joined = one.node.bootstrap([at(1), at(2)])
    one.node.on_closed(at(1))
    one.node.on_connected(at(2))
    one.node.receive_stream(at(2), table(entry("m2")))

    assert joined.result == 2


def test_one_of_the_dead_is_told_and_if_it_answers_tables_are_compared():
    one = OneMember(dead_probe_s=5.0, gossip_to_dead_s=0.0)
    one.know("m1", "m2")
    member = one.node.members.by_name["m1"]
    one.node.beliefs._bury(member, m.Dead(1, "m1", "m2"))
    one.node.healing.start()

    pings = []
    one.until(lambda: bool(pings.extend(one.said(m.Ping)) or pings))
    ((to, ping),) = pings
    one.hear(to, m.Ack(ping.seq))

    assert (to, ping.node) == (at(1), "m1")
    assert one.ctx.connected == [at(1)]


def test_what_is_saved_is_our_table_and_makes_a_restart_newer():
    one = OneMember()
    one.know("m1", "m2")
    one.node.own.incarnation = 6

    again = OneMember()
    again.node.restore(one.node.save())
    again.node.bootstrap([])

    assert again.node.own.incarnation == 7
    assert sorted(again.ctx.connected) == [at(1), at(2)]


def test_who_joins_two_clusters_tells_each_of_the_other():
    one = OneMember()
    one.node.bootstrap([at(1), at(2)])
    for number in (1, 2):
        one.node.on_connected(at(number))
        one.node.receive_stream(at(number), table(entry(f"m{number}"), entry("m3")))

    one.ctx.take_all()
    one.node.gossip.send(at(1))

    assert {alive.node for _, alive in one.said(m.Alive)} == {"m1", "m2"}


def test_whoever_stops_while_tables_are_compared_leaves_no_timer():
    one = OneMember()
    one.node.sync.exchange(STRANGER, lambda _: None)
    one.node.on_connected(at(5))
    assert one.ctx.timers == 2

    one.node.stop()

    assert one.ctx.timers == 0
