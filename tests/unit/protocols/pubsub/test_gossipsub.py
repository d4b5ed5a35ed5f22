"""One gossipsub node, with the test as its neighbors: the specification's rules."""

import msgspec
import pytest

from p2pkit.core import Delivered, RemoteProtocolError, message_id
from p2pkit.protocols import Gossipsub, GossipsubConfig
from p2pkit.protocols.pubsub import messages as m
from tests.membership import OneStreamNode, StreamRecorder, address

BAD = bytes(16)


class Bench(OneStreamNode):
    """A node subscribed to a topic, with so many neighbors that are, too."""

    def __init__(self, peers=3, **settings):
        super().__init__(Gossipsub, lambda **n: StreamRecorder(**n), **settings)
        self.node.subscribe("t")
        self.streams_of = [self.meet(number) for number in range(1, peers + 1)]
        self.ctx.take_all()

    def meet(self, number):
        stream = self.arrive(number)
        self.hear(stream, m.Subscriptions(add=("t",)))
        return stream

    @property
    def mesh(self):
        return self.node.mesh.links["t"]

    def beat(self, times=1):
        for _ in range(times):
            self.ctx.advance(self.node.config.heartbeat_s)
            self.node._on_heartbeat()
            self.node._timer.cancel()

    def sent(self, kind):
        return self.ctx.take_all(kind)


def publish(number, payload=b"news", hops=1):
    return m.Publish("t", bytes([number]), hops, payload)


def test_the_defaults_are_those_of_the_specification():
    config = GossipsubConfig()

    assert (config.d, config.d_low, config.d_high, config.d_lazy) == (6, 4, 12, 6)
    assert (config.d_score, config.d_out, config.gossip_factor) == (4, 2, 0.25)
    assert (config.heartbeat_s, config.history, config.history_gossip) == (1, 5, 3)
    assert (config.seen_s, config.fanout_s, config.backoff_s) == (120, 60, 60)
    assert (config.unsubscribe_backoff_s, config.max_ihave_ids) == (10, 5000)


def test_too_few_mesh_links_are_mended_up_to_d_at_the_next_heartbeat():
    bench = Bench(peers=10)

    bench.beat()

    assert len(bench.mesh) == 6
    assert len(bench.sent(m.Graft)) == 6


def test_too_many_mesh_links_are_cut_down_to_d():
    bench = Bench(peers=13)
    bench.node.mesh.config = msgspec.structs.replace(bench.node.config, d_high=20)
    for stream in bench.streams_of:
        bench.hear(stream, m.Graft("t"))
    bench.node.mesh.config = bench.node.config

    bench.beat()

    assert len(bench.mesh) == 6
    assert len(bench.sent(m.Prune)) == 7


def test_a_full_mesh_answers_a_graft_with_a_prune_and_a_backoff():
    bench = Bench(peers=13)

    for stream in bench.streams_of:
        bench.hear(stream, m.Graft("t"))

    assert len(bench.mesh) == 12
    assert bench.sent(m.Prune) == [(bench.streams_of[-1], m.Prune("t", 60.0))]


def test_a_graft_for_a_topic_that_we_have_not_is_not_answered():
    bench = Bench()

    bench.hear(bench.streams_of[0], m.Graft("other"))

    assert bench.ctx.sent == []


def test_a_graft_twice_is_one_link():
    bench = Bench()

    for _ in range(2):
        bench.hear(bench.streams_of[0], m.Graft("t"))

    assert list(bench.mesh) == [address(1)]


def test_whoever_pruned_us_is_left_alone_for_its_backoff():
    bench = Bench(peers=1)
    bench.hear(bench.streams_of[0], m.Prune("t", 30.0))

    bench.beat(29)
    assert bench.sent(m.Graft) == []
    bench.beat(2)

    assert bench.sent(m.Graft) == [(bench.streams_of[0], m.Graft("t"))]


def test_whoever_grafts_during_its_backoff_is_pruned_again_and_counted():
    bench = Bench(peers=1)
    bench.hear(bench.streams_of[0], m.Prune("t", 30.0))

    with pytest.raises(RemoteProtocolError, match="graft during backoff"):
        bench.hear(bench.streams_of[0], m.Graft("t"))

    assert bench.sent(m.Prune) == [(bench.streams_of[0], m.Prune("t", 60.0))]
    assert not bench.mesh


def test_leaving_a_topic_prunes_its_mesh_for_ten_seconds():
    bench = Bench(peers=2)
    for stream in bench.streams_of:
        bench.hear(stream, m.Graft("t"))

    bench.node.unsubscribe("t")

    assert [one for _, one in bench.sent(m.Prune)] == [m.Prune("t", 10.0)] * 2


def test_news_go_to_the_mesh_and_their_names_to_some_others():
    bench = Bench(peers=10, d_lazy=2)
    for stream in bench.streams_of[:4]:
        bench.hear(stream, m.Graft("t"))

    bench.hear(bench.streams_of[0], publish(1))
    assert {to for to, _ in bench.sent(m.Publish)} == set(bench.streams_of[1:4])
    bench.beat()

    told = bench.sent(m.IHave)
    assert len(told) == 2
    assert not {to for to, _ in told} & set(bench.streams_of[:4])
    assert told[0][1].ids == (message_id("t", b"\1", b"news"),)


def test_names_are_told_for_three_heartbeats_and_payloads_kept_for_five():
    bench = Bench(peers=10, d=1, d_low=1)
    number = message_id("t", b"\1", b"news")
    bench.hear(bench.streams_of[0], publish(1))
    bench.ctx.take_all()

    told = []
    for _ in range(5):
        bench.beat()
        told.append(bool(bench.sent(m.IHave)))
        bench.ctx.take_all()
    assert told == [True, True, True, False, False]
    bench.hear(bench.streams_of[5], m.IWant((number,)))

    assert bench.sent(m.Publish) == []


def test_what_is_announced_and_unknown_is_asked_for_once():
    bench = Bench(peers=2)
    number = message_id("t", b"\1", b"news")

    for stream in bench.streams_of:
        bench.hear(stream, m.IHave("t", (number, number)))

    assert bench.sent(m.IWant) == [(bench.streams_of[0], m.IWant((number,)))]


def test_a_flood_of_announcements_is_refused_after_ten_in_a_heartbeat():
    bench = Bench(peers=1)
    for _ in range(10):
        bench.hear(bench.streams_of[0], m.IHave("t", (BAD,)))

    with pytest.raises(RemoteProtocolError, match="too many announcements"):
        bench.hear(bench.streams_of[0], m.IHave("t", (BAD,)))


def test_the_same_message_is_sent_to_one_who_asks_for_it_three_times_and_no_more():
    bench = Bench(peers=2)
    number = message_id("t", b"\1", b"news")
    bench.hear(bench.streams_of[0], publish(1))
    bench.ctx.take_all()

    for _ in range(3):
        bench.hear(bench.streams_of[1], m.IWant((number, number)))
    with pytest.raises(RemoteProtocolError, match="asked too often"):
        bench.hear(bench.streams_of[1], m.IWant((number,)))

    assert len(bench.sent(m.Publish)) == 3


def test_whoever_is_not_subscribed_publishes_to_a_fanout():
    bench = Bench(peers=10)
    for stream in bench.streams_of:
        bench.hear(stream, m.Subscriptions(add=("other",)))

    bench.node.publish("other", b"news")
    first = {to for to, _ in bench.sent(m.Publish)}
    bench.node.publish("other", b"more")

    assert len(first) == 6
    assert {to for to, _ in bench.sent(m.Publish)} == first
    bench.beat(62)
    assert bench.node.mesh.fanout == {}


def test_a_message_is_delivered_once_and_after_120_seconds_may_be_again():
    bench = Bench(peers=2)
    for stream in bench.streams_of:
        bench.hear(stream, publish(1))
    assert sum(isinstance(e, Delivered) for e in bench.ctx.events) == 1

    bench.ctx.advance(121)
    bench.hear(bench.streams_of[0], publish(1))

    assert sum(isinstance(e, Delivered) for e in bench.ctx.events) == 2


def test_topics_of_a_peer_are_bounded_and_repeats_change_nothing():
    bench = Bench(peers=1, max_topics=3)
    stream = bench.streams_of[0]

    bench.hear(stream, m.Subscriptions(add=("t", "t", "u", "v")))
    with pytest.raises(RemoteProtocolError, match="too many topics"):
        bench.hear(stream, m.Subscriptions(add=("w",)))

    assert bench.node.topics.of[address(1)] == dict.fromkeys(("t", "u", "v"))


def test_what_we_are_not_subscribed_to_is_refused():
    bench = Bench(peers=1)

    with pytest.raises(RemoteProtocolError, match="topic not ours"):
        bench.hear(bench.streams_of[0], m.Publish("other", b"1", 1, b"x"))


def test_payloads_are_kept_up_to_so_many_bytes():
    bench = Bench(peers=1, keep_bytes=1000)

    for number in range(20):
        bench.hear(bench.streams_of[0], publish(number, bytes(100)))

    assert sum(map(len, bench.node.gossip._windows)) == 10
    bench.beat(5)
    assert bench.node.gossip._kept_bytes == 0


def test_a_stopped_node_leaves_no_timer():
    bench = Bench()
    bench.node.bootstrap([])

    bench.node.stop()

    assert bench.ctx.timers == 0
