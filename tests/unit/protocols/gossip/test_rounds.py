"""Rounds begin once each, by everybody's clock, whatever rounding does to seconds."""

import pytest

from p2pkit.core import Joined, MsgpackCodec
from p2pkit.protocols.rounds import Rounds, RoundsConfig
from p2pkit.protocols.rumor.news import Tell
from tests.unit.protocols.gossip.conftest import PEERS


class Ticker(Rounds):
    codec = MsgpackCodec(Tell)
    Config = RoundsConfig

    def __init__(self, ctx, config):
        super().__init__(ctx, config)
        self.rang = []

    def on_round(self):
        self.rang.append((self.round, self.ctx.now()))


@pytest.mark.parametrize("round_s", [0.1, 1 / 3, 0.2, 7e-4])
def test_no_round_is_skipped_and_none_comes_twice(site, round_s):
    node = site(Ticker, round_s=round_s)

    node.ctx.advance(2000.5 * round_s)

    numbers = [number for number, _ in node.node.rang]
    assert numbers == list(range(1, 2001))


def test_all_begin_at_once_whenever_they_came(site):
    early, late = site(Ticker), site(Ticker)
    late.ctx.advance(2.7)
    late.node.bootstrap(PEERS)

    early.ctx.advance(5.5)
    late.ctx.advance(2.8)

    assert late.node.rang[-3:] == early.node.rang[-3:]


def test_stagger_spreads_beginnings_over_its_share_of_a_round(site):
    begins = []
    for seed in range(50):
        one = site(Ticker, stagger=0.5)
        one.ctx.rng.seed(seed)
        node = Ticker(one.ctx, one.node.config)
        node.bootstrap(PEERS)
        one.ctx.advance(1.9)
        begins += [at_s % 1.0 for _, at_s in node.rang[:1]]

    assert 0.0 <= min(begins) < 0.1
    assert 0.4 < max(begins) < 0.5


def test_a_node_keeps_the_view_it_is_given_and_says_how_large_it_is(site):
    node = site(Ticker).node

    node.bootstrap(PEERS[:3])

    assert node.ctx.events == [Joined(3)]
    edges = list(node.neighbors())
    assert [edge.to.address for edge in edges] == PEERS[:3]
    ids = {edge.to.id for edge in edges}
    assert ids == {Ticker.choose_id(None, peer, None) for peer in PEERS[:3]}


def test_peers_are_picked_evenly_and_never_the_node_itself(site):
    node = site(Ticker).node
    node.bootstrap([*PEERS, node.ctx.me.address])

    picked = [node.pick() for _ in range(4000)]

    assert set(picked) == set(PEERS)
    assert all(abs(picked.count(peer) - 500) < 120 for peer in PEERS)


def test_joining_is_done_at_once(site):
    assert site(Ticker).node.bootstrap(PEERS).done
    assert site(Ticker).node.maintain().done
