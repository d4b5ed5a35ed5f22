"""A libtorrent session, with its own defaults, in a cluster of host processes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pkit import Cluster
from p2pkit.core import Id, format_address
from p2pkit.protocols import Kademlia
from tests.net.libtorrent_client import ANSWER_LIMIT_S, Client

pytest.importorskip(
    "libtorrent", reason="libtorrent has no wheel here: pip install -e '.[clients]'"
)
pytestmark = [
    pytest.mark.timeout(60),  # libtorrent takes its time to join and to leave
    pytest.mark.skipif(
        sys.platform != "linux", reason="its defaults want a /24 for each node"
    ),
]


class Stranger:
    """A client and the loop that it is stepped in; the cluster needs neither."""

    def __init__(self, cluster: Cluster) -> None:
        self.runner = asyncio.Runner()
        self.client: Client = self(self._join(format_address(cluster.addresses[0])))

    async def _join(self, bootstrap: str) -> Client:
        client = Client(bootstrap)
        await client.alert(client.lt.dht_bootstrap_alert)
        return client

    def __call__(self, work: Any) -> Any:
        return self.runner.run(work)

    def close(self) -> None:
        self.client.close()
        self.runner.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(Kademlia, 32, processes=4, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        yield cluster


@pytest.fixture(scope="module")
def stranger(cluster: Cluster) -> Iterator[Stranger]:
    stranger = Stranger(cluster)
    yield stranger
    stranger.close()


def wait(cluster: Cluster, holds: Callable[[], object]) -> None:
    cluster.wait_until(lambda _: holds(), ANSWER_LIMIT_S)


def test_client_takes_nodes_of_a_cluster_into_its_table(
    cluster: Cluster, stranger: Stranger
) -> None:
    wait(cluster, lambda: stranger.client.table_size() >= 8)


def test_nodes_of_a_cluster_take_the_client_into_theirs(
    cluster: Cluster, stranger: Stranger
) -> None:
    port = stranger.client.session.listen_port()

    def is_known() -> bool:
        edges = (edge for node in cluster.snapshot().nodes for edge in node.edges)
        return any(edge.to.address == ("127.0.0.1", port) for edge in edges)

    wait(cluster, is_known)


def test_immutable_items_pass_both_ways(cluster: Cluster, stranger: Stranger) -> None:
    ours = cluster[3].put(b"from us")
    theirs, taken = stranger(stranger.client.put(b"from it"))

    assert stranger(stranger.client.get(ours.to_bytes(20, "big"))) == b"from us"
    assert taken >= 7
    for index in (2, 30):
        assert cluster[index].get(Id.parse(theirs)) == b"from it"


def test_mutable_items_pass_both_ways(cluster: Cluster, stranger: Stranger) -> None:
    pairs = [Ed25519PrivateKey.generate() for _ in range(2)]
    (ours, our_key), (theirs, their_key) = (
        (one.private_bytes_raw(), one.public_key().public_bytes_raw()) for one in pairs
    )

    for number, value in enumerate((b"first", b"second"), 1):
        cluster[number].put_mutable(ours, value, seq=number)
        found = stranger(stranger.client.get_mutable(our_key))
        assert (found.item, found.seq) == (value, number)

        put = stranger(stranger.client.put_mutable(theirs, their_key, value))
        assert put.num_success >= 7
        item = cluster[9].get_mutable(their_key)
        assert (item.value, item.seq) == (value, number)


def test_announced_peers_are_found_both_ways(
    cluster: Cluster, stranger: Stranger
) -> None:
    ours, theirs = os.urandom(20), os.urandom(20)

    cluster[5].announce(Id.parse(ours), 6999)
    stranger(stranger.client.announce(theirs, 51413))

    found = stranger(stranger.client.get_peers(ours))
    assert (cluster.addresses[5][0], 6999) in found
    wait(cluster, lambda: cluster[17].get_peers(Id.parse(theirs)))
    assert cluster[17].get_peers(Id.parse(theirs)) == [("127.0.0.1", 51413)]
