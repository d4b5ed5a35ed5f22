"""Naive gossip: each peer once, with the same odds."""

import pytest

from p2pkit.protocols.rumor import Learned, NaiveGossip, rumor_id
from p2pkit.protocols.rumor.news import Tell
from tests.unit.protocols.gossip.conftest import PEERS


def test_with_odds_of_one_every_peer_is_told_once(site):
    one = site(NaiveGossip, odds=1.0)

    one.hear(PEERS[0], Tell(b"news", 2))
    one.hear(PEERS[1], Tell(b"news", 0))

    sent = one.ctx.take_all(Tell)
    assert [peer for peer, _ in sent] == PEERS
    assert {message.hops for _, message in sent} == {3}
    assert one.ctx.events == [Learned(rumor_id(b"news"), PEERS[0], 2)]


def test_with_odds_of_zero_the_news_dies_with_its_publisher(site):
    one = site(NaiveGossip, odds=0.0)

    rumor = one.node.publish(b"news")

    assert one.node.knows(rumor)
    assert one.ctx.sent == []


def test_odds_decide_how_many_are_told(site):
    one = site(NaiveGossip, odds=0.25)

    for number in range(200):
        one.node.publish(b"%d" % number)

    # 1600 chances of a quarter: 400, and an error of 17.
    assert len(one.ctx.take_all(Tell)) == pytest.approx(400, abs=70)


def test_nobody_tells_themselves(site):
    one = site(NaiveGossip, odds=1.0)
    one.node.bootstrap([*PEERS, one.ctx.me.address])

    one.node.publish(b"news")

    assert [peer for peer, _ in one.ctx.take_all(Tell)] == PEERS
