import json
import signal
import socket
import subprocess
import sys

import pytest

ABSENT = "0123456789" * 4


def test_a_node_says_that_it_listens_and_ends_clean_on_signals(start_node):
    for number in (signal.SIGTERM, signal.SIGINT):
        node = start_node()

        assert node.ready["event"] == "ready"
        assert node.ready["protocol"] == "kademlia"
        assert len(node.ready["id"]) == 40
        assert node.wait_for("joined")["neighbors"] == 0
        assert node.end(number) == (0, "")


def test_a_node_takes_the_id_and_the_settings_it_is_given(start_node, p2pkit):
    node = start_node("--id", ABSENT, "--k", "20")
    assert node.ready["id"] == ABSENT

    done = p2pkit("call", "kademlia", "ping", node.listen)

    assert json.loads(done.stdout) == ABSENT


def test_two_nodes_meet_and_tell_so(start_node):
    first = start_node()
    second = start_node("--bootstrap", first.listen)

    assert second.wait_for("joined")["neighbors"] == 1
    assert second.wait_for("finished")["verb"] == "bootstrap"


def test_a_value_put_by_one_call_is_got_by_another(start_node, p2pkit):
    by = ("--bootstrap", start_node().listen)

    key = json.loads(p2pkit("call", "kademlia", "put", "grüße", *by).stdout)
    raw = json.loads(p2pkit("call", "kademlia", "put", "hex:ff00", *by).stdout)

    got = p2pkit("call", "kademlia", "get", key, *by)
    assert (got.returncode, json.loads(got.stdout)) == (0, "grüße")
    assert json.loads(p2pkit("call", "kademlia", "get", raw, *by).stdout) == {
        "hex": "ff00"
    }


def test_an_announced_peer_is_found_and_a_lookup_returns_contacts(start_node, p2pkit):
    node = start_node()
    by = ("--bootstrap", node.listen)

    assert p2pkit("call", "kademlia", "announce", ABSENT, "7000", *by).returncode == 0

    found = p2pkit("call", "kademlia", "get_peers", ABSENT, *by)
    assert json.loads(found.stdout) == ["127.0.0.1:7000"]
    near = p2pkit("call", "kademlia", "lookup", ABSENT, *by)
    assert json.loads(near.stdout) == [{"id": node.ready["id"], "address": node.listen}]


def test_what_is_not_there_is_said(start_node, p2pkit):
    by = ("--bootstrap", start_node().listen)

    done = p2pkit("call", "kademlia", "get", ABSENT, *by)

    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was found" in done.stderr


def test_who_forgot_to_join_is_told_how(p2pkit):
    done = p2pkit("call", "kademlia", "put", "hello")

    assert (done.returncode, done.stdout) == (1, "")
    assert "alone" in done.stderr
    assert "--bootstrap HOST:PORT" in done.stderr
    assert "trace" not in done.stderr


def test_what_a_verb_forbids_is_said_even_to_a_node_that_is_alone(p2pkit):
    done = p2pkit("call", "kademlia", "put", "x" * 2000)

    assert done.returncode == 1
    assert "--bootstrap" not in done.stderr


def test_a_verb_that_returns_nothing_did_not_fail(p2pkit):
    done = p2pkit("call", "anti-entropy", "put", "color", "blue")

    assert (done.returncode, done.stdout) == (0, "null\n"), done.stderr


def test_only_what_can_be_asked_for_is_listed_as_a_verb(p2pkit):
    said = p2pkit("call", "rumor", "shout").stderr

    assert "publish" in said
    assert not any(name in said for name in ("on_round", "pick", "save", "receive"))


def test_nobody_at_the_bootstrap_address_is_said(p2pkit):
    quick = ("--set", "timeout_s=0.5", "--set", "resend_s=0.1")

    done = p2pkit("call", "kademlia", "get", ABSENT, "-b", "127.0.0.1:9", *quick)

    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr


def test_a_taken_port_is_one_sentence(start_node, p2pkit):
    node = start_node()

    done = p2pkit("node", "kademlia", "--listen", node.listen)

    assert done.returncode == 1
    assert done.stderr == (
        f"p2pkit: {node.listen} is taken: choose another port, or 0 for one that is "
        "free\n"
    )


def test_nodes_meet_by_ipv6_where_it_is(start_node, p2pkit):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    node = start_node("--listen", "[::1]:0")

    done = p2pkit("call", "kademlia", "ping", node.listen)

    assert json.loads(done.stdout) == node.ready["id"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ there")
def test_a_reader_that_leaves_ends_the_node(start_node):
    node = start_node()
    node.wait_for("finished")
    node.child.stdout.close()
    other = start_node("--bootstrap", node.listen)
    other.wait_for("joined")

    # Whatever it does next, it ends without a traceback.
    node.child.send_signal(signal.SIGTERM)
    try:
        status = node.child.wait(10)
    except subprocess.TimeoutExpired:
        pytest.fail("the node did not end")
    assert "Traceback" not in node.child.stderr.read()
    assert status in (0, 1)


@pytest.mark.parametrize("protocol", ["gnutella", "supernodes"])
def test_a_node_shares_the_files_it_is_given(start_node, p2pkit, tmp_path, protocol):
    path = tmp_path / "small world.txt"
    path.write_bytes(b"six steps")
    node = start_node("--share", str(path), protocol=protocol)

    done = p2pkit("call", protocol, "search", "WORLD", "--bootstrap", node.listen)

    (found,) = json.loads(done.stdout)
    assert found[:2] == ["small world.txt", 9]
    assert found[3] == node.listen


def test_what_cannot_be_shared_is_said(p2pkit, tmp_path):
    absent, listen = str(tmp_path / "absent"), ("--listen", "127.0.0.1:0")

    for protocol, reason in (
        ("gnutella", "absent cannot be shared: No such file"),
        ("kademlia", "kademlia shares no files"),
    ):
        done = p2pkit("node", protocol, *listen, "--share", absent)
        assert done.returncode != 0
        assert reason in done.stderr
