"""The supervisor outlives its hosts, however they end."""

from __future__ import annotations

import signal

import pytest

from p2pkit import Cluster
from p2pkit.core import ControlLost
from tests.cluster.pinger import Pinger
from tests.cluster.processes import hosts_of, until

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
