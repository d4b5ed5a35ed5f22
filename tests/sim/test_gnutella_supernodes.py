"""Ultrapeers and leaves: who is which, who is asked what, who stands in for whom."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.classroom.crawler import crawl
from p2pkit.core import Address, LocalProtocolError
from p2pkit.protocols import Supernodes
from p2pkit.protocols.gnutella import QueryHeard, RoleChanged
from p2pkit.protocols.gnutella.election import LEAF, ULTRAPEER

SEEDS = [1, 2, 3]


def network(nodes: int, seed: int, **settings: Any) -> Cluster:
    settings = {"upkeep_s": 2.0} | settings
    cluster = Cluster(
        Supernodes, nodes, carrier="virtual", seed=seed, progress="none", **settings
    )
    cluster.wait_ready()
    cluster.advance(10)
    return cluster


def numbers(cluster: Cluster, role: str) -> list[int]:
    """Return who of the living has a role."""
    alive = [i for i, one in enumerate(cluster) if one.state == "alive"]
    return [i for i in alive if cluster[i].inspect()["role"] == role]


def sent(cluster: Cluster, kind: str) -> int:
    tally = cluster.counters.sent.get(kind)
    return tally.messages if tally else 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_few_are_elected_and_all_others_are_their_leaves(seed: int) -> None:
    with network(60, seed) as cluster:
        details = [one.inspect() for one in cluster]
        ultrapeers, leaves = numbers(cluster, ULTRAPEER), numbers(cluster, LEAF)

        assert len(ultrapeers) + len(leaves) == 60
        assert 3 <= len(ultrapeers) <= 12
        assert {details[i]["ultrapeers"] for i in leaves} == {3}
        assert all(0 < details[i]["leaves"] <= 32 for i in ultrapeers)
        held = sum(details[i]["leaves"] for i in ultrapeers)
        assert held == 3 * len(leaves)  # both ends of each link see it alike
        linked = {
            (cluster[i].address, edge.to.address)
            for i in ultrapeers
            for edge in cluster.snapshot().nodes[i].edges
            if edge.kind == ULTRAPEER
        }
        assert all((other, one) in linked for one, other in linked)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_fast_lines_are_elected(seed: int) -> None:
    lines = {"speeds_kbit": (56, 56, 10_000), "min_speed_kbit": 1000}
    with network(60, seed, **lines) as cluster:
        speeds = {i: cluster[i].inspect()["speed_kbit"] for i in range(60)}
        elected = set(numbers(cluster, ULTRAPEER)) - {0}  # who founds it, must

        assert elected
        assert {speeds[i] for i in elected} == {10_000}
        assert 56 in speeds.values()


def test_leaves_without_a_place_become_ultrapeers() -> None:
    with network(60, 1, max_leaves=6, needed_at=1.0) as cluster:
        details = [one.inspect() for one in cluster]
        leaves = numbers(cluster, LEAF)

        assert all(one["leaves"] <= 6 for one in details)
        assert all(details[i]["ultrapeers"] > 0 for i in leaves)
        assert len(leaves) <= 6 * (60 - len(leaves))


def test_roles_can_be_told_and_are_kept() -> None:
    with network(20, 1) as cluster:
        leaf = numbers(cluster, LEAF)[0]

        assert cluster[leaf].take_role("ultrapeer") == "ultrapeer"
        cluster.advance(10)
        assert cluster[leaf].inspect()["role"] == "ultrapeer"
        assert cluster[leaf].inspect()["ultrapeers"] > 0

        assert cluster[leaf].take_role("leaf") == "leaf"
        cluster.advance(10)
        assert cluster[leaf].inspect()["ultrapeers"] == 3
        with pytest.raises(LocalProtocolError, match="no role 'king'"):
            cluster[leaf].take_role("king")
        changes = [r.event.role for r in cluster.trace.of(RoleChanged)]
        assert changes[-2:] == ["ultrapeer", "leaf"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flood_finds_every_copy_and_asks_only_leaves_that_may_have_it(
    seed: int,
) -> None:
    with network(60, seed) as cluster:
        holders = {i for i in range(60) if i % 7 == 3}
        for i in range(60):
            cluster[i].share("rare fish.txt" if i in holders else f"other {i}.txt")
        cluster.advance(2)
        leaves = set(numbers(cluster, LEAF))
        asker = min(leaves - holders)

        hits = cluster[asker].search("fish rare", rule="flood", want=1000)

        assert {hit.address for hit in hits} == {cluster[i].address for i in holders}
        heard = {r.node for r in cluster.trace.of(QueryHeard)}
        index = {one.name: i for i, one in enumerate(cluster)}
        asked = {index[name] for name in heard} & leaves - {asker}
        assert asked == holders & leaves


def test_what_a_leaf_shares_later_is_found_and_what_it_withdraws_is_not() -> None:
    with network(30, 1) as cluster:
        leaf, other = numbers(cluster, LEAF)[:2]
        number = cluster[leaf].share("late news.txt", b"abc")
        cluster.advance(2)

        hit = cluster[other].search("late news")[0]
        assert cluster[other].fetch(hit) == b"abc"

        cluster[leaf].unshare(number)
        cluster.advance(2)
        before = sent(cluster, "Query")
        assert cluster[other].search("late news", rule="flood") == []
        ultrapeers = len(numbers(cluster, ULTRAPEER))
        # No leaf was asked: only ultrapeers among themselves, and by the asker.
        assert sent(cluster, "Query") - before <= 3 + ultrapeers * (ultrapeers - 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_dynamic_querying_pays_less_for_what_is_common(seed: int) -> None:
    with network(100, seed) as cluster:
        for i in range(0, 100, 3):
            cluster[i].share(f"common song {i}.mp3")
        cluster[50].share("single.mp3")
        cluster.advance(2)
        asker = next(i for i in numbers(cluster, LEAF) if i % 3 and i != 50)
        costs = {}
        for rule in ("flood", "dynamic"):
            before = sent(cluster, "Query")
            assert len(cluster[asker].search("common song", rule=rule, want=3)) >= 3
            cluster.advance(20)
            costs[rule] = sent(cluster, "Query") - before

        assert costs["dynamic"] < costs["flood"] / 3
        assert len(cluster[asker].search("single")) == 1  # rare, and found as well


@pytest.mark.parametrize("seed", SEEDS)
def test_leaves_find_another_when_their_ultrapeers_die(seed: int) -> None:
    with network(60, seed) as cluster:
        ultrapeers = numbers(cluster, ULTRAPEER)
        for i in range(60):
            cluster[i].share(f"file {i:02}")
        cluster.kill(ultrapeers[: len(ultrapeers) // 2])
        cluster.advance(20)

        leaves = numbers(cluster, LEAF)
        assert all(cluster[i].inspect()["ultrapeers"] >= 1 for i in leaves)
        found = cluster[leaves[0]].search("file", rule="flood", want=1000)
        alive = [one.address for one in cluster if one.state == "alive"]
        assert {hit.address for hit in found} == set(alive) - {
            cluster[leaves[0]].address
        }


def test_when_all_ultrapeers_die_leaves_that_are_able_are_elected() -> None:
    with network(40, 1) as cluster:
        cluster.kill(numbers(cluster, ULTRAPEER))
        cluster.advance(60)

        roles = Counter(one.inspect()["role"] for one in cluster.alive)
        assert roles[ULTRAPEER] > 0


def test_a_bootstrap_node_takes_nobody_and_names_ultrapeers() -> None:
    with Cluster(
        Supernodes, 1, carrier="virtual", seed=1, progress="none", upkeep_s=2.0
    ) as cluster:
        cluster[0].take_role("bootstrap")
        cluster.add(40)
        cluster.advance(10)

        assert cluster[0].inspect()["role"] == "bootstrap"
        assert cluster[0].inspect()["links"] == []
        assert len(numbers(cluster, ULTRAPEER)) + len(numbers(cluster, LEAF)) == 40
        cluster[5].share("a file")
        cluster.advance(2)
        assert len(cluster[30].search("a file")) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crawler_knows_the_size_within_five_percent(seed: int) -> None:
    with network(200, seed) as cluster:
        cluster[0].take_role("bootstrap")  # it has no links, so it may ask anybody
        cluster.advance(20)

        def ask(peer: Address) -> tuple[Address, ...]:
            said = cluster[0].crawl(peer)
            return (*said.peers, *said.leaves)

        whole = crawl(ask, cluster[1].address)
        some = [crawl(ask, cluster[1].address, 0.7, coin) for coin in range(5)]

        assert len(whole.answers) == len(whole.named) == 199
        assert whole.size() == pytest.approx(199)
        assert whole.graph().number_of_nodes() == 199
        assert all(one.size() == pytest.approx(199, rel=0.05) for one in some)


def test_a_run_is_the_same_for_the_same_seed() -> None:
    def digest(seed: int) -> str:
        with network(30, seed) as cluster:
            cluster[3].share("a file")
            cluster.advance(2)
            cluster[20].search("file")
            return cluster.trace.digest()

    assert digest(5) == digest(5) != digest(6)


@pytest.mark.parametrize("seed", [7, 8])
def test_leaves_that_are_turned_away_get_a_place_when_others_serve(seed: int) -> None:
    lines = {"speeds_kbit": (56, 56, 10_000), "min_speed_kbit": 1000}
    with network(60, seed, max_leaves=20, **lines) as cluster:
        cluster.advance(60)
        details = [one.inspect() for one in cluster]

        leaves = [one for one in details if one["role"] == LEAF]
        assert {one["ultrapeers"] for one in leaves} == {3}
        assert max(one["leaves"] for one in details) <= 20
        slow = [one for one in details if one["speed_kbit"] == 56]
        assert sum(one["role"] == ULTRAPEER for one in slow) <= 1  # the founder
