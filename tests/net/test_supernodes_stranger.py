"""A leaf that nobody here wrote: bytes by hand over a socket, to a real ultrapeer."""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.protocols import Supernodes
from p2pkit.protocols.gnutella.qrp import word_slot

GREETING = (
    b"GNUTELLA CONNECT/0.6\r\nUser-Agent: Stranger/1.0\r\nX-Ultrapeer: False\r\n"
    b"X-Query-Routing: 0.1\r\nListen-IP: 127.0.0.1:9\r\n\r\n"
)
GUID = bytes(range(8)) + b"\xff" + bytes(6) + b"\0"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(Supernodes, 4, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        yield cluster


def message(kind: int, payload: bytes) -> bytes:
    return GUID + struct.pack("<BBBI", kind, 1, 0, len(payload)) + payload


def read(stream: Any, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = stream.recv(size - len(found))
        assert more, "the ultrapeer has closed"
        found += more
    return found


def heard(stream: Any) -> tuple[int, int, bytes]:
    """Return the type, TTL plus hops, and payload of the next message."""
    kind, ttl, hops, length = struct.unpack("<BBBI", read(stream, 23)[16:])
    return kind, ttl + hops, read(stream, length)


def greet(address: Any) -> tuple[Any, bytes]:
    stream = socket.create_connection(address, 10)
    stream.settimeout(10)
    stream.sendall(GREETING)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += read(stream, 1)
    return stream, answer


def test_it_is_taken_in_and_asked_only_what_its_table_has(cluster: Cluster) -> None:
    stream, answer = greet(cluster[0].address)
    table = bytearray(32_768)
    for word in ("blue", "fish"):
        slot = word_slot(word, 16)
        table[slot // 2] |= 0x0A if slot % 2 else 0xA0
    patch = struct.pack("<BBBBB", 1, 1, 1, 1, 4) + zlib.compress(bytes(table))

    with stream:
        assert answer.startswith(b"GNUTELLA/0.6 200 ")
        assert b"X-Ultrapeer: True\r\n" in answer
        assert b"X-Query-Routing: 0.1\r\n" in answer
        stream.sendall(b"GNUTELLA/0.6 200 OK\r\n\r\n")
        stream.sendall(message(0x30, struct.pack("<BIB", 0, 65_536, 7)))
        stream.sendall(message(0x30, patch))
        cluster.wait_until(lambda c: c[0].inspect()["leaves"] >= 1, 10)
        # What is asked after an answered Ping is asked after the table was read.
        stream.sendall(message(0x00, b""))
        while heard(stream)[0] != 0x01:
            pass
        for text in ("red fish", "green", "Fish BLUE"):
            cluster[0].search(text, rule="flood")

        kind, travelled, payload = heard(stream)
        while kind != 0x80:
            kind, travelled, payload = heard(stream)

        assert payload[2:].startswith(b"Fish BLUE\0")
        assert travelled <= 7
        assert cluster.counters.rejected == {}


def test_tables_of_nonsense_are_counted_and_harm_nobody(cluster: Cluster) -> None:
    stream, _ = greet(cluster[0].address)
    nonsense = (
        struct.pack("<BIB", 0, 3, 7),
        b"\x05",
        b"",
        struct.pack("<BBBBB", 1, 2, 1, 1, 4),
        struct.pack("<BIB", 0, 1 << 31, 7),
    )
    with stream:
        stream.sendall(b"GNUTELLA/0.6 200 OK\r\n\r\n")
        for payload in nonsense:
            stream.sendall(message(0x30, payload))
        cluster.wait_until(lambda c: sum(c.counters.rejected.values()) == 5, 10)

    assert cluster.counters.rejected == {
        "table of another size": 2, "malformed payload": 2, "patch out of order": 1,
    }  # fmt: skip
    assert cluster[0].state == "alive"
