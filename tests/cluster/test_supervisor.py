"""The supervisor outlives its hosts, however they end."""

from __future__ import annotations

import signal
import subprocess

import psutil
import pytest

from p2pkit import Cluster
from p2pkit.core import ControlLost, SpawnFailed
from tests.cluster.pinger import Pinger
from tests.cluster.processes import gone, hosts_of, until

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="no realtime signals")
def test_a_host_that_a_nameless_signal_ends_takes_no_other_along() -> None:
    number = signal.SIGRTMIN + 6  # of the realtime signals two alone have names
    with Cluster(Pinger, nodes=3, processes=3, seed=7) as cluster:
        carrier = cluster.run.carrier
        calls = [
            carrier.begin(one, "call", f"n0{one}", "never", (), {}) for one in range(3)
        ]

        hosts_of()[0].send_signal(number)
        until(lambda: any(call.done() for call in calls), 10)

        [error] = [call.exception() for call in calls if call.done()]
        assert isinstance(error, ControlLost)
        assert f"ended by signal {number}" in str(error)
        assert [node.read() for node in cluster.alive] == [[], []]


class Starter(Pinger):
    """A node that starts a process and forgets it."""

    def start(self) -> int:
        return subprocess.Popen(["setsid", "sleep", "1000"]).pid


def test_what_a_node_has_started_ends_with_its_cluster() -> None:
    with Cluster(Starter, nodes=1, seed=7) as cluster:
        left = [psutil.Process(cluster[0].start())]
        cluster.kill(0)
        assert not gone(left)

    assert gone(left)


def test_a_supervisor_without_descriptors_refuses_a_program_and_goes_on() -> None:
    with Cluster(Pinger, nodes=1, seed=7) as cluster:
        (supervisor,) = psutil.Process().children()
        soft, hard = supervisor.rlimit(psutil.RLIMIT_NOFILE)
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (supervisor.num_fds(), hard))

        with pytest.raises(SpawnFailed, match="no process can be started for true"):
            cluster.spawn(["true"])

        supervisor.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))
        assert cluster.spawn(["true"]).wait(20) == 0
        assert len(cluster.alive) == 1
