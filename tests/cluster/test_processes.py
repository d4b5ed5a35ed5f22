"""Host processes: they come fast, one does not harm the other, and none is left."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from p2pkit import Cluster
from p2pkit.cluster.launcher import SpawnLauncher
from p2pkit.core import (
    ClusterError,
    ControlLost,
    PeerUnreachable,
    RequestTimeout,
    SpawnFailed,
    TransportError,
)
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Pinger
from tests.cluster.processes import (
    below,
    gone,
    hosts_of,
    possessions,
    private_folders,
    until,
)

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test
ROOT = Path(__file__).parents[2]


@pytest.fixture
def each_alone() -> Iterator[Cluster]:
    """Four nodes, each in a process of its own."""
    with Cluster(Pinger, nodes=4, processes=4, seed=7) as cluster:
        yield cluster


def run_child(code: str) -> subprocess.Popen[str]:
    """Start a Python of its own that runs `code` and keeps its stdin open."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


CONTROLLER = """
import os, sys
from p2pkit import Cluster
from tests.cluster.pinger import Pinger
cluster = Cluster(Pinger, nodes=8, processes=4, seed=7).start()
{extra}
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    "extra",
    ["", "cluster[0].hang()", "cluster.pause(1)"],
    ids=["idle", "busy", "still"],
)
def test_no_process_outlives_a_killed_controller(extra: str) -> None:
    if "hang" in extra:
        extra = "cluster.run.carrier.begin(0, 'call', 'n00', 'hang', (), {})"
    if "pause" in extra:
        extra = "cluster.run.carrier.signal(1, 'pause')"
    controller = run_child(CONTROLLER.format(extra=extra))
    with controller:
        assert controller.stdout is not None
        assert controller.stdout.readline() == "ready\n"
        processes = below(controller.pid)
        assert len(processes) == 5

        os.kill(controller.pid, signal.SIGKILL)

        until(lambda: gone(processes), limit_s=5)
        assert not private_folders(controller.pid)


def test_no_process_outlives_a_killed_supervisor(each_alone: Cluster) -> None:
    (supervisor,) = psutil.Process().children()
    hosts = supervisor.children()

    supervisor.kill()

    until(lambda: gone(hosts), limit_s=5)
    until(lambda: not each_alone.alive, limit_s=5)


def test_no_process_outlives_a_script_that_forgets_to_close() -> None:
    with run_child(CONTROLLER.format(extra="")) as controller:
        assert controller.stdout is not None
        assert controller.stdin is not None
        assert controller.stdout.readline() == "ready\n"
        processes = below(controller.pid)

        controller.stdin.close()

        assert controller.wait(10) == 0
        until(lambda: gone(processes), limit_s=5)
        assert not private_folders(controller.pid)


def test_a_killed_host_is_on_the_graph_in_two_seconds(each_alone: Cluster) -> None:
    victim = hosts_of()[2]

    os.kill(victim.pid, signal.SIGKILL)
    until(
        lambda: "dead" in dict(each_alone.graph().nodes(data="state")).values(),
        limit_s=2,
    )

    dead = [node for node in each_alone if node.state == "dead"]
    assert len(dead) == 1
    each_alone.restart(each_alone.addresses.index(dead[0].address))
    assert len(each_alone.alive) == 4


def test_what_a_host_said_before_it_died_disturbs_nobody(each_alone: Cluster) -> None:
    victim = hosts_of()[1]
    calls = [(i % 4, "inspect", ()) for i in range(20_000)]

    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(
            each_alone.call_many, calls, in_flight=10_000, return_errors=True
        )
        os.kill(victim.pid, signal.SIGKILL)
        lost = [one for one in answers.result(15) if isinstance(one, ControlLost)]

    assert 0 < len(lost) <= 5_000
    assert len(each_alone.alive) == 3
    assert all(node.inspect() is not None for node in each_alone.alive)
    dead = [node for node in each_alone if node.state == "dead"]
    each_alone.restart(each_alone.addresses.index(dead[0].address))


def test_calls_to_a_host_that_dies_end_at_once(each_alone: Cluster) -> None:
    waiting = each_alone.run.carrier.begin(1, "call", "n01", "never", (), {})
    each_alone.run.carrier.signal(1, "kill")

    with pytest.raises(ControlLost, match=r"host process 1 is gone.*SIGKILL"):
        each_alone.run.result(waiting, "never", 5)


def test_a_node_with_a_process_of_its_own_dies_and_stops_with_it(
    each_alone: Cluster,
) -> None:
    before = {one.pid for one in hosts_of()}

    each_alone.kill(1)
    each_alone.pause(2)

    assert len(hosts_of()) == 3
    states = [one.status() for one in hosts_of()]
    assert states.count(psutil.STATUS_STOPPED) == 1
    assert [one.state for one in each_alone.snapshot().nodes] == [
        "alive", "dead", "paused", "alive",
    ]  # fmt: skip
    with pytest.raises(PeerUnreachable):
        each_alone[0].ping(each_alone[2].address)
    each_alone.resume(2)
    each_alone.restart(1)
    assert each_alone[1].ping(each_alone[2].address) >= 0
    assert len({one.pid for one in hosts_of()} - before) == 1


def test_rules_reach_a_process_that_was_paused_or_is_new(each_alone: Cluster) -> None:
    each_alone.pause(1)
    each_alone.kill(2)
    each_alone.partition([[0], [1, 2]])

    each_alone.resume(1)
    each_alone.restart(2)

    for index in (1, 2):
        with pytest.raises(PeerUnreachable):
            each_alone[index].ping(each_alone[0].address)
    assert each_alone[1].ping(each_alone[2].address) >= 0


def test_a_verb_that_never_returns_holds_its_process_alone() -> None:
    with Cluster(Pinger, nodes=2, processes=2, seed=7) as cluster:
        with pytest.raises(RequestTimeout):
            cluster[0].hang(timeout_s=0.2)

        assert cluster[1].read() == []


def test_ten_starts_and_ends_leave_nothing() -> None:
    def once() -> None:
        with Cluster(Pinger, nodes=4, processes=2, seed=7) as cluster:
            cluster[0].note("here")

    once()  # what a first use loads stays
    gc.collect()
    before = possessions()

    for _ in range(10):
        once()

    gc.collect()
    assert possessions() == before
    assert not private_folders()


def test_a_forgotten_cluster_ends() -> None:
    cluster = Cluster(Pinger, nodes=2, seed=7).start()
    processes = below()
    assert len(processes) == 3

    del cluster
    gc.collect()

    until(lambda: gone(processes), limit_s=5)


def test_a_forked_copy_that_ends_ends_no_cluster() -> None:
    code = """
import os, sys
from p2pkit import Cluster
from tests.cluster.pinger import Pinger
with Cluster(Pinger, nodes=2, seed=7) as cluster:
    if os.fork() == 0:
        sys.exit()
    os.wait()
    print(len(cluster.alive), cluster[1].read())
"""
    with run_child(code) as child:
        assert child.stdout is not None
        assert child.stdout.read() == "2 []\n"


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    # A shell that starts the tests in the background has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_hosts_run_the_same_p2pkit_as_their_controller(tmp_path: Path) -> None:
    # As where one is installed and a notebook imports another checkout.
    shutil.copytree(ROOT / "p2pkit", tmp_path / "p2pkit")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import p2pkit
from tests.cluster.pinger import Pinger
class Teller(Pinger):
    def where(self):
        import p2pkit.cluster.host
        return p2pkit.cluster.host.__file__
with p2pkit.Cluster(Teller, nodes=1, launcher={{launcher}}) as cluster:
    print(cluster[0].where())
"""
    spawned = "p2pkit.cluster.launcher.SpawnLauncher()"
    for launcher in ("None", f"__import__('p2pkit.cluster.launcher') and {spawned}"):
        with run_child(code.format(launcher=launcher)) as child:
            assert child.stdout is not None
            told = child.stdout.read().strip()

        assert told == str(tmp_path / "p2pkit" / "cluster" / "host.py")


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_ends_the_wait_and_not_the_cluster(each_alone: Cluster) -> None:
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        each_alone[0].never(timeout_s=20)

    timer.join()
    assert each_alone[0].read() == []
    assert len(each_alone.alive) == 4


def test_two_clusters_at_once_do_not_meet() -> None:
    with (
        Cluster(Pinger, nodes=3, seed=7) as one,
        Cluster(Pinger, nodes=3, seed=7) as other,
    ):
        assert not set(one.addresses) & set(other.addresses)
        assert other[0].ping(other[2].address) >= 0


def test_a_taken_port_is_said_and_nothing_is_left() -> None:
    before = len(below())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(TransportError, match=rf"127\.0\.0\.1:{port}.*taken"):
            Cluster(Pinger, nodes=2, addresses="shared", port=port).start()

    assert len(below()) == before


def test_a_port_taken_everywhere_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]

        with pytest.raises(TransportError, match=f"port {port} is taken"):
            Cluster(Pinger, nodes=2, port=port).start()


class NoHosts(SpawnLauncher):
    """Hosts end before they are ready, as with too few descriptors."""

    def _spawn(self, identity: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", "raise OSError(24, 'Too many open files')"],
                stdin=subprocess.PIPE,
                stderr=log,
            )


def test_a_host_that_does_not_start_says_why_and_nothing_is_left() -> None:
    before = len(below())

    with pytest.raises(SpawnFailed, match=r"(?s)host \d did not start.*Too many open"):
        Cluster(Pinger, nodes=2, launcher=NoHosts()).start()

    assert len(below()) == before


def test_hosts_can_be_spawned_where_there_is_no_fork() -> None:
    with Cluster(Pinger, nodes=2, launcher=SpawnLauncher()) as cluster:
        assert cluster[0].ping(cluster[1].address) >= 0
        cluster.kill(1)
        cluster.restart(1)
        assert len(cluster.alive) == 2


def test_hosts_stay_free_of_heavy_packages(each_alone: Cluster) -> None:
    loaded = set(each_alone[0].loaded())

    assert not loaded & {"networkx", "numpy", "pandas", "scapy", "IPython", "pytest"}


def test_a_run_folder_tells_how_to_repeat_the_run(tmp_path: Path) -> None:
    with Cluster(Pinger, nodes=2, seed=7, run_folder=tmp_path / "run") as cluster:
        cluster[0].note("kept")

    note = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (note["seed"], note["nodes"], note["network"]) == (7, 2, "host")
    assert note["settings"] == {"wait_s": 0.3}
    assert note["versions"]["python"]
    assert b"Noted" in (tmp_path / "run" / "trace.msgpack").read_bytes()


def test_the_control_socket_is_private_to_its_user() -> None:
    with Cluster(Pinger, nodes=1, seed=7):
        (folder,) = private_folders()
        assert folder.stat().st_mode & 0o077 == 0


def test_sixteen_nodes_in_sixteen_processes_find_a_value() -> None:
    with Cluster(Kademlia, nodes=16, processes=16, seed=7) as cluster:
        cluster.wait_ready()

        key = cluster[3].put(b"hello")

        assert {cluster[index].get(key) for index in range(16)} == {b"hello"}


def test_a_closed_cluster_refuses_work(each_alone: Cluster) -> None:
    each_alone.close()
    each_alone.close()

    with pytest.raises(ClusterError, match="this cluster is closed: make a new one"):
        each_alone.snapshot()
