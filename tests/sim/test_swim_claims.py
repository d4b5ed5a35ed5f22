"""SWIM's published numbers, in virtual time; larger runs are in `benchmarks swim`."""

from __future__ import annotations

import math
import statistics

import pytest

from p2pkit.classroom import swim_experiments as experiments
from p2pkit.classroom.swim_experiments import Group
from p2pkit.protocols.swim import SwimConfig
from p2pkit.protocols.swim.dissemination import retransmits
from p2pkit.protocols.swim.messages import ViewChanged
from p2pkit.protocols.swim.suspicion import shortest_s, timeout_s

LIFEGUARD = {"local_health": True, "confirmations": True, "buddy": True}
PATIENT = {"hearsay": True, "suspicion_mult": 5}
"""As in the paper on Lifeguard: its alpha is 5, and its beta 6."""
NO_LIFEGUARD = dict.fromkeys(LIFEGUARD, False)


@pytest.mark.timeout(60)  # 400 deaths, as the published figure has them
def test_a_death_is_first_noticed_after_1_58_periods_whatever_the_size():
    n, trials = 16, 400

    waited = experiments.first_detection(n, trials, seed=7)

    expected = 1 / (1 - (1 - 1 / (n - 1)) ** (n - 1))
    assert statistics.mean(waited) == pytest.approx(expected, rel=0.10), "seed 7"


def test_in_turn_nobody_waits_longer_than_two_rounds():
    n = 8

    waited = experiments.first_detection(n, 100, seed=7, round_robin=True)

    assert max(waited) <= 2 * n - 1


@pytest.mark.parametrize(
    ("loss", "helpers", "periods"), [(0.05, 0, 80), (0.10, 0, 50), (0.10, 1, 100)]
)
def test_false_alarms_are_as_rare_as_the_formula_says(loss, helpers, periods):
    found = experiments.false_alarms(32, loss, helpers, periods, seed=7)

    expected = experiments.expected_false_alarms(loss, helpers)
    assert found == pytest.approx(expected, rel=0.20), "seed 7"


def test_the_load_of_a_member_does_not_grow_with_the_cluster():
    sizes = (8, 16, 32, 64)

    loads = [experiments.load(n, 20, seed=7) for n in sizes]

    slope = statistics.linear_regression(sizes, loads).slope
    assert abs(slope) * (max(sizes) - min(sizes)) < 0.05 * statistics.mean(loads)
    assert 2.0 <= statistics.mean(loads) <= 3.0


@pytest.mark.parametrize("n", [3, 10, 40])
def test_a_suspicion_lasts_as_long_as_memberlist_says(n):
    found = experiments.death(n, seed=7, **experiments.PAPER)

    lasted_s = found["dead_s"] - found["suspected_s"]
    assert lasted_s == pytest.approx(4.0 * max(1.0, math.log10(n)), abs=0.01)
    assert found["share"] == 1.0


def test_the_presets_are_memberlists():
    lan, wan, local = SwimConfig.lan(), SwimConfig.wan(), SwimConfig.local()

    def row(one):
        return (
            one.probe_s, one.answer_s, one.helpers, one.gossip_s, one.gossip_nodes,
            one.push_pull_s, one.suspicion_mult, one.suspicion_max_mult,
            one.retransmit_mult, one.stream_s, one.datagram_bytes,
        )  # fmt: skip

    assert row(lan) == (1.0, 0.5, 3, 0.2, 3, 30.0, 4, 6, 4, 10.0, 1400)
    assert row(wan) == (5.0, 3.0, 3, 0.5, 4, 60.0, 6, 6, 4, 30.0, 1400)
    assert row(local) == (1.0, 0.2, 1, 0.1, 3, 15.0, 3, 6, 2, 1.0, 1400)


def test_the_formulas_are_memberlists():
    sizes = (1, 10, 100, 1000)

    assert [round(shortest_s(SwimConfig(), n), 9) for n in sizes] == [4, 4, 8, 12]
    assert [retransmits(4, n) for n in (9, 10, 99, 100, 999)] == [4, 8, 8, 12, 12]
    for c in range(4):
        exact = 24.0 - 20.0 * math.log(c + 1) / math.log(4)
        assert timeout_s(c, 3, 4.0, 24.0) == pytest.approx(exact)


def test_a_claim_reaches_everybody_by_probes_alone():
    shares = [
        experiments.death(
            40, seed, **(experiments.PAPER | {"gossip_s": 0.0, "hearsay": True})
        )["share"]
        for seed in range(3)
    ]

    assert shares == [1.0] * 3, "seeds 0 to 2"


@pytest.mark.timeout(60)  # eight runs of two minutes, as rare deaths need
def test_lifeguard_makes_false_deaths_ten_times_rarer():
    def false(measures):
        return sum(
            experiments.slow_members(24, 4, seed, **PATIENT, **measures)["false"]
            for seed in range(4)
        )

    without, with_them = false(NO_LIFEGUARD), false(LIFEGUARD)

    assert without >= 10, "seeds 0 to 3: too few to compare"
    assert with_them * 10 < without, "seeds 0 to 3"


def test_a_partition_heals():
    group = Group(16, seed=7, dead_probe_s=5.0)
    left, right = group.nodes[:8], group.nodes[8:]
    group.cut(left, right)
    group.advance(60.0)
    assert set(group.views()) == {7}

    group.cut()
    group.advance(60.0)

    assert set(group.views()) == {15}


def test_without_probing_the_dead_a_partition_never_heals():
    group = Group(16, seed=7, dead_probe_s=1e6, push_pull_s=5.0)
    group.cut(group.nodes[:8], group.nodes[8:])
    group.advance(60.0)

    group.cut()
    group.advance(300.0)

    assert set(group.views()) == {7}


def test_no_member_dies_of_ten_percent_loss():
    group = Group(32, seed=7)
    group.loss(0.10)

    group.advance(120.0)

    states = [change.state for _, change in group.reports(ViewChanged)]
    assert "suspect" in states
    assert "dead" not in states


def test_a_restarted_member_is_alive_again_and_its_incarnation_higher():
    group = Group(8, seed=7)
    old = group.nodes[3]
    saved, address = old.protocol.save(), old.me.address
    old.kill()
    group.advance(30.0)
    assert set(group.views()) == {6}

    again = group.sim.add(
        old.name, type(old.protocol), address, node_id=old.me.id, saved=saved
    )
    group.nodes[3] = again
    group.sim.run(again.protocol.bootstrap([]), 10.0)
    group.advance(10.0)

    assert set(group.views()) == {7}
    assert again.protocol.own.incarnation > 1


def test_the_same_seed_gives_the_same_bytes():
    runs = [Group(12, seed) for seed in (7, 7, 8)]
    for group in runs:
        group.nodes[2].kill()
        group.advance(20.0)

    digests = [group.sim.wire_digest for group in runs]
    assert digests[0] == digests[1] != digests[2]
