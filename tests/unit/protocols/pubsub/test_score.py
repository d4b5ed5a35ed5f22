"""Scores: each part against the formula of the specification, by hand."""

import pytest

from p2pkit.core import RemoteProtocolError, message_id
from p2pkit.protocols.pubsub import messages as m
from p2pkit.protocols.pubsub.config import Weights
from tests.membership import address
from tests.unit.protocols.pubsub.test_gossipsub import Bench, publish

ZERO = dict.fromkeys(
    ("time", "first", "deficit", "deficit_past", "invalid", "crowd", "behavior"), 0.0
)
PEER = address(1)


def bench_with(peers=1, scoring=True, **weights):
    return Bench(peers, scoring=scoring, weights=Weights(**{**ZERO, **weights}))


def test_without_scoring_everybody_has_zero():
    bench = bench_with(scoring=False, first=1.0)
    bench.hear(bench.streams_of[0], publish(1))

    assert bench.node.score(PEER) == 0.0


def test_p1_grows_with_time_in_the_mesh_up_to_its_cap():
    bench = bench_with(time=0.5, time_quantum_s=2.0, time_cap=10.0)
    bench.hear(bench.streams_of[0], m.Graft("t"))

    bench.ctx.advance(8)
    assert bench.node.score(PEER) == pytest.approx(0.5 * 4)
    bench.ctx.advance(1000)
    assert bench.node.score(PEER) == pytest.approx(0.5 * 10)


def test_p2_counts_first_deliveries_alone_up_to_its_cap():
    bench = bench_with(peers=2, first=2.0, first_cap=3.0)
    for number in range(2):
        for stream in bench.streams_of:
            bench.hear(stream, publish(number))
    assert bench.node.score(PEER) == 4.0
    assert bench.node.score(address(2)) == 0.0

    for number in range(2, 9):
        bench.hear(bench.streams_of[0], publish(number))

    assert bench.node.score(PEER) == 6.0


def test_p3_is_the_square_of_what_an_old_mesh_link_delivers_too_little():
    bench = bench_with(deficit=-1.0, deliveries_wanted=4.0, activation_s=10.0)
    bench.hear(bench.streams_of[0], m.Graft("t"))
    bench.hear(bench.streams_of[0], publish(1))
    assert bench.node.score(PEER) == 0.0

    bench.ctx.advance(10)

    assert bench.node.score(PEER) == -(3.0**2)


def test_p3b_remembers_the_deficit_when_the_link_is_cut():
    bench = bench_with(deficit_past=-2.0, deliveries_wanted=4.0, activation_s=10.0)
    bench.hear(bench.streams_of[0], m.Graft("t"))
    bench.ctx.advance(10)

    bench.hear(bench.streams_of[0], m.Prune("t", 1.0))

    assert bench.node.score(PEER) == -2.0 * 4.0**2


def test_p4_is_the_square_of_invalid_messages():
    bench = bench_with(invalid=-3.0)
    for number in range(4):
        bench.node.scores.invalid(PEER, f"t{number // 4}")

    assert bench.node.score(PEER) == -3.0 * 4**2


def test_p6_is_the_square_of_peers_of_one_host_beyond_the_limit():
    bench = bench_with(crowd=-1.0, crowd_limit=2)
    for port in range(7000, 7004):
        stream = (PEER[0], 40_000 + port)
        bench.node.on_connected(stream)
        bench.hear(stream, m.Hello(port))

    assert bench.node.score(PEER) == -float((5 - 2) ** 2)


def test_p7_is_the_square_of_misdeeds_beyond_those_overlooked():
    bench = bench_with(behavior=-1.0, behavior_limit=2.0)
    for _ in range(5):
        bench.node.scores.misbehaved(PEER)

    assert bench.node.score(PEER) == -(3.0**2)


# The specification's example: 120 fades to 116.4 in one step of 0.97.
def test_counters_fade_by_their_factor_and_small_ones_become_zero():
    bench = bench_with(first=1.0, first_cap=200.0, decay=0.97)
    for number in range(120):
        bench.hear(bench.streams_of[0], publish(number))

    bench.node.scores.heartbeat()
    assert bench.node.score(PEER) == pytest.approx(116.4)
    for _ in range(400):
        bench.node.scores.heartbeat()

    assert bench.node.score(PEER) == 0.0


def test_a_broken_promise_is_a_misdeed():
    bench = bench_with(behavior=-1.0, behavior_limit=0.0)
    bench.hear(bench.streams_of[0], m.IHave("t", (bytes(16),)))

    bench.beat(5)

    assert bench.node.score(PEER) < 0


def test_a_kept_promise_is_none():
    bench = bench_with(behavior=-1.0, behavior_limit=0.0)
    number = message_id("t", b"\1", b"news")
    bench.hear(bench.streams_of[0], m.IHave("t", (number,)))
    bench.hear(bench.streams_of[0], publish(1))

    bench.beat(5)

    assert bench.node.score(PEER) == 0.0


def test_mesh_links_of_negative_score_are_cut_and_none_is_offered():
    bench = bench_with(peers=2, invalid=-1.0)
    for stream in bench.streams_of:
        bench.hear(stream, m.Graft("t"))
    bench.node.scores.invalid(PEER, "t")

    bench.beat()
    assert list(bench.mesh) == [address(2)]
    bench.beat(70)

    assert list(bench.mesh) == [address(2)]


def test_of_the_worst_nothing_is_heard():
    bench = bench_with(invalid=-100.0)
    bench.node.scores.invalid(PEER, "t")

    with pytest.raises(RemoteProtocolError, match="score too low"):
        bench.hear(bench.streams_of[0], publish(1))


def test_a_bad_record_outlives_the_link_until_it_has_faded():
    bench = bench_with(invalid=-1.0, decay=0.5)
    for _ in range(3):
        bench.node.scores.invalid(PEER, "t")
    bench.node.on_closed(bench.streams_of[0])

    bench.node.scores.heartbeat()
    assert bench.node.score(PEER) < 0
    for _ in range(20):
        bench.node.scores.heartbeat()

    assert PEER not in bench.node.scores._topics
