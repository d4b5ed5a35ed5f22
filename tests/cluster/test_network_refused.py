"""A machine that gives no private network says so, where, and what to change."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError
from p2pkit.net.namespace import NetworkRefused
from tests.cluster.pinger import Pinger
from tests.cluster.private import needs_private_network
from tests.cluster.processes import possessions, private_folders

pytestmark = pytest.mark.timeout(60)  # processes start in each test
ROOT = Path(__file__).parents[2]
WHY = "from p2pkit.cluster.network import why_no_private_network as why; print(why())"


def test_a_refused_network_is_told_with_advice_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("P2PKIT_WITHOUT", "namespaces")
    before = possessions(), private_folders()

    with pytest.raises(NetworkRefused, match="refuses a private network") as refusal:
        Cluster(Pinger, nodes=2, network="private").start()

    assert refusal.value.step == "new namespaces"
    assert 'Or use network="host"' in str(refusal.value)
    assert (possessions(), private_folders()) == before


@needs_private_network
def test_a_refusal_of_the_system_itself_is_told() -> None:
    # Inside we may forbid it to those further inside, as an administrator may outside.
    script = f'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" -c "{WHY}"'

    with Cluster(Pinger, nodes=1, seed=7, network="private") as cluster:
        program = cluster.spawn(["sh", "-c", script, sys.executable], cwd=ROOT)
        assert program.wait(20) == 0, program.lines()

    (sentence,) = program.lines()
    assert "at the step 'new namespaces' (No space left on device)" in sentence
    assert "sysctl -w user.max_user_namespaces=" in sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"carrier": "virtual"}, "virtual time has no network"),
        ({"bootstrap": ["127.0.0.1:1"]}, "bootstrap= names peers outside"),
        ({"launcher": object()}, "made by the launcher of this machine"),
        ({"network": "mine"}, "network is one of host, private, not 'mine'"),
    ],
)
def test_what_does_not_go_together_is_told(
    arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ClusterError, match=sentence):
        Cluster(Pinger, nodes=2, **{"network": "private", **arguments})


# As Docker does by default: `unshare` fails, whatever it asks for. Four instructions of
# <linux/bpf_common.h>: load the call's number; if it is 272, go on; refuse; allow.
LIKE_DOCKER = """
import ctypes, struct
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 272), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]
program = b"".join(struct.pack("HBBI", *one) for one in code)
buffer = ctypes.create_string_buffer(program, len(program))
filled = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, filled, 0, 0) == 0  # PR_SET_SECCOMP
"""


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="the number of unshare is that of x86-64",
)
def test_a_filter_as_of_docker_is_told() -> None:
    code = LIKE_DOCKER + WHY

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "at the step 'new namespaces' (Operation not permitted)" in done.stdout


@needs_private_network
def test_packet_sockets_are_tried_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2PKIT_WITHOUT", "packet-sockets")

    done = subprocess.run(
        [sys.executable, "-c", WHY], cwd=ROOT, capture_output=True, text=True
    )

    assert "at the step 'packet socket' (Operation not permitted)" in done.stdout
