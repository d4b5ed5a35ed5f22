"""What a student can do: everything here runs without any rights."""

from __future__ import annotations

import sys

import pytest

from tests.cluster.private import needs_private_network
from tests.ordinary_user import OrdinaryUser

pytestmark = [
    pytest.mark.timeout(60),  # processes start and join in each test
    pytest.mark.skipif(sys.platform != "linux", reason="rights are dropped on Linux"),
]


def test_an_ordinary_user_has_no_rights_and_no_way_to_them(
    ordinary_user: OrdinaryUser,
) -> None:
    code = """
import os, pathlib
status = pathlib.Path("/proc/self/status").read_text()
rights = [line.split()[1] for line in status.splitlines() if line.startswith("Cap")]
print(os.geteuid() == 0, {int(one, 16) for one in rights[:3]}, os.getgroups() == [0])
"""

    assert ordinary_user.python(code) == "False {0} False\n"


@pytest.mark.parametrize(
    "network", ["host", pytest.param("private", marks=needs_private_network)]
)
def test_a_cluster_runs_and_keeps_its_folder_for_an_ordinary_user(
    ordinary_user: OrdinaryUser, network: str
) -> None:
    code = f"""
import os
from p2pkit import Cluster
from p2pkit.protocols import Kademlia
run_folder = os.environ["HOME"] + "/run"
options = dict(seed=7, run_folder=run_folder, network={network!r})
with Cluster(Kademlia, nodes=4, **options) as cluster:
    print(cluster[3].get(cluster[0].put(b"hello")))
print(sorted(os.listdir(run_folder)))
"""

    files = "['hosts.log', 'run.json', 'trace.msgpack']"
    assert ordinary_user.python(code) == f"b'hello'\n{files}\n"
