"""Supernodes and the central index on real sockets: what virtual time has said."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.classroom.crawler import crawl
from p2pkit.core import Address, PeerUnreachable
from p2pkit.protocols import CentralIndex, Supernodes

pytestmark = pytest.mark.timeout(60)  # links need upkeep, which is real time

NODES = 32


def roles(cluster: Cluster) -> list[str]:
    return [one.inspect()["role"] for one in cluster]


def settled(cluster: Cluster) -> bool:
    details = [one.inspect() for one in cluster.alive]
    leaves = [one for one in details if one["role"] == "leaf"]
    held = sum(one["leaves"] for one in details)
    return all(one["ultrapeers"] == 3 for one in leaves) and held == 3 * len(leaves)


def addresses(hits: Any) -> set[Address]:
    return {(hit.address[0], hit.address[1]) for hit in hits}


def test_leaves_are_found_through_ultrapeers_and_survive_one() -> None:
    with Cluster(
        Supernodes, NODES, 4, seed=7, progress="none", upkeep_s=0.5, table_s=0.05
    ) as cluster:
        cluster.wait_ready()
        cluster.wait_until(settled, 20)
        asker = roles(cluster).index("leaf")
        for i in range(0, NODES, 4):
            cluster[i].share("common file", b"x" * i)
        wanted = {cluster[i].address for i in range(0, NODES, 4)}
        wanted.discard(cluster[asker].address)

        def finds_all(c: Cluster) -> bool:
            hits = c[asker].search("common", rule="flood", want=len(wanted))
            return addresses(hits) == wanted

        cluster.wait_until(finds_all, 20)
        dead = max(i for i in range(1, NODES) if roles(cluster)[i] == "ultrapeer")
        wanted.discard(cluster[dead].address)
        cluster.kill(dead)
        cluster.wait_until(settled, 20)
        cluster.wait_until(finds_all, 20)
        assert cluster.counters.rejected == {}


def test_a_crawler_sees_every_node() -> None:
    with Cluster(Supernodes, NODES, 4, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        cluster[NODES - 1].take_role("bootstrap")

        def ask(peer: Address) -> list[Address]:
            said = cluster[NODES - 1].crawl(peer)
            return [(host, port) for host, port in (*said.peers, *said.leaves)]

        def sees_all(c: Cluster) -> bool:
            return len(crawl(ask, c[0].address).answers) == NODES - 1

        cluster.wait_until(sees_all, 30)


def test_an_index_dies_and_returns() -> None:
    with Cluster(CentralIndex, NODES, 4, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        for i in range(1, NODES):
            cluster[i].share(f"file {i}", b"%d" % i)
        cluster.wait_until(lambda c: c[0].inspect()["copies"] == NODES - 1, 10)
        source = cluster[3].search("file 9")[0]
        cluster.kill(0)
        cluster.wait_until(lambda c: c[3].inspect()["index"] is None, 10)

        with pytest.raises(PeerUnreachable):
            cluster[3].search("file 9")
        assert cluster[3].fetch(source) == b"9"

        cluster.restart(0)
        cluster.wait_until(lambda c: c[0].inspect().get("copies") == NODES - 1, 20)
        assert len(cluster[3].search("file")) == NODES - 1
