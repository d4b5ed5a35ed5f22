"""Clients that nobody here wrote meet a cluster in its private network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from p2pkit import Cluster
from p2pkit.core import format_address
from p2pkit.protocols import Kademlia
from p2pkit.protocols.swim import Swim
from tests.cluster.private import needs_private_network
from tests.net.serf_agent import SERF

pytestmark = [
    pytest.mark.timeout(90, method="thread"),  # real periods of a second each
    needs_private_network,
]

HOST = "127.9.9.9"
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(SERF is None, reason="serf is not installed: apt install serf")
def test_a_serf_agent_started_inside_is_a_member() -> None:
    assert SERF is not None
    with Cluster(Swim, nodes=3, seed=7, network="private", port=7946) as cluster:
        cluster.wait_ready()
        ours = [format_address(one) for one in cluster.addresses]
        others = [f"-join={one}" for one in ours]
        agent = [SERF, "agent", "-node=stranger", f"-bind={HOST}:7946", *others]

        with cluster.spawn([*agent, "-profile=local"]) as serf:
            serf.wait_line("joined: 3 nodes", 30)
            cluster.wait_until(lambda c: all(HOST in one for one in known_to(c)), 30)

            asked = cluster.spawn([SERF, "members", "-format=json"])
            assert asked.wait(20) == 0
            known = json.loads("\n".join(asked.lines()))["members"]

    alive = {one["addr"] for one in known if one["status"] == "alive"}
    assert alive == {f"{HOST}:7946", *ours}


def known_to(cluster: Cluster) -> list[set[str]]:
    """Return the hosts that each node knows of."""
    nodes = cluster.snapshot().nodes
    return [{edge.to.address[0] for edge in node.edges} for node in nodes]


def test_a_node_of_the_command_line_started_inside_gets_a_value() -> None:
    with Cluster(Kademlia, nodes=8, seed=7, network="private") as cluster:
        key = cluster[3].put(b"from us")
        known = ["--bootstrap", format_address(cluster.addresses[0])]
        argv = [sys.executable, "-m", "p2pkit.cli", "call", "kademlia", "get"]

        client = cluster.spawn([*argv, f"{key:040x}", *known], cwd=ROOT)

        assert client.wait(60) == 0, client.lines()
        assert "from us" in client.lines()[-1]


LIBTORRENT = """
import sys, libtorrent as lt
session = lt.session({
    "listen_interfaces": "127.9.9.9:6881", "dht_bootstrap_nodes": sys.argv[1],
    "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "alert_mask": lt.alert.category_t.dht_notification
    | lt.alert.category_t.dht_operation_notification,
})
def alert(kind):
    while True:
        session.wait_for_alert(10_000)
        for one in session.pop_alerts():
            if isinstance(one, kind):
                return one
alert(lt.dht_bootstrap_alert)
session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(sys.argv[2])))
print("found", alert(lt.dht_immutable_item_alert).item, flush=True)
"""


def test_libtorrent_started_inside_gets_a_value_of_ours() -> None:
    pytest.importorskip(
        "libtorrent", reason="libtorrent has no wheel here: pip install -e '.[clients]'"
    )
    with Cluster(Kademlia, nodes=16, seed=7, network="private") as cluster:
        cluster.wait_ready()
        key = cluster[3].put(b"from us")
        first = format_address(cluster.addresses[0])
        argv = [sys.executable, "-c", LIBTORRENT, first, key.to_bytes(20, "big").hex()]

        with cluster.spawn(argv) as client:
            assert client.wait_line("found", 60) == "found b'from us'"
