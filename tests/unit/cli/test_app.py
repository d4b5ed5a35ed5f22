import json
import re
import subprocess
import sys

import pytest

from p2pkit.classroom.published import EXPERIMENTS
from p2pkit.cli.node import protocol_named
from p2pkit.protocols import PROTOCOLS

COMMANDS = ["lab", "demo", "node", "call", "doctor", "bench"]


def test_help_names_every_command(p2pkit):
    done = p2pkit("--help")

    assert done.returncode == 0
    assert all(f"  {command} " in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(p2pkit, command):
    done = p2pkit(command, "--help")

    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_the_package_itself_runs_as_the_command():
    command = [sys.executable, "-m", "p2pkit", "--help"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: python -m p2pkit ")


def test_no_summary_of_a_command_is_cut(p2pkit):
    listed = p2pkit("--help").stdout.partition("Commands:")[2]

    assert "..." not in listed
    assert listed.count("\n") > len(COMMANDS)


def test_the_help_of_bench_names_every_experiment(p2pkit):
    words = re.findall(r"\w+", p2pkit("bench", "--help").stdout)

    assert set(EXPERIMENTS) <= set(words)


@pytest.mark.parametrize("name", ["Kademlia", "kademlia", "KADEMLIA"])
def test_a_protocol_is_found_however_its_name_is_written(name):
    assert protocol_named(name) is PROTOCOLS["kademlia"]
    assert protocol_named("anti_entropy") is PROTOCOLS["anti-entropy"]
    assert protocol_named("AntiEntropy") is PROTOCOLS["anti-entropy"]


def test_help_loads_neither_the_kit_nor_rich():
    code = (
        "import sys; sys.argv = ['p2pkit', '--help']\n"
        "from p2pkit.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'msgspec', 'asyncio', 'networkx', 'numpy', 'p2pkit.core'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_doctor_tells_what_works_and_what_to_do(p2pkit):
    done = p2pkit("doctor", "--json")

    findings = {one["name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 0
    assert findings["Python"]["state"] == "ok"
    assert all(one["advice"] for one in findings.values() if one["state"] != "ok")
    assert "receive buffer" in p2pkit("doctor").stdout


def test_lab_opens_only_a_folder_that_is_there(p2pkit):
    done = p2pkit("lab", "--notebooks", "no-such-folder")

    assert done.returncode == 1
    assert "no-such-folder" in done.stderr


def test_lab_passes_its_arguments_to_jupyterlab(p2pkit, tmp_path):
    pytest.importorskip("jupyterlab")

    done = p2pkit("lab", "--notebooks", str(tmp_path), "--version")

    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("JupyterLab on ")
    assert done.stdout.splitlines()[1][0].isdigit()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["node", "nonsense", "--listen", "127.0.0.1:0"],
            "no protocol 'nonsense'; there are",
        ),
        (["node", "kademlia", "--listen", "here"], "is no address"),
        (["node", "kademlia", "--listen", "0.0.0.0:0"], "--allow-outside"),
        (["node", "kademlia", "--listen", "127.0.0.1:0", "-b", "8.8.8.8:1"], "outside"),
        (["node", "kademlia", "--listen", "127.0.0.1:0", "--set", "x"], "NAME=VALUE"),
        (["node", "kademlia", "--listen", "127.0.0.1:0", "--set", "x=1"], "no setting"),
        (["node", "kademlia", "--listen", "127.0.0.1:0", "--set", "k=a"], "not take"),
        (["node", "kademlia", "--listen", "127.0.0.1:0", "--id", "12"], "40 hex"),
        (["call", "kademlia", "nonsense"], "it has announce, get"),
        (["call", "kademlia", "get", "12"], "40 hexadecimal digits"),
        (["call", "kademlia", "get"], "get takes KEY"),
        (["call", "kademlia", "ping", "8.8.8.8:1"], "--allow-outside"),
        (["demo", "chrod", "--no-browser"], "do you mean chord?"),
        (["demo", "nonsense", "--no-browser"], "no protocol 'nonsense'; there are"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_one(p2pkit, args, said):
    done = p2pkit(*args)

    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_wrong_usage_has_status_two(p2pkit):
    assert p2pkit("node", "kademlia").returncode == 2
    assert p2pkit("nonsense").returncode == 2
