"""One Plumtree node, with the test as its neighbors: what goes where."""

import pytest

from p2pkit.core import Delivered, LocalProtocolError, RemoteProtocolError, message_id
from p2pkit.protocols import Plumtree
from p2pkit.protocols.hyparview import messages as h
from p2pkit.protocols.plumtree import messages as m
from tests.membership import OneStreamNode, StreamRecorder, address

NEWS = m.Gossip("", b"nonce", 0, b"news")
NUMBER = message_id("", b"nonce", b"news")
OTHER = bytes(16)


class Bench(OneStreamNode):
    """A node with three neighbors."""

    def __init__(self, **settings):
        super().__init__(Plumtree, lambda **n: StreamRecorder(**n), **settings)
        self.a, self.b, self.c = (self.meet(number) for number in (1, 2, 3))
        self.ctx.take_all()

    def meet(self, number):
        stream = self.arrive(number)
        self.hear(stream, h.Join())
        return stream

    def sent(self, kind):
        return dict(self.ctx.take_all(kind))


@pytest.fixture
def bench():
    return Bench()


def test_news_go_to_all_but_whom_they_came_from_one_hop_older(bench):
    bench.hear(bench.a, NEWS)

    further = m.Gossip("", b"nonce", 1, b"news")
    assert bench.sent(m.Gossip) == {bench.b: further, bench.c: further}
    assert bench.ctx.events[-1] == Delivered("", NUMBER, address(1), 0)


def test_who_sends_what_we_have_is_pruned_and_only_told_from_then_on(bench):
    bench.hear(bench.a, NEWS)
    bench.hear(bench.b, NEWS)
    assert bench.sent(m.Prune) == {bench.b: m.Prune("")}
    bench.ctx.take_all()

    bench.hear(bench.a, m.Gossip("", b"2", 0, b"more"))
    bench.ctx.advance(bench.node.config.announce_s)

    assert set(bench.sent(m.Gossip)) == {bench.c}
    number = message_id("", b"2", b"more")
    assert bench.sent(m.IHave) == {bench.b: m.IHave("", ((number, 1),))}


def test_a_message_delivered_twice_is_reported_once(bench):
    for stream in (bench.a, bench.b, bench.c):
        bench.hear(stream, NEWS)

    assert len([e for e in bench.ctx.events if isinstance(e, Delivered)]) == 1


def test_what_is_announced_and_does_not_come_is_asked_of_one_after_the_other(bench):
    bench.hear(bench.a, m.IHave("", ((NUMBER, 1),)))
    bench.hear(bench.b, m.IHave("", ((NUMBER, 1),)))
    assert bench.sent(m.Graft) == {}

    bench.ctx.advance(bench.node.config.graft_s)
    assert bench.sent(m.Graft) == {bench.a: m.Graft("", NUMBER)}
    bench.ctx.advance(bench.node.config.regraft_s)
    assert bench.sent(m.Graft) == {bench.b: m.Graft("", NUMBER)}
    bench.ctx.advance(bench.node.config.regraft_s)

    assert len(bench.node.spreading.by_topic[""].missing) == 0


def test_what_comes_in_time_is_not_asked_for(bench):
    bench.hear(bench.a, m.IHave("", ((NUMBER, 1),)))

    bench.hear(bench.b, NEWS)
    bench.ctx.advance(10)

    assert bench.sent(m.Graft) == {}


def test_a_graft_brings_the_message_and_all_later_ones(bench):
    bench.hear(bench.a, NEWS)
    bench.hear(bench.b, m.Prune(""))
    bench.ctx.take_all()

    bench.hear(bench.b, m.Graft("", NUMBER))
    assert bench.sent(m.Gossip) == {bench.b: m.Gossip("", b"nonce", 1, b"news")}
    bench.hear(bench.a, m.Gossip("", b"2", 0, b"more"))

    assert bench.b in bench.sent(m.Gossip)


def test_a_graft_for_what_nobody_has_is_only_a_link(bench):
    bench.hear(bench.b, m.Graft("", OTHER))

    assert bench.sent(m.Gossip) == {}


def test_a_shorter_path_takes_the_place_of_the_trees_where_that_is_wanted():
    bench = Bench(optimize_hops=3)
    bench.hear(bench.b, m.Prune(""))
    bench.hear(bench.b, m.IHave("", ((NUMBER, 2),)))
    bench.ctx.take_all()

    bench.hear(bench.a, m.Gossip("", b"nonce", 7, b"news"))

    assert bench.sent(m.Graft) == {bench.b: m.Graft("")}
    assert bench.sent(m.Prune) == {bench.a: m.Prune("")}


def test_a_node_that_neither_wants_a_topic_nor_leads_on_leaves_it(bench):
    bench.hear(bench.b, m.Prune("chess"))
    bench.hear(bench.c, m.Prune("chess"))
    bench.ctx.take_all()

    bench.hear(bench.a, m.Gossip("chess", b"1", 0, b"e4"))

    assert set(bench.sent(m.Leave)) == {bench.a, bench.b, bench.c}
    assert not [e for e in bench.ctx.events if isinstance(e, Delivered)]


def test_whoever_left_is_neither_sent_to_nor_told_until_its_time_is_over(bench):
    bench.node.subscribe("chess")
    bench.hear(bench.b, m.Leave("chess"))

    bench.hear(bench.a, m.Gossip("chess", b"1", 0, b"e4"))
    bench.ctx.advance(1)
    assert bench.b not in bench.sent(m.Gossip)
    assert bench.b not in bench.sent(m.IHave)
    bench.node.shuffling.stop()
    bench.ctx.advance(bench.node.config.away_s)
    bench.ctx.take_all()
    bench.hear(bench.a, m.Gossip("chess", b"2", 0, b"e5"))

    assert bench.b in bench.sent(m.Gossip)


def test_a_broadcast_cannot_be_unsubscribed(bench):
    with pytest.raises(LocalProtocolError, match="for everybody"):
        bench.node.unsubscribe("")


def test_a_flood_of_announcements_is_bounded_over_all_topics():
    bench = Bench(max_missing=10)
    ids = [number.to_bytes(16, "big") for number in range(20)]

    bench.hear(bench.a, m.IHave("", tuple((one, 1) for one in ids[:10])))
    with pytest.raises(RemoteProtocolError, match="too many announcements"):
        bench.hear(bench.a, m.IHave("chess", ((ids[10], 1),)))


def test_a_flood_of_topics_is_bounded():
    bench = Bench(max_topics=4)

    for number in range(4):
        bench.hear(bench.a, m.Graft(f"topic {number}"))
    with pytest.raises(RemoteProtocolError, match="too many topics"):
        bench.hear(bench.a, m.Graft("one more"))

    assert len(bench.node.spreading.by_topic) == 4


def test_payloads_are_kept_up_to_so_many_bytes():
    bench = Bench(keep_bytes=1000)

    for number in range(20):
        bench.hear(bench.a, m.Gossip("", bytes([number]), 0, bytes(100)))

    assert len(bench.node.spreading.kept) == 10


def test_a_payload_under_another_messages_nonce_is_another_message(bench):
    bench.hear(bench.a, NEWS)

    bench.hear(bench.b, m.Gossip("", b"nonce", 0, b"lies"))

    numbers = [e.message_id for e in bench.ctx.events if isinstance(e, Delivered)]
    assert len(set(numbers)) == 2


def test_a_stopped_node_leaves_no_timer(bench):
    bench.hear(bench.a, m.IHave("", ((OTHER, 1),)))
    bench.hear(bench.a, NEWS)

    bench.node.stop()

    assert bench.ctx.timers == 0
