"""What a node answers to a stranger with a socket: BEP 5, 32, 43 and 51 by hand."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bencode2 import bdecode, bencode

from tests.net.krpc_asker import (
    OWN_ID,
    Address,
    Asker,
    address_of,
    error_code,
    node_process,
)

TARGET = hashlib.sha1(b"somewhere").digest()


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    with node_process("--listen", "127.0.0.1:0", "--seed", "7") as (_, said):
        yield said


@pytest.fixture
def node(ready: dict[str, Any]) -> Address:
    return address_of(ready)


@pytest.fixture
def asker(node: Address) -> Iterator[Asker]:
    one = Asker(node)
    yield one
    one.close()


@pytest.fixture
def other_host(node: Address) -> Iterator[Asker]:
    one = Asker(node, "127.0.0.9")
    yield one
    one.close()


def infohash() -> bytes:
    return os.urandom(20)


def test_ready_line_names_protocol_address_and_id(ready: dict[str, Any]) -> None:
    assert ready["event"] == "ready"
    assert ready["protocol"] == "kademlia"
    assert len(bytes.fromhex(ready["id"])) == 20


def test_ping_is_answered_with_the_id_alone(
    asker: Asker, ready: dict[str, Any]
) -> None:
    assert asker.ask(b"ping") == {b"id": bytes.fromhex(ready["id"])}


def test_the_ping_of_bep5_is_answered_byte_for_byte(
    asker: Asker, ready: dict[str, Any]
) -> None:
    asker.send(b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")
    raw = asker.socket.recv(2048)

    own_id = bytes.fromhex(ready["id"])
    assert raw == b"d1:rd2:id20:" + own_id + b"e1:t2:aa1:y1:re"


@pytest.mark.parametrize("length", [0, 1, 2, 8, 20])
def test_transaction_ids_of_any_length_come_back(asker: Asker, length: int) -> None:
    asker.query(b"ping", asker.arguments(), tid=os.urandom(length))


def test_find_node_names_nodes_of_26_bytes(asker: Asker) -> None:
    found = asker.ask(b"find_node", target=TARGET)

    assert set(found) == {b"id", b"nodes"}
    assert len(found[b"nodes"]) % 26 == 0
    assert len(found[b"nodes"]) <= 8 * 26


def test_get_peers_of_an_unknown_torrent_gives_nodes_and_a_token(asker: Asker) -> None:
    found = asker.ask(b"get_peers", info_hash=infohash())

    assert set(found) == {b"id", b"nodes", b"token"}
    assert 1 <= len(found[b"token"]) <= 20


def test_announced_peer_is_found_in_compact_form(asker: Asker, ready: Any) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]
    stored = asker.ask(b"announce_peer", info_hash=torrent, port=51413, token=token)
    found = asker.ask(b"get_peers", info_hash=torrent)

    assert stored == {b"id": bytes.fromhex(ready["id"])}
    expected = socket.inet_aton("127.0.0.1") + struct.pack("!H", 51413)
    assert found[b"values"] == [expected]
    assert b"token" in found


def test_implied_port_takes_the_port_the_datagram_came_from(asker: Asker) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]
    announce = {"info_hash": torrent, "port": 1, "implied_port": 1, "token": token}
    asker.ask(b"announce_peer", **announce)

    found = asker.ask(b"get_peers", info_hash=torrent)[b"values"]
    assert found == [
        socket.inet_aton("127.0.0.1") + struct.pack("!H", asker.address[1])
    ]


def test_implied_port_of_zero_takes_the_port_named(asker: Asker) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]
    announce = {"info_hash": torrent, "port": 77, "implied_port": 0, "token": token}
    asker.ask(b"announce_peer", **announce)

    found = asker.ask(b"get_peers", info_hash=torrent)[b"values"]
    assert found == [socket.inet_aton("127.0.0.1") + struct.pack("!H", 77)]


def test_wrong_token_is_error_203_and_stores_nothing(asker: Asker) -> None:
    torrent = infohash()
    code = asker.refused(b"announce_peer", info_hash=torrent, port=1, token=b"wrong")

    assert code == 203
    assert b"values" not in asker.ask(b"get_peers", info_hash=torrent)


def test_token_of_another_host_is_error_203(asker: Asker, other_host: Asker) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]

    announce = {"info_hash": torrent, "port": 1, "token": token}
    assert other_host.refused(b"announce_peer", **announce) == 203


@pytest.mark.parametrize("method", [b"vote", b"", b"PING", b"\xff" * 40])
def test_unknown_method_is_error_204(asker: Asker, method: bytes) -> None:
    assert asker.refused(method, target=TARGET) == 204


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (b"ping", {}),
        (b"ping", {b"id": b"short"}),
        (b"ping", {b"id": 7}),
        (b"find_node", {b"id": OWN_ID}),
        (b"find_node", {b"id": OWN_ID, b"target": b"short"}),
        (b"get_peers", {b"id": OWN_ID}),
        (b"get_peers", {b"id": OWN_ID, b"info_hash": [b"a"]}),
        (b"announce_peer", {b"id": OWN_ID, b"info_hash": TARGET, b"port": 1}),
        (b"announce_peer", {b"id": OWN_ID, b"info_hash": TARGET, b"token": b"x"}),
        (b"get", {b"id": OWN_ID}),
        (b"put", {b"id": OWN_ID, b"token": b"x"}),
        (b"put", {b"id": OWN_ID, b"v": b"x"}),
        (b"sample_infohashes", {b"id": OWN_ID}),
        (b"ping", [OWN_ID]),
        (b"ping", b"id"),
    ],
)
def test_missing_or_wrong_arguments_are_error_203(
    asker: Asker, method: bytes, arguments: Any
) -> None:
    assert error_code(asker.query(method, arguments)) == 203


@pytest.mark.parametrize("port", [0, -1, 65_536, 1 << 70])
def test_announced_port_out_of_range_is_error_203(asker: Asker, port: int) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]

    code = asker.refused(b"announce_peer", info_hash=torrent, port=port, token=token)
    assert code == 203


UNSORTED = b"d1:y1:q1:t2:aa1:q4:ping1:ad2:id20:abcdefghij0123456789ee"
GARBAGE = {
    "empty": b"",
    "one byte": b"d",
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "noise": os.urandom(200),
    "unsorted keys": UNSORTED,
    "repeated key": b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t1:a1:t1:b1:y1:qe",
    "trailing bytes": b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe!!",
    "cut off": b"d1:ad2:id20:abcdefghij01234567",
    "deep lists": b"l" * 1500,
    "deep lists, closed": b"l" * 700 + b"e" * 700,
    "deep in arguments": b"d1:ad2:id20:abcdefghij01234567891:x"
    + b"l" * 600
    + b"e" * 600
    + b"e1:q4:ping1:t2:aa1:y1:qe",
    "huge length": b"99999999999999999999:a",
    "negative length": b"-1:a",
    "huge number": b"i" + b"9" * 1400 + b"e",
    "number alone": b"i7e",
    "list": b"l4:pinge",
    "no transaction id": b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:y1:qe",
    "id is a number": b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:ti7e1:y1:qe",
    "no kind": b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aae",
    "unknown kind": b"d1:t2:aa1:y1:xe",
    "method no string": b"d1:ad2:id20:abcdefghij0123456789e1:qi7e1:t2:aa1:y1:qe",
    "no arguments": b"d1:q4:ping1:t2:aa1:y1:qe",
    "answer nobody asked for": b"d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re",
    "error nobody asked for": b"d1:eli201e4:ohhhe1:t2:aa1:y1:ee",
    "error of wrong form": b"d1:ei201e1:t2:aa1:y1:ee",
    "8 kB": bencode({b"a": {b"id": OWN_ID, b"x": b"x" * 8000}, b"q": b"ping"}),
    "60 kB": b"d" + b"x" * 60_000,
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_met_with_silence_or_an_error_and_life_goes_on(
    asker: Asker, raw: bytes
) -> None:
    # A lenient reader may answer what is a ping apart from its notation.
    lenient = {GARBAGE[name] for name in ("unsorted keys", "deep in arguments")}

    for answer in asker.answers_to(raw):
        if raw not in lenient or answer[b"y"] != b"r":
            assert error_code(answer) in {203, 204}


def test_error_message_is_never_answered(asker: Asker) -> None:
    error = b"d1:eli203e3:noe1:t2:aa1:y1:ee"

    assert asker.answers_to(error) == []


def test_unknown_fields_are_ignored(asker: Asker) -> None:
    answer = asker.query(b"ping", asker.arguments(new=[1, {}]), v=b"XX\0\1", x={})

    assert answer[b"y"] == b"r"


def test_read_only_asker_is_served_but_never_named(asker: Asker, node: Address) -> None:
    shy = hashlib.sha1(b"shy").digest()
    answer = asker.query(b"find_node", {b"id": shy, b"target": shy}, ro=1)
    later = asker.ask(b"find_node", target=shy)

    assert answer[b"y"] == b"r"
    assert shy not in later[b"nodes"]


def test_peer_that_never_answered_is_not_named(asker: Asker) -> None:
    mute = hashlib.sha1(b"mute").digest()
    asker.query(b"ping", {b"id": mute})

    assert mute not in asker.ask(b"find_node", target=mute)[b"nodes"]


def become_known(newcomer: Asker, own_id: bytes) -> None:
    """Ping the node, and answer its ping back, as BEP 5 asks of a good node."""
    ping = {b"a": {b"id": own_id}, b"q": b"ping", b"t": b"aa", b"y": b"q"}
    newcomer.send(bencode(ping))
    message: dict[bytes, Any] = {b"y": b""}
    while message[b"y"] != b"q":  # its answer and its own ping come in either order
        message = bdecode(newcomer.socket.recv(2048))
    reply = {b"r": {b"id": own_id}, b"t": message[b"t"], b"y": b"r"}
    newcomer.send(bencode(reply))
    newcomer.answers_to(b"")


def test_peer_that_answers_the_ping_back_is_named(asker: Asker, node: Address) -> None:
    newcomer, own_id = Asker(node), os.urandom(20)
    become_known(newcomer, own_id)

    nodes = asker.ask(b"find_node", target=own_id)[b"nodes"]
    host, port = newcomer.address
    newcomer.close()
    assert own_id + socket.inet_aton(host) + struct.pack("!H", port) in nodes


def test_wanting_n4_gives_nodes_and_wanting_both_does_no_harm(asker: Asker) -> None:
    for want in ([b"n4"], [b"n4", b"n6"], [b"n4", b"x9"]):
        assert b"nodes" in asker.ask(b"find_node", target=TARGET, want=want)
    for want in ([], [b"n6"], b"n4", [7]):
        assert b"id" in asker.ask(b"find_node", target=TARGET, want=want)


def test_samples_hold_what_was_announced(asker: Asker) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]
    asker.ask(b"announce_peer", info_hash=torrent, port=1, token=token)

    found = asker.ask(b"sample_infohashes", target=TARGET)
    samples = found[b"samples"]
    assert {b"id", b"nodes", b"samples", b"num", b"interval"} <= set(found)
    assert len(samples) % 20 == 0
    assert found[b"num"] >= 1
    assert 0 <= found[b"interval"] <= 21_600
    if found[b"num"] * 20 == len(samples):
        assert torrent in {samples[i : i + 20] for i in range(0, len(samples), 20)}


def test_replies_fit_a_datagram_of_1200_bytes_with_many_peers(asker: Asker) -> None:
    torrent = infohash()
    token = asker.ask(b"get_peers", info_hash=torrent)[b"token"]
    for port in range(1, 300):
        asker.ask(b"announce_peer", info_hash=torrent, port=port, token=token)

    question = {b"id": OWN_ID, b"info_hash": torrent}
    whole = {b"a": question, b"q": b"get_peers", b"t": b"aa", b"y": b"q"}
    asker.send(bencode(whole))
    assert len(asker.socket.recv(65_536)) <= 1200


def test_five_thousand_mutated_datagrams_do_no_harm(asker: Asker) -> None:
    rng = random.Random(7)
    query = {b"t": b"aa", b"y": b"q", b"q": b"get_peers"}
    query[b"a"] = asker.arguments(info_hash=TARGET)
    whole = bencode(query)
    for number in range(5000):
        raw = bytearray(whole[: rng.randrange(len(whole) + 1)])
        for _ in range(rng.randrange(4)):
            raw[rng.randrange(len(raw) + 1) :] += rng.randbytes(rng.randrange(3))
            if raw:
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        asker.send(bytes(raw))
        if number % 50 == 0:
            asker.answers_to(b"")  # lets the node keep up
    asker.answers_to(b"")

    assert asker.ask(b"ping")


def test_node_on_ipv6_speaks_of_ipv6() -> None:
    try:
        with node_process("--listen", "[::1]:0") as (_, said):
            asker = Asker(("::1", address_of(said)[1]), "::1")
            become_known(asker, newcomer := os.urandom(20))
            found = asker.ask(b"find_node", target=TARGET)
            token = asker.ask(b"get_peers", info_hash=TARGET)[b"token"]
            asker.ask(b"announce_peer", info_hash=TARGET, port=5, token=token)
            peers = asker.ask(b"get_peers", info_hash=TARGET)[b"values"]
            asker.close()
    except (AssertionError, OSError):
        if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
            pytest.skip("this machine has no IPv6 loopback")
        raise

    host = socket.inet_pton(socket.AF_INET6, "::1")
    port = struct.pack("!H", asker.address[1])
    assert found[b"nodes6"] == newcomer + host + port
    assert peers == [host + struct.pack("!H", 5)]


def test_node_ends_clean_on_sigterm_and_sigint() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with node_process("--listen", "127.0.0.1:0") as (process, said):
            asker = Asker(address_of(said))
            asker.ask(b"ping")
            asker.close()

            process.send_signal(number)
            assert process.wait(timeout=10) in {0, 128 + number, -number}
