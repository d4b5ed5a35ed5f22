import json
import os
import subprocess
import sys

import pytest

SMALL = ["--sites", "60", "--runs", "3", "--k", "2"]


def test_rows_show_measured_beside_published_with_their_gate(p2pkit):
    done = p2pkit("bench", "gossip", "--variant", "push-feedback-counter", *SMALL)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "push-feedback-counter, k = 2, 60 sites" in done.stdout
    assert "s = exp(-m)" in done.stdout
    assert "1 of 1 judged values are within their gates." in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of our own there")
def test_a_terminal_is_shown_that_work_goes_on_and_a_pipe_gets_rows_alone():
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "p2pkit.cli", "bench", "gossip"]
    wanted = ["--variant", "averaging", *SMALL, "--json"]

    with open(theirs, "wb") as terminal:
        done = subprocess.run(
            [*command, *wanted],
            stdout=subprocess.PIPE,
            stderr=terminal,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
            timeout=15,
            check=False,
        )
        shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["quantity"] for row in rows} == {"variance factor"}
    assert "values so far" in shown


def test_rows_as_lines_of_json_are_the_same_for_the_same_seed(p2pkit):
    asked = ["bench", "gossip", "--variant", "averaging", *SMALL, "--json"]

    first, again = p2pkit(*asked), p2pkit(*asked)

    rows = [json.loads(line) for line in first.stdout.splitlines()]
    assert {row["quantity"] for row in rows} == {"variance factor"}
    assert all(row["published"] and row["gate"] == "+-5 %" for row in rows)
    assert first.stdout == again.stdout


def test_a_value_outside_its_gate_ends_with_status_1(p2pkit):
    # On so few sites push takes fewer rounds than the limit law has it.
    asked = ["--variant", "rounds", "--sites", "2", "--runs", "3"]

    done = p2pkit("bench", "gossip", *asked)

    assert done.returncode == 1
    assert " NO " in done.stdout


def test_what_is_not_there_is_named_with_what_is(p2pkit):
    done = p2pkit("bench", "gosip")
    other = p2pkit("bench", "gossip", "--variant", "shout")

    assert (done.returncode, other.returncode) == (1, 1)
    assert "gossip" in done.stderr
    assert "no word for a variant" in other.stderr


def test_other_options_are_set_by_name_and_read_as_what_they_are(p2pkit):
    asked = ["bench", "search", "--variant", "coverage", "--runs", "2", "--json"]

    done = p2pkit(*asked, "--set", "nodes=60", "--set", "ttl=2,3")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert {row["setting"] for row in rows} == {
        f"flood, TTL {ttl}, random, 60 nodes, degree 4" for ttl in (2, 3)
    }


def test_an_option_that_cannot_be_read_is_named(p2pkit):
    done = p2pkit("bench", "search", "--set", "nodes=many")
    other = p2pkit("bench", "search", "--set", "colour=red")

    assert (done.returncode, other.returncode) == (1, 1)
    assert "nodes=many" in done.stderr
    assert "no option colour" in other.stderr


def test_rows_of_memberships_are_asked_for_with_other_parameters(p2pkit):
    small = ["--variant", "false-alarms", "--sites", "8", "--k", "0", "--runs", "2"]

    done = p2pkit("bench", "swim", *small, "--set", "loss=0.3,0.4", "--json")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [round(row["published"], 3) for row in rows] == [0.807, 1.012]
    assert all(row["ok"] for row in rows), done.stderr
