"""Wireshark's dissector names every message that servents send, none malformed."""

from __future__ import annotations

import asyncio
import collections
import shutil
import subprocess
from pathlib import Path

import pytest

from p2pkit.core import Address
from p2pkit.net import Network
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import GnutellaConfig, RandomWalk
from tests.net.dumpcap import capture

pytestmark = [
    pytest.mark.timeout(60),  # tshark alone takes seconds to start
    pytest.mark.skipif(
        not (shutil.which("tshark") and shutil.which("dumpcap")),
        reason="tshark is not installed: apt-get install tshark",
    ),
]

LIMIT_S = 20.0
PORT = 6346
NET = "127.43.0.0/16"
NODES = 12
KINDS = {
    0x00: "Ping", 0x01: "Pong", 0x02: "Bye", 0x31: "Vendor", 0x40: "Push",
    0x80: "Query", 0x81: "QueryHit",
}  # fmt: skip
UNKNOWN = "Unknown"
"""What the dissector of 4.0 calls Bye and the messages of vendors."""

Captured = tuple[Path, dict[str, int]]


async def traffic(path: Path) -> dict[str, int]:
    """Let servents do all that they can; return how many messages of a kind went."""
    config = GnutellaConfig(degree=3, one_hop=True)
    async with Network(seed=7) as network:
        hosts = [f"127.43.0.{i + 1}" for i in range(NODES)]
        nodes = [
            network.add(f"n{i:02}", Gnutella, (hosts[i], PORT), config=config)
            for i in range(NODES)
        ]
        addresses: list[Address] = [node.me.address for node in nodes]
        for i, node in enumerate(nodes):
            await network.run(node.protocol.bootstrap(addresses[max(0, i - 3) : i]), 20)
        for i in (5, 9):
            nodes[i].protocol.share("A small world — größer.txt", b"abc" * 1000)
        assert await network.run_until(lambda: told(nodes), LIMIT_S)
        asker = nodes[0].protocol
        for rule in ("flood", "ring", "walk", RandomWalk(walkers=4)):
            assert await network.run(asker.search("small world", rule=rule), LIMIT_S)
        hits = await network.run(asker.search("world", want=2), LIMIT_S)
        for i in (4, 6, 8, 10):  # some of them are linked to the servent, and push
            for hit in hits:
                fetch = nodes[i].protocol.fetch(hit)
                assert len(await network.run(fetch, LIMIT_S)) == 3000
        for node in nodes:
            for link in node.protocol.links.open():
                await network.run(node.protocol.ping(link.peer), LIMIT_S)
            node.protocol.maintain()
        counts: collections.Counter[str] = collections.Counter()
        for node in nodes:
            node.stop()
        for node in nodes:
            for kind, tally in node.counters.sent.items():
                counts[kind] += tally.messages
            assert node.counters.rejected == {}
        assert await network.run_until(
            lambda: path.read_bytes().count(b"Leaving\0") >= counts["Bye"], LIMIT_S
        )
        return counts


def told(nodes: list[object]) -> bool:
    """Whether neighbors know of the files that were shared last."""
    tallies = [node.counters.sent.get("Vendor") for node in nodes]  # type: ignore[attr-defined]
    return all(tally is not None for tally in tallies)


def tshark(path: Path, *options: str) -> list[str]:
    """Return the lines that tshark prints for a capture."""
    command = ["tshark", "-n", "-r", str(path), "-d", f"tcp.port=={PORT},gnutella"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Captured:
    path = tmp_path_factory.mktemp("tshark") / "servents.pcap"
    with capture(path, f"tcp and net {NET}"):
        counts = asyncio.run(traffic(path))
    return path, counts


def test_every_message_is_named_and_none_is_malformed(captured: Captured) -> None:
    path, counts = captured
    fields = ["-T", "fields", "-e", "gnutella.header.payload"]

    lines = tshark(path, "-Y", "gnutella.header.payload", *fields)
    seen = collections.Counter(
        KINDS.get(int(one, 0), one) for line in lines for one in line.split(",")
    )

    assert tshark(path, "-Y", "_ws.malformed") == []
    # Walkers ask at home by datagrams, which were not captured.
    assert 0 < seen["Vendor"] < counts["Vendor"]
    counts["Vendor"] = seen["Vendor"]
    assert dict(seen) == {kind: counts[kind] for kind in KINDS.values()}


def test_the_dissector_calls_them_by_their_names(captured: Captured) -> None:
    info = tshark(captured[0], "-Y", "gnutella", "-T", "fields", "-e", "_ws.col.Info")

    named = {one for line in info for one in line.split(", ") if one}
    assert named == {"Ping", "Pong", "Push", "Query", "QueryHit", UNKNOWN}
