"""Whatever ends a recording, what came before is kept, and one sentence says why."""

import resource
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from p2pkit.core import CaptureError
from p2pkit.observe.capture import filters
from p2pkit.observe.capture import recording as recordings
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.files import read_records
from p2pkit.observe.capture.recording import Recording
from tests.capturing import begun, packet_socket, payloads_in
from tests.cluster.processes import until

HERE, THERE = ("127.212.0.1", 7002), ("127.212.0.2", 7002)
NODES = {HERE: "n00", THERE: "n01"}
NAMES = Names(NODES)
TINY = {"blocks": 2, "block_bytes": 1 << 12}
FINE = {"blocks": 64, "block_bytes": 1 << 12}
"""Room for all that these tests say, in many small blocks."""


@pytest.fixture
def say():
    """Say numbered datagrams, to somebody: else each was answered by ICMP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        here.bind(HERE)
        there.bind(THERE)

        def say(numbers):
            for number in numbers:
                here.sendto(number.to_bytes(4, "big"), THERE)

        yield say


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.pcapng"


def record(path, limit_bytes=1 << 28, **ring):
    sock = packet_socket()
    filters.attach(sock, filters.of_network("127.212.0.0/16"))
    recording = Recording(sock, begun(path), "lo", NODES, limit_bytes, **ring)
    recording.begin()
    return recording


def recorder():
    (found,) = [
        one
        for one in psutil.Process().children()
        if "recorder" in " ".join(one.cmdline())
    ]
    return found


def numbers_in(path):
    return [int.from_bytes(one, "big") for one in payloads_in(path)]


def say_and_see_kept(say, numbers, path):
    say(numbers)
    until(lambda: len(read_records(path)) == len(numbers), 5)


def test_what_finds_the_ring_full_is_counted_to_the_packet(path, say):
    recording = record(path, **TINY)
    process = recorder()

    process.suspend()
    say(range(1000))
    process.resume()
    recording.stop()
    report = recording.finish(NAMES)

    kept = numbers_in(path)
    assert report.seen == 1000
    assert report.dropped == 1000 - len(kept) > 0
    assert report.freezes > 0
    assert kept == list(range(len(kept)))


def test_beyond_the_limit_packets_are_counted_and_not_kept(path, say):
    recording = record(path, limit_bytes=20 << 10, **FINE)

    say(range(1000))
    recording.stop()
    report = recording.finish(NAMES)

    kept = numbers_in(path)
    assert report.trouble == (
        "the limit of 20,480 bytes was reached: allow more with limit_bytes"
    )
    assert 0 < len(kept) == report.seen - report.dropped - report.unsaved
    assert kept == list(range(len(kept)))


def test_a_disk_that_is_full_keeps_what_it_has(path, say):
    recording = record(path, **FINE)
    most = 20 << 10
    resource.prlimit(recorder().pid, resource.RLIMIT_FSIZE, (most, most))

    say(range(1000))
    recording.stop()
    report = recording.finish(NAMES)

    kept = numbers_in(path)
    assert report.trouble == "the file could not be written: File too large"
    assert 0 < len(kept) == report.seen - report.dropped - report.unsaved
    assert report.unsaved > 0


def test_when_the_recorder_is_killed_its_file_is_finished_without_it(path, say):
    recording = record(path)

    say_and_see_kept(say, range(100), path)
    recorder().kill()
    say(range(100, 150))
    recording.stop()
    report = recording.finish(NAMES)

    assert numbers_in(path) == list(range(100))
    assert report.trouble == (
        "the recorder process was ended by SIGKILL: what it had written is kept"
    )
    assert (report.seen, report.dropped, report.unsaved) == (150, 0, 50)


def test_a_recorder_that_does_not_answer_is_ended_and_its_file_is_finished(
    path, say, monkeypatch
):
    monkeypatch.setattr(recordings, "FINISH_S", 0.2)
    recording = record(path)

    say_and_see_kept(say, range(100), path)
    recorder().suspend()
    recording.stop()
    report = recording.finish(NAMES)

    assert numbers_in(path) == list(range(100))
    assert report.trouble == (
        "the recorder process said nothing for 0.2 s: what it had written is kept"
    )


def test_a_recorder_that_does_not_end_is_killed_and_its_file_is_finished(
    path, say, monkeypatch
):
    monkeypatch.setattr(recordings, "CLOSE_S", 0.2)
    recording = record(path)
    process = recorder()

    say_and_see_kept(say, range(100), path)
    process.suspend()
    with pytest.warns(UserWarning, match=r"did not end within 0.2 s and was killed: "):
        recording.close()

    assert not process.is_running()
    assert numbers_in(path) == list(range(100))
    assert b"n00 > n01" in path.read_bytes()


def test_an_interface_that_is_not_there_is_named(path):
    sock = packet_socket()
    recording = Recording(sock, begun(path), "nowhere0", NODES, 1 << 20)

    with pytest.raises(CaptureError, match=r"nowhere0 cannot be captured: No such dev"):
        recording.begin()
    recording.close()


def test_a_recording_leaves_nothing_behind(path, say):
    before = psutil.Process().num_fds(), psutil.Process().children()

    record(path).finish(NAMES)

    assert (psutil.Process().num_fds(), psutil.Process().children()) == before


STARTER = """
import socket, sys
from pathlib import Path
from p2pkit.observe.capture import filters
from p2pkit.observe.capture.recording import Recording

sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
filters.attach(sock, filters.of_network("127.212.0.0/16"))
nodes = {("127.212.0.1", 7002): "n00"}
recording = Recording(sock, Path(sys.argv[1]), "lo", nodes, 1 << 20)
recording.begin()
print("begun", flush=True)
sys.stdin.read()
"""


def test_whoever_dies_leaves_a_finished_file_and_no_recorder(path, say):
    packet_socket().close()
    command = [sys.executable, "-c", STARTER, str(begun(path))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"begun\n"
        (process,) = psutil.Process(starter.pid).children()

        say(range(10))
        starter.send_signal(signal.SIGKILL)

    until(lambda: not process.is_running(), 10)
    assert numbers_in(path) == list(range(10))
    assert b"n00 > 127.212.0.2:7002" in path.read_bytes()


DOWN = """
import ctypes, fcntl, os, socket, struct, sys
from pathlib import Path
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000):
    sys.exit(77)
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.recording import Recording

here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def lo(flags):
    fcntl.ioctl(here, 0x8914, struct.pack("16sH14x", b"lo", flags))
lo(1)
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
recording = Recording(sock, Path(sys.argv[1]), "lo", {}, 1 << 20)
recording.begin()
for number in range(10):
    here.sendto(number.to_bytes(4, "big"), ("127.0.0.1", 9))
lo(0)
recording.stop()
print(recording.finish(Names()).trouble)
"""


def test_an_interface_that_goes_away_ends_the_recording_with_a_sentence(path):
    command = [sys.executable, "-c", DOWN, str(begun(path))]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    if run.returncode == 77:
        pytest.skip("needs namespaces without rights: see p2pkit doctor")
    assert run.stdout == (
        "the interface lo went away (Network is down): what came before is kept\n"
    ), run.stderr
    assert numbers_in(path)[:10] == list(range(10))
