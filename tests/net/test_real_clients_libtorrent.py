"""A BitTorrent client that nobody here wrote joins 32 of our nodes.

Twice: our nodes each on a host of their own, where libtorrent runs with its defaults,
and all on 127.0.0.1, where its limits for one address are lifted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest
from bencode2 import bencode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pkit.core import Id
from tests.net.libtorrent_client import SHARED_HOST, World, world

pytest.importorskip(
    "libtorrent", reason="libtorrent has no wheel here: pip install -e '.[clients]'"
)
pytestmark = pytest.mark.timeout(60)  # libtorrent takes its time to join and to leave

PLACES = {
    # With its defaults libtorrent's table takes one node of a /24 network.
    "own hosts": ([f"127.40.{i}.1" for i in range(32)], {}),
    "shared host": (["127.0.0.1"] * 32, SHARED_HOST),
}


@pytest.fixture(scope="module", params=list(PLACES))
def both(request: pytest.FixtureRequest) -> Iterator[World]:
    hosts, settings = PLACES[request.param]
    with world(hosts, **settings) as made:
        yield made


def key_pair() -> tuple[bytes, bytes]:
    secret = Ed25519PrivateKey.generate()
    return secret.private_bytes_raw(), secret.public_key().public_bytes_raw()


def test_client_fills_its_table_from_our_nodes(both: World) -> None:
    assert both.wait(lambda: both.client.table_size() >= 8)


def test_client_enters_our_tables(both: World) -> None:
    client = "127.0.0.1", both.client.session.listen_port()

    assert both.wait(
        lambda: any(
            edge.to.address == client
            for node in both.nodes
            for edge in node.protocol.neighbors()
        )
    )


def test_our_nodes_find_what_the_client_announced(both: World) -> None:
    infohash = os.urandom(20)
    key = Id.parse(infohash)
    both(both.client.announce(infohash, 51413))

    holders = [node.protocol for node in both.nodes]
    assert both.wait(lambda: sum(key in one.inspect()["peers"] for one in holders) >= 7)
    for node in (both.nodes[3], both.nodes[17]):
        assert both(node.protocol.get_peers(key)) == [("127.0.0.1", 51413)]


def test_client_finds_what_our_node_announced(both: World) -> None:
    infohash, node = os.urandom(20), both.nodes[5]
    both(node.protocol.announce(Id.parse(infohash), 6999))

    found = both(both.client.get_peers(infohash))
    assert (node.me.address[0], 6999) in found


@pytest.mark.parametrize("value", [b"from us", 7, [b"a", 1], {b"k": b"v"}], ids=repr)
def test_client_gets_immutable_items_of_ours(both: World, value: object) -> None:
    key = both(both.nodes[3].protocol.put(value))

    assert key == int.from_bytes(hashlib.sha1(bencode(value)).digest(), "big")
    assert both(both.client.get(key.to_bytes(20, "big"))) == value


@pytest.mark.parametrize("value", [b"from it", 7, [b"a", 1], {b"k": b"v"}], ids=repr)
def test_our_nodes_get_immutable_items_of_the_client(
    both: World, value: object
) -> None:
    key, taken = both(both.client.put(value))

    assert taken >= 7
    for node in (both.nodes[2], both.nodes[30]):
        assert both(node.protocol.get(Id.parse(key))) == value


@pytest.mark.parametrize("salt", [b"", b"chapter 1"])
def test_client_gets_mutable_items_of_ours(both: World, salt: bytes) -> None:
    secret, public = key_pair()
    for number, value in enumerate((b"first", b"second"), 1):
        put = both.nodes[number].protocol.put_mutable
        both(put(secret, value, seq=number, salt=salt))

        found = both(both.client.get_mutable(public, salt))
        assert (found.item, found.seq) == (value, number)


@pytest.mark.parametrize("salt", [b"", b"chapter 1"])
def test_our_nodes_get_mutable_items_of_the_client(both: World, salt: bytes) -> None:
    secret, public = key_pair()
    for number, value in enumerate((b"first", b"second"), 1):
        put = both(both.client.put_mutable(secret, public, value, salt))
        assert put.num_success >= 7

        item = both(both.nodes[9].protocol.get_mutable(public, salt=salt))
        assert (item.value, item.seq) == (value, number)
