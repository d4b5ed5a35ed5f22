"""The central index: two messages find everything, until it dies."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.core import PeerUnreachable
from p2pkit.protocols import CentralIndex
from p2pkit.protocols.central_index import Expired, IndexGone, Registered


def network(nodes: int = 20, **settings: Any) -> Cluster:
    cluster = Cluster(
        CentralIndex, nodes, carrier="virtual", seed=7, progress="none", **settings
    )
    cluster.wait_ready()
    for i in range(1, nodes):
        cluster[i].share(f"lecture {i:02}.txt", b"%02d" % i * 20_000)
    cluster.advance(1)
    return cluster


def test_the_first_node_is_the_index_and_lists_all_others() -> None:
    with network() as cluster:
        roles = [one.inspect()["role"] for one in cluster]

        assert roles == ["index"] + ["peer"] * 19
        assert cluster[0].inspect()["copies"] == 19
        assert len(cluster.trace.of(Registered)) == 19


def test_a_question_costs_two_messages_and_one_for_each_copy() -> None:
    with network() as cluster:
        found = cluster[3].search("lecture")

        sent = {k: v.messages for k, v in cluster.counters.sent.items()}
        names = [f"lecture {i:02}.txt" for i in range(1, 20)]
        assert [one.name for one in found] == names
        assert (sent["Find"], sent["Found"], sent["FoundAll"]) == (1, 19, 1)
        assert cluster[3].search("lecture 99") == []
        assert len(cluster[3].search("lecture", want=5)) == 5


def test_files_come_from_peers_and_not_from_the_index() -> None:
    with network() as cluster:
        source = cluster[3].search("lecture 08")[0]

        assert source.address == cluster[8].address
        assert cluster[3].fetch(source) == b"08" * 20_000
        assert cluster[0].counters.sent.get("Piece") is None


def test_without_the_index_nothing_is_found_and_known_files_still_come() -> None:
    with network() as cluster:
        source = cluster[3].search("lecture 08")[0]
        cluster.kill(0)
        cluster.advance(1)

        with pytest.raises(PeerUnreachable, match="the index is gone"):
            cluster[3].search("lecture")
        assert cluster[3].fetch(source) == b"08" * 20_000
        assert len(cluster.trace.of(IndexGone)) == 19


def test_an_index_that_comes_back_is_filled_again() -> None:
    with network() as cluster:
        cluster.kill(0)
        cluster.advance(10)
        cluster.restart(0)
        cluster.advance(5)

        assert cluster[0].inspect() | {"expired": 0} == {
            "role": "index", "peers": 19, "copies": 19, "expired": 0,
        }  # fmt: skip
        assert len(cluster[3].search("lecture")) == 19


def test_who_is_silent_expires_and_who_returns_is_listed_again() -> None:
    with network() as cluster:
        cluster.pause(5)
        cluster.advance(40)
        assert [one.nick for one in cluster[3].search("lecture 05")] == []
        assert [r.event.reason for r in cluster.trace.of(Expired)] == ["silent"]

        cluster.resume(5)
        cluster.advance(5)
        assert len(cluster[3].search("lecture 05")) == 1


def test_a_full_index_refuses_whoever_comes_later() -> None:
    with Cluster(
        CentralIndex, 1, carrier="virtual", seed=7, progress="none", max_peers=3
    ) as cluster:
        cluster.add(6)
        cluster.advance(10)

        assert cluster[0].inspect()["peers"] == 3
        with pytest.raises(PeerUnreachable):
            cluster[6].search("anything")


def test_files_beyond_the_limit_are_not_listed_and_counted() -> None:
    class Loose(CentralIndex):
        """A peer that does not keep to the limit of its index."""

        def share(self, name: str, data: bytes = b"") -> None:
            self.shelf.files[name] = data
            self.membership.list_file(name)

    with Cluster(
        Loose, 2, carrier="virtual", seed=7, progress="none", max_files=3
    ) as cluster:
        for i in range(10):
            cluster[1].share(f"file {i}")
        cluster.advance(1)

        assert cluster[0].inspect()["copies"] == 3
        assert cluster.counters.rejected == {"too many files": 7}
