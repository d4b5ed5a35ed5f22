"""A private network: the cluster's own, without a way out, and without any rights."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from p2pkit import Cluster
from p2pkit.core import ControlLost, TransportError
from p2pkit.observe.capture.interface import interface_at
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Ping, Pinger, Pong
from tests.cluster.private import needs_private_network
from tests.cluster.processes import (
    below,
    gone,
    hosts_of,
    possessions,
    private_folders,
    until,
)
from tests.cluster.reaching import KINDS, Reacher, reach
from tests.ordinary_user import OrdinaryUser

pytestmark = [
    pytest.mark.timeout(60),  # processes start and join before each test
    needs_private_network,
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Four nodes, each in a process of its own, in a private network."""
    with Cluster(Reacher, nodes=4, processes=4, seed=7, network="private") as cluster:
        yield cluster


def network_of(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/net")


def test_all_hosts_are_in_one_network_that_is_not_ours(cluster: Cluster) -> None:
    (supervisor,) = {host.parent() for host in hosts_of()}
    networks = {network_of(one.pid) for one in (supervisor, *supervisor.children())}

    assert len(networks) == 1
    assert network_of(os.getpid()) not in networks
    assert cluster.network == "private"


def test_nodes_meet_and_one_has_a_value_of_another() -> None:
    with Cluster(Kademlia, 16, processes=4, seed=7, network="private") as cluster:
        cluster.wait_ready()

        key = cluster[3].put(b"hello")

        assert {cluster[index].get(key) for index in range(16)} == {b"hello"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_way_leads_out_of_it(cluster: Cluster, kind: str) -> None:
    argv = [sys.executable, "-m", "tests.cluster.reaching", kind]
    with (
        cluster.open_socket(*KINDS[kind]) as passed,
        cluster.spawn(argv, cwd=ROOT) as program,
    ):
        tried = {
            "node": cluster[2].reach(kind),
            "passed socket": reach(passed),
            "program": program.wait_line("E", timeout_s=20),
        }

    assert set(tried.values()) == {"ENETUNREACH"}, tried


def test_its_loopback_is_like_a_wire_and_the_machines_is_left_as_it_was() -> None:
    kind = (socket.AF_INET, socket.SOCK_DGRAM)
    with socket.socket(*kind) as outside:
        before = interface_at(outside, "lo")

        with (
            Cluster(Pinger, nodes=1, seed=7, network="private") as cluster,
            cluster.open_socket(*kind) as inside,
        ):
            assert interface_at(inside, "lo") == (1500, False)
            assert interface_at(outside, "lo") == before


def test_a_socket_from_inside_reaches_nodes_that_ours_does_not(
    cluster: Cluster,
) -> None:
    kind = (socket.AF_INET, socket.SOCK_DGRAM)
    node = cluster[1]
    with cluster.open_socket(*kind) as inside, socket.socket(*kind) as outside:
        for one in (inside, outside):
            one.bind(("127.0.0.1", 0))
            one.settimeout(0.5)
            one.sendto(Pinger.codec.encode(Ping(7, bytes(20))), node.address)

        assert Pinger.codec.decode(inside.recv(2000)) == Pong(
            7, node.id.to_bytes(20, "big")
        )
        with pytest.raises((TimeoutError, ConnectionRefusedError)):
            outside.recv(2000)


def test_a_packet_socket_from_inside_sees_the_nodes_alone(cluster: Cluster) -> None:
    with cluster.open_socket(socket.AF_PACKET, socket.SOCK_RAW) as sniffer:
        sniffer.bind(("lo", 0x0003))  # ETH_P_ALL
        sniffer.settimeout(5)
        cluster[0].ping(cluster[3].address)
        frames = [sniffer.recv(2000) for _ in range(4)]  # each goes out and comes in

    ends = {frame[26:34] for frame in frames}
    hosts = {socket.inet_aton(cluster[index].address[0]) for index in (0, 3)}
    assert {end[:4] for end in ends} == {end[4:] for end in ends} == hosts


def test_sockets_are_passed_in_order_to_threads_that_ask_at_once(
    cluster: Cluster,
) -> None:
    kinds = [
        (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET6, socket.SOCK_STREAM),
        (socket.AF_PACKET, socket.SOCK_RAW),
    ] * 20  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda kind: cluster.open_socket(*kind), kinds))

    assert [(one.family, one.type) for one in opened] == kinds
    assert not any(one.get_inheritable() for one in opened)
    for one in opened:
        one.close()


def test_a_socket_that_there_is_not_is_told(cluster: Cluster) -> None:
    with pytest.raises(TransportError, match=r"no socket here: .*not supported"):
        cluster.open_socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_TCP)


def test_every_private_cluster_has_the_same_addresses_and_its_own_network() -> None:
    others = {network_of(host.pid) for host in hosts_of()}
    with (
        Cluster(Pinger, nodes=3, seed=7, network="private") as one,
        Cluster(Pinger, nodes=3, seed=7, network="private") as other,
    ):
        assert one.addresses == other.addresses
        assert one.addresses[0] == ("127.1.0.1", 6881)
        assert one[0].ping(one[2].address) >= 0
        assert len({network_of(host.pid) for host in hosts_of()} - others) == 2


def test_nodes_may_share_an_address_inside() -> None:
    with Cluster(
        Pinger, nodes=3, seed=7, network="private", addresses="shared"
    ) as cluster:
        assert {host for host, _ in cluster.addresses} == {"127.0.0.1"}
        assert cluster[0].ping(cluster[2].address) >= 0


def test_nodes_die_and_come_back_inside(cluster: Cluster) -> None:
    networks = {network_of(one.pid) for one in hosts_of()}
    cluster.kill(1)
    cluster.pause(2)
    cluster.resume(2)
    cluster.restart(1)

    assert cluster[1].ping(cluster[2].address) >= 0
    assert {network_of(one.pid) for one in hosts_of()} == networks


CONTROLLER = """
import sys
from p2pkit import Cluster
from tests.cluster.pinger import Pinger
cluster = Cluster(Pinger, nodes=8, processes=4, seed=7, network="private").start()
program = cluster.spawn(["sh", "-c", "sleep 1000 & setsid sleep 1000 & wait"])
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("victim", ["controller", "supervisor"])
def test_nothing_outlives_a_killed(victim: str) -> None:
    controller = subprocess.Popen(
        [sys.executable, "-c", CONTROLLER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with controller:
        assert controller.stdout is not None
        assert controller.stdout.readline() == "ready\n"
        (supervisor,) = psutil.Process(controller.pid).children()
        # The supervisor, four hosts, a keeper, its shell, and what that started.
        until(lambda: len(below(controller.pid)) == 9, limit_s=10)
        processes = below(controller.pid)
        network = network_of(supervisor.pid)

        if victim == "controller":
            os.kill(controller.pid, signal.SIGKILL)
        else:
            os.kill(supervisor.pid, signal.SIGKILL)
            until(lambda: gone(processes), limit_s=5)
            assert controller.stdin is not None
            controller.stdin.close()

        until(lambda: gone(processes), limit_s=5)
    assert network not in networks_in_use()
    assert not private_folders(controller.pid)


def networks_in_use() -> set[str]:
    found = set()
    for pid in psutil.pids():
        try:
            found.add(network_of(pid))
        except OSError:
            continue  # it has just ended, or is another user's
    return found


def test_ten_private_clusters_leave_nothing() -> None:
    def once() -> None:
        with Cluster(Pinger, nodes=2, processes=2, seed=7, network="private") as one:
            one.open_socket(socket.AF_PACKET, socket.SOCK_RAW).close()
            one.spawn(["sleep", "1000"])

    once()  # what a first use loads stays
    before = possessions(), private_folders()

    for _ in range(10):
        once()

    assert (possessions(), private_folders()) == before


def test_what_is_asked_of_a_dead_supervisor_is_refused() -> None:
    before = set(psutil.Process().children())
    with Cluster(Pinger, nodes=1, seed=7, network="private") as cluster:
        (supervisor,) = set(psutil.Process().children()) - before
        supervisor.kill()
        until(lambda: not cluster.alive, limit_s=5)

        with pytest.raises(ControlLost, match="supervisor process has ended"):
            cluster.open_socket(socket.AF_INET, socket.SOCK_DGRAM)
        with pytest.raises(ControlLost, match="supervisor process has ended"):
            cluster.spawn(["true"])


@pytest.mark.timeout(180)  # all of the above once more
def test_it_takes_no_rights_at_all(ordinary_user: OrdinaryUser) -> None:
    path = "tests/cluster/test_private_network.py"

    report = ordinary_user.pytest(path, "-k", "not rights", limit_s=170)

    assert "passed" in report
    assert "skipped" not in report, report
