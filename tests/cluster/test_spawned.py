"""Foreign programs: they start inside the cluster's network, and end with it."""

from __future__ import annotations

import operator
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from p2pkit import Cluster
from p2pkit.cluster.launcher import SpawnLauncher
from p2pkit.core import ClusterError, RequestTimeout, SpawnFailed
from tests.cluster.pinger import Pinger
from tests.cluster.private import needs_private_network
from tests.cluster.processes import gone, possessions, until
from tests.ordinary_user import OrdinaryUser

pytestmark = pytest.mark.timeout(60)  # processes start and join before the first test
SLEEP = ["sleep", "1000"]
OURS = (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ)
"""Signals that hosts, or Python, ignore. Whoever starts the tests may ignore others."""


@pytest.fixture(
    scope="module",
    params=["host", pytest.param("private", marks=needs_private_network)],
)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with Cluster(Pinger, nodes=2, seed=7, network=request.param) as cluster:
        yield cluster


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def offspring(pid: int) -> list[psutil.Process]:
    """Return a program and what it has started, wherever that went."""
    keeper = psutil.Process(pid).parent()
    assert keeper is not None
    return keeper.children(recursive=True)


def test_what_a_program_writes_and_how_it_ends_is_known(cluster: Cluster) -> None:
    code = "import sys; print('out'); sys.stdout.flush(); sys.exit('err')"

    program = cluster.spawn(python(code))

    assert program.wait(20) == 1
    assert program.lines() == ["out", "err"]
    assert program.poll() == 1
    assert repr(program).endswith(f"process {program.pid}, ended: 1>")


def test_a_program_has_the_environment_and_folder_that_it_is_given(
    cluster: Cluster, tmp_path: Path
) -> None:
    code = "import os; print(os.getcwd(), os.environ['WORD'], 'HOME' in os.environ)"
    word = b"caf\xe9"  # as some systems have it: no UTF-8

    program = cluster.spawn(
        python(code.replace("os.environ['WORD']", "os.environb[b'WORD']")),
        env={"WORD": os.fsdecode(word)},
        cwd=tmp_path,
    )

    assert program.wait(20) == 0, program.lines()
    assert program.lines() == [f"{tmp_path} {word!r} False"]


def test_without_any_it_has_ours(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORD", "of ours")
    monkeypatch.chdir(tmp_path)

    program = cluster.spawn(["sh", "-c", 'echo "$WORD"; pwd'])

    assert program.wait(20) == 0
    assert program.lines() == ["of ours", str(tmp_path)]


def test_a_line_is_waited_for(cluster: Cluster) -> None:
    with cluster.spawn(["sh", "-c", "echo up; echo ready; cat; sleep 1000"]) as one:
        assert one.wait_line("read", 20) == "ready"
        with pytest.raises(RequestTimeout, match=r"(?s)not written 'more'.*up\nready"):
            one.wait_line("more", 0.1)


def test_a_line_of_a_program_that_ended_is_not_waited_for(cluster: Cluster) -> None:
    program = cluster.spawn(["sh", "-c", "echo only"])

    with pytest.raises(ClusterError, match=r"(?s)ended without writing 'more'.*only"):
        program.wait_line("more", 20)


def test_what_it_writes_is_bounded_and_the_last_is_kept(cluster: Cluster) -> None:
    code = "for i in range(30_000): print(i)\nprint('x' * 25_000, end='')"

    program = cluster.spawn(python(code))

    assert program.wait(20) == 0
    lines = program.lines()
    assert len(lines) == 10_000
    assert [len(one) for one in lines[-3:]] == [10_000, 10_000, 5_000]
    assert lines[-4] == "29999"


def test_terminate_reaches_the_program_and_its_group(cluster: Cluster) -> None:
    program = cluster.spawn(["sh", "-c", "sleep 1000 & echo up; wait"])
    program.wait_line("up", 20)
    processes = offspring(program.pid)

    program.terminate()

    assert program.wait(5) == -signal.SIGTERM
    until(lambda: gone(processes), limit_s=5)


def test_kill_reaches_what_has_left_the_group(cluster: Cluster) -> None:
    program = cluster.spawn(["sh", "-c", "setsid sh -c 'sleep 1000 & wait' & wait"])
    until(lambda: len(offspring(program.pid)) == 3, limit_s=20)
    processes = offspring(program.pid)

    program.kill()

    assert program.wait(5) == -signal.SIGKILL
    until(lambda: gone(processes), limit_s=5)
    until(lambda: program.is_gone, limit_s=5)


def test_a_daemon_outlives_its_starter_and_not_its_cluster() -> None:
    with Cluster(Pinger, nodes=1, seed=7) as cluster:
        program = cluster.spawn(["sh", "-c", "setsid sleep 1000 & echo $!"])
        assert program.wait(20) == 0
        daemon = [psutil.Process(int(program.lines()[0]))]
        assert not gone(daemon)
        assert not program.is_gone

    until(lambda: gone(daemon), limit_s=5)
    assert program.is_gone


def test_a_stopped_program_ends_too(cluster: Cluster) -> None:
    program = cluster.spawn(SLEEP)
    os.kill(program.pid, signal.SIGSTOP)
    until(lambda: psutil.Process(program.pid).status() == "stopped", limit_s=5)

    program.close()

    assert program.poll() == -signal.SIGKILL


def test_a_killed_keeper_takes_its_program_with_it(cluster: Cluster) -> None:
    program = cluster.spawn(["sh", "-c", "sleep 1000 & wait"])
    until(lambda: len(offspring(program.pid)) == 2, limit_s=20)
    keeper = psutil.Process(program.pid).parent()
    assert keeper is not None
    (shell,) = keeper.children()

    keeper.kill()

    assert program.wait(5) == -signal.SIGKILL
    until(lambda: gone([keeper, shell]), limit_s=5)
    assert len(cluster.alive) == 2


def test_a_program_ignores_no_signal_because_we_do(cluster: Cluster) -> None:
    program = cluster.spawn(["grep", "SigIgn", "/proc/self/status"])

    assert program.wait(20) == 0
    ignored = int(program.lines()[0].split()[1], 16)
    assert [one for one in OURS if ignored >> (one - 1) & 1] == []


def test_a_program_holds_none_of_our_descriptors(cluster: Cluster) -> None:
    with cluster.spawn(SLEEP):
        program = cluster.spawn(["ls", "/proc/self/fd"])

        assert program.wait(20) == 0
        assert program.lines() == ["0", "1", "2", "3"]  # the last is of `ls` itself


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["no-such-program"], "no-such-program did not start: .*No such file"),
        (["/etc/passwd"], "/etc/passwd did not start: .*Permission denied"),
        (["echo", "a\0b"], "echo did not start: .*null byte"),
    ],
)
def test_what_cannot_be_started_is_told_and_leaves_nothing(
    cluster: Cluster, argv: list[str], sentence: str
) -> None:
    with pytest.raises(SpawnFailed, match=sentence):
        cluster.spawn(argv)
    before = possessions()

    with pytest.raises(SpawnFailed, match=sentence):
        cluster.spawn(argv)

    # What earlier tests have ended may still have been there before.
    until(lambda: all(map(operator.le, possessions(), before)), limit_s=5)


def test_a_string_is_no_program(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="spawn takes a list such as"):
        cluster.spawn("serf agent")


def test_in_virtual_time_there_is_nowhere_to_start_a_program() -> None:
    with Cluster(Pinger, nodes=2, carrier="virtual", seed=7) as cluster:
        with pytest.raises(ClusterError, match="virtual time has no network"):
            cluster.spawn(SLEEP)
        with pytest.raises(ClusterError, match="virtual time has no network"):
            cluster.open_socket(2, 2)


def test_without_fork_a_foreign_program_is_refused() -> None:
    with (
        Cluster(Pinger, nodes=1, seed=7, launcher=SpawnLauncher()) as cluster,
        pytest.raises(ClusterError, match="start it yourself"),
    ):
        cluster.spawn(SLEEP)


@pytest.mark.timeout(180)  # all of the above once more
def test_none_of_it_takes_rights(ordinary_user: OrdinaryUser) -> None:
    path = "tests/cluster/test_spawned.py"

    report = ordinary_user.pytest(path, "-k", "not rights", limit_s=170)

    assert "passed" in report
