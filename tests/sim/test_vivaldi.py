"""Coordinates of many nodes: serf's truths, and datagrams that take their time."""

from __future__ import annotations

from itertools import combinations
from statistics import fmean, median

import pytest

from p2pkit.classroom import vivaldi_tables as tables
from p2pkit.core import LabError
from p2pkit.core.driver import seeded
from p2pkit.faults import Loss, Plan
from p2pkit.faults.packet import Packet, Verdict
from p2pkit.protocols import Vivaldi, VivaldiConfig
from p2pkit.sim import Simulation

TEN = {"runs": 10, "seed": 1}


class TrueDelays:
    """A rule: each packet takes half of the round trip between its two nodes."""

    def __init__(self, places, truth):
        self.delays_s = {
            (places[i], places[j]): truth[i][j] / 2
            for i in range(len(places))
            for j in range(len(places))
        }

    def judge(self, packet: Packet, rng) -> Verdict:
        return Verdict((self.delays_s[packet.source, packet.to],))


def network(truth, seed, *rules, **settings):
    """Return a simulation of nodes that all know all, and the nodes."""
    places = [(f"127.3.0.{i + 1}", 7000) for i in range(len(truth))]
    sim = Simulation(seed=seed, faults=Plan([*rules, TrueDelays(places, truth)]))
    config = VivaldiConfig.of(**settings)
    nodes = [
        sim.add(f"n{i:02}", Vivaldi, place, config=config, node_id=i)
        for i, place in enumerate(places)
    ]
    for node in nodes:
        node.protocol.bootstrap(tuple(places))
    return sim, nodes


def errors(nodes, truth):
    return [
        abs(nodes[i].protocol.distance(nodes[j].me.address) / truth[i][j] - 1)
        for i, j in combinations(range(len(nodes)), 2)
        if nodes[j].me.address in nodes[i].protocol.met
    ]


@pytest.mark.parametrize("variant", tables.VARIANTS)
def test_the_median_of_ten_runs_is_near_the_limits_of_serf(variant):
    rows = list(tables.rows(variant, **TEN))

    assert sum(one.ok is not None for one in rows) >= 1
    assert [one for one in rows if one.ok is False] == []


def test_a_grid_does_not_fit_into_one_dimension():
    mean, _ = tables.rows("grid", dimensions=1, runs=3, cycles=200)

    assert mean.published is None
    assert mean.measured > 20 * tables.CASES["grid"].mean_limit


def test_what_was_asked_for_is_measured_and_judged_by_nothing():
    rows = list(tables.rows("split", nodes=8, far_s=0.2, near_s=0.01, runs=3))

    assert [one.published for one in rows] == [None, None]
    assert all("8 nodes" in one.setting for one in rows)
    assert 0.0 < rows[0].measured < 0.05


@pytest.mark.parametrize(
    "asked", [{"variant": "torus"}, {"nodes": 1}, {"runs": 0}, {"far_s": -1.0}]
)
def test_what_makes_no_sense_is_refused(asked):
    with pytest.raises(LabError):
        list(tables.rows(**asked))


def test_truths_are_symmetric_and_nowhere_0():
    rng = seeded(7)
    for case in tables.CASES.values():
        matrix = case.make(9, case.far_s, case.near_s, rng)

        for i, j in combinations(range(9), 2):
            assert matrix[i][j] == matrix[j][i] > 0.0
        assert all(matrix[i][i] == 0.0 for i in range(9))


def test_the_split_of_25_has_13_on_one_side_and_the_lan_counts_on_both_ways():
    matrix = tables.split(25, 0.010, 0.001)

    assert matrix[0].count(0.001) == 12
    assert matrix[0].count(0.011) == 12


def test_nodes_on_datagrams_foretell_round_trips_as_well_as_the_limits_ask():
    found = []
    for seed in range(5):
        truth = tables.line(10, 0.010)
        sim, nodes = network(truth, seed)
        sim.advance(1_000)
        found.append(fmean(errors(nodes, truth)))

    limit = 1.5 * tables.CASES["line"].mean_limit
    assert median(found) <= limit, f"seeds 0 to 4: {found}"


def test_lost_datagrams_cost_time_and_not_truth():
    truth = tables.grid(9, 0.020)

    sim, nodes = network(truth, 7, Loss(0.3))
    sim.advance(1_000)

    assert fmean(errors(nodes, truth)) < 0.02
    assert all(node.counters.rejected == {} for node in nodes)


def test_the_same_seed_gives_the_same_coordinates_and_another_gives_others():
    truth = tables.line(5, 0.010)
    seen = []
    for seed in (7, 7, 8):
        sim, nodes = network(truth, seed)
        sim.advance(50)
        seen.append((sim.wire_digest, nodes[0].protocol.inspect()))

    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
