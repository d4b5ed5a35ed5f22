"""Wireshark's dissector names every packet that our nodes send, none malformed."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from p2pkit.core import Address, Id
from p2pkit.net import Network
from p2pkit.protocols import Kademlia
from tests.net.dumpcap import capture
from tests.net.krpc_asker import Asker, Signer

pytestmark = [
    pytest.mark.timeout(60),  # tshark alone takes seconds to start
    pytest.mark.skipif(
        not (shutil.which("tshark") and shutil.which("dumpcap")),
        reason="tshark is not installed: apt-get install tshark",
    ),
]

LIMIT_S = 20.0
NODES = 16
SENTINEL = b"end of this capture!"
GATE = "_ws.malformed || (udp && !bt-dht)"
METHODS = {
    b"ping",
    b"find_node",
    b"get_peers",
    b"announce_peer",
    b"get",
    b"put",
    b"sample_infohashes",
}


async def traffic(path: Path) -> None:
    """Let a small overlay do all that it can, then wait until it is captured."""
    async with Network(seed=7) as network:
        nodes = [
            network.add(f"n{i:02}", Kademlia, (f"127.41.0.{i + 1}", 0))
            for i in range(NODES)
        ]
        for i, node in enumerate(nodes):
            known = [nodes[0].me.address] if i else []
            await network.run(node.protocol.bootstrap(known), LIMIT_S)
        one, other = nodes[3].protocol, nodes[11].protocol
        for value in (b"bytes", 7, [b"a", [1]], {b"k": {b"v": 2}}, b"x" * 996):
            key = await network.run(one.put(value), LIMIT_S)
            assert await network.run(other.get(key), LIMIT_S) == value
        secret = os.urandom(32)
        for salt in (b"", b"salt"):
            put = one.put_mutable(secret, b"signed", seq=1, salt=salt)
            await network.run(put, LIMIT_S)
        infohash = Id.parse(os.urandom(20))
        await network.run(one.announce(infohash, 6999), LIMIT_S)
        assert await network.run(other.get_peers(infohash), LIMIT_S)
        # tshark calls any empty string malformed, also the one that BEP 51 demands
        # of a node without torrents, so only those are asked that have one.
        holders = [n for n in nodes if infohash in n.protocol.inspect()["peers"]]
        for node in holders:
            if node.protocol is not one:
                await network.run(one.sample_infohashes(node.me), LIMIT_S)
        await asyncio.to_thread(provoke, nodes[0].me.address)
        assert await network.run_until(lambda: SENTINEL in path.read_bytes(), LIMIT_S)


def provoke(node: Address) -> None:
    """Draw every error from a node, then send what marks the end."""
    asker, signer = Asker(node, "127.41.9.9"), Signer()
    token = asker.ask(b"get", target=signer.target)[b"token"]
    fields = signer.signed(b"x", 3) | {"token": token}
    assert asker.refused(b"vote") == 204
    assert asker.refused(b"put", **(fields | {"token": b"wrong"})) == 203
    assert asker.refused(b"put", **(fields | {"v": b"x" * 997})) == 205
    assert asker.refused(b"put", **(fields | {"v": b"y"})) == 206
    asker.ask(b"put", **fields)
    assert asker.refused(b"put", cas=2, **fields) == 301
    older = signer.signed(b"w", 2) | {"token": token}
    assert asker.refused(b"put", **older) == 302
    asker.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.bind(("127.41.9.8", 0))
        last.connect(last.getsockname())
        last.send(b"d1:ad2:id20:" + SENTINEL + b"e1:q4:ping1:t2:zz1:y1:qe")


def tshark(path: Path, *options: str) -> list[str]:
    """Return the lines that tshark prints for a capture."""
    command = ["tshark", "-n", "-r", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tshark") / "overlay.pcap"
    with capture(path, "udp and net 127.41.0.0/16"):
        asyncio.run(traffic(path))
    return path


def test_every_packet_is_named_and_none_is_malformed(captured: Path) -> None:
    named = tshark(captured, "-Y", "bt-dht", "-T", "fields", "-e", "frame.number")

    assert tshark(captured, "-Y", GATE) == []
    assert len(named) > 20 * NODES


def test_capture_holds_every_query_and_error(captured: Path) -> None:
    raw = captured.read_bytes()

    for method in METHODS:
        assert b"1:q%d:%s" % (len(method), method) in raw
    for code in (203, 204, 205, 206, 301, 302):
        assert b"1:eli%de" % code in raw
