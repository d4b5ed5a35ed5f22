"""`p2pkit capture`: one line says who captured, one what is where."""

import json
import signal
import subprocess
import sys

import pytest

from p2pkit.observe.capture import Packets
from tests.capturing import packet_socket


def p2pkit(*words, **options):
    command = [sys.executable, "-m", "p2pkit.cli", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )


@pytest.fixture
def out(tmp_path):
    return tmp_path / "a.pcapng"


def test_a_cluster_is_made_and_captured_while_nodes_join_and_one_is_asked(out):
    run = p2pkit(
        "capture", "kademlia", "put", "hello", "--nodes", "6", "--out", str(out),
        "--source", "tap", "--strict",
    )  # fmt: skip

    begun, result, balance, told, *ways = run.stdout.splitlines()
    packets = Packets.open(out)
    assert run.returncode == 0
    assert begun == f"capturing 6 kademlia nodes to {out}; Ctrl-C ends it"
    assert len(json.loads(result)) == 40
    assert balance.endswith("; sent - kept = 0, kept - received - drops - waiting = 0")
    note = out.with_suffix(".json")
    assert told == f"{len(packets):,} packets in {out}, their balance in {note}"
    assert note.is_file()
    assert ways[0] == f"wireshark {out} opens it; and in Python:"
    opened = subprocess.run([sys.executable, "-c", f"{ways[1]}.balance"], check=False)
    assert opened.returncode == 0
    assert set(packets.table()["type"]) >= {"FindNode", "Put"}


def test_what_runs_already_is_captured_by_its_port(out):
    packet_socket().close()
    node = [sys.executable, "-m", "p2pkit.cli", "node", "kademlia"]
    with subprocess.Popen(
        [*node, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            listen = json.loads(process.stdout.readline())["listen"]
            port = listen.rpartition(":")[2]
            capture = ["capture", "--port", port, "--out", str(out)]
            with subprocess.Popen(
                [sys.executable, "-m", "p2pkit.cli", *capture],
                stdout=subprocess.PIPE,
                text=True,
            ) as capturing:
                assert capturing.stdout is not None
                capturing.stdout.readline()
                p2pkit("call", "kademlia", "ping", listen, "--bootstrap", listen)
                capturing.send_signal(signal.SIGTERM)
                balance, told, *_ = capturing.stdout.readlines()
        finally:
            process.terminate()

    packets = Packets.open(out)
    assert capturing.returncode == 0
    assert balance.startswith("ring (this user may capture the host's loopback): seen")
    assert len(packets) == packets.balance.kept >= 4
    assert told.startswith(f"{len(packets)} packets in ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a protocol, such as p2pkit capture kademlia, or the ports"),
        (["kademlia", "--port", "6881"], "name a protocol, such as p2pkit capture"),
        (["kademlla"], "there is no protocol 'kademlla'; do you mean kademlia?"),
        (["kademlia", "putt"], "kademlia has no verb 'putt'; it has announce,"),
        (["--port", "6881", "--source", "tap"], "--source tap is for clusters: what"),
        (
            ["--port", "6881", "--network", "private", "--strict"],
            "--port captures what runs already, and no cluster: leave out --network "
            "and --strict, or name a protocol",
        ),
        (["--port", "6881", "--nodes", "8"], "--port captures what runs already, and"),
        (["kademlia", "--source", "air"], "source is one of auto, ring, dumpcap, tap"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_in_a_sentence(words, sentence, out):
    run = p2pkit("capture", *words, "--out", str(out))

    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.startswith(f"p2pkit: {sentence}")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["kademlia"], ["--port", "6881"]])
@pytest.mark.parametrize("name", ["a.pcapng", "a.json"])
def test_what_is_there_is_not_replaced_unasked(words, name, tmp_path):
    there = tmp_path / name
    there.write_text("weeks of work")

    run = p2pkit("capture", *words, "--out", str(tmp_path / "a.pcapng"))

    assert run.returncode == 1
    assert run.stderr.startswith(f"p2pkit: {there} is there already, and a capture")
    assert "--overwrite" in run.stderr
    assert there.read_text() == "weeks of work"
    assert list(tmp_path.iterdir()) == [there]


def test_what_is_there_is_replaced_when_that_is_asked_for(out):
    out.write_text("an older capture")

    run = p2pkit(
        "capture", "kademlia", "--nodes", "3", "--source", "tap", "--seconds", "0",
        "--out", str(out), "--overwrite",
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
    assert Packets.open(out).balance.closes


def test_without_rights_what_runs_already_cannot_be_captured_and_that_is_said(
    ordinary_user, out
):
    run = ordinary_user.run(
        [sys.executable, "-m", "p2pkit.cli", "capture", "--port", "6881",
         "--out", str(ordinary_user.home / "a.pcapng")]
    )  # fmt: skip

    assert run.returncode == 1
    assert run.stdout.startswith(
        "p2pkit: packet socket refused: Operation not permitted. What runs already"
    )
    assert not (ordinary_user.home / "a.pcapng").exists()
