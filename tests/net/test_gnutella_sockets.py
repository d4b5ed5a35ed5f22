"""A servent on real sockets, and a client that this project did not write: bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import networkx as nx
import pytest

from p2pkit.net import Network
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import GnutellaConfig

LIMIT_S = 10.0
GUID = bytes(range(1, 17))
OFFER = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: Foreign/1.0\r\n\r\n"
OK = b"GNUTELLA/0.6 200 OK\r\n\r\n"

Play = Callable[[Network, Any], Awaitable[None]]


def play(scene: Play, **settings: Any) -> None:
    """Have a servent on a socket, and play a scene with it."""

    async def run() -> None:
        async with Network(seed=7) as network:
            config = GnutellaConfig.of(**settings)
            node = network.add("n00", Gnutella, ("127.44.0.1", 0), config=config)
            async with asyncio.timeout(LIMIT_S):
                await scene(network, node)

    asyncio.run(run())


@asynccontextmanager
async def stream(node: Any, host: str = "127.44.9.1") -> AsyncIterator[Any]:
    """Open a stream from a host of our own."""
    opened = await asyncio.open_connection(*node.me.address, local_addr=(host, 0))
    try:
        yield opened
    finally:
        opened[1].close()


async def message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one message: its type and its payload."""
    head = await reader.readexactly(23)
    return head[16], await reader.readexactly(int.from_bytes(head[19:], "little"))


def raw(kind: int, payload: bytes, ttl: int = 3) -> bytes:
    return GUID + bytes([kind, ttl, 0]) + len(payload).to_bytes(4, "little") + payload


def test_a_foreign_servent_shakes_hands_pings_and_searches() -> None:
    async def scene(network: Network, node: Any) -> None:
        node.protocol.share("A small world.txt", b"abc")
        async with stream(node) as (reader, writer):
            writer.write(OFFER)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"GNUTELLA/0.6 200 OK\r\n")
            assert b"\r\nUser-Agent: p2pkit" in answer
            query = raw(0x80, b"\0\x80WORLD small\0")
            writer.write(OK + raw(0x00, b"") + query)  # all at once, as some do

            kind, payload = await message(reader)
            assert kind == 0x01
            port = int.from_bytes(payload[:2], "little")
            assert (".".join(map(str, payload[2:6])), port) == node.me.address
            assert payload[6:10] == (1).to_bytes(4, "little")

            kind, payload = await message(reader)
            assert (kind, payload[0]) == (0x81, 1)
            assert b"A small world.txt\0urn:sha1:" in payload
            index = int.from_bytes(payload[11:15], "little")
        async with stream(node) as (reader, writer):
            path = f"/get/{index}/A%20small%20world.txt"
            writer.write(f"GET {path} HTTP/1.1\r\nRange: bytes=1-\r\n\r\n".encode())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 206 ")
            assert await reader.readexactly(2) == b"bc"

    play(scene)


def test_a_servent_of_version_04_is_served() -> None:
    async def scene(network: Network, node: Any) -> None:
        async with stream(node) as (reader, writer):
            writer.write(b"GNUTELLA CONNECT/0.4\n\n")
            assert await reader.readuntil(b"\n\n") == b"GNUTELLA OK\n\n"
            writer.write(raw(0x00, b""))
            assert (await message(reader))[0] == 0x01

    play(scene)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"\0" * 23, "no greeting"),
        (b"SSH-2.0-x\r\n", "no greeting"),
        (b"GNUTELLA CONNECT/0.6\r\n" + b"X: y\r\n" * 2000, "frame too large"),
        (b"GNUTELLA CONNECT/0.6\r\nX: " + b"y" * 9000, "frame too large"),
        (b"GNUTELLA CONNECT/0.6\r\n" + b"X: y\r\n" * 70 + b"\r\n", "too many headers"),
        (OFFER + OK + raw(0x80, b"")[:19] + b"\xff" * 4, "frame too large"),
        (OFFER + b"GNUTELLA/0.6 100 What\r\n\r\n", None),
        (OFFER + OFFER, "out of turn"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "answer to no request"),
        (b"", "handshake too slow"),
        (b"GNUTELLA CONNECT/0.6\r\nX: y", "handshake too slow"),
        (OFFER, "handshake too slow"),
    ],
)
def test_what_no_servent_says_ends_the_stream(sent: bytes, reason: str | None) -> None:
    async def scene(network: Network, node: Any) -> None:
        async with stream(node) as (reader, writer):
            writer.write(sent)
            with suppress(ConnectionResetError):
                await reader.read()  # until it is closed
        assert node.counters.rejected == ({reason: 1} if reason else {})
        assert await network.run_until(lambda: not node.half.streams, LIMIT_S)
        assert node.protocol.links.by_stream == {}

    play(scene, handshake_s=0.3)


def test_one_host_that_comes_again_and_again_leaves_room_for_others() -> None:
    async def scene(network: Network, node: Any) -> None:
        limit, many = 8, 200
        opened = [
            await asyncio.open_connection(
                *node.me.address, local_addr=("127.44.9.1", 0)
            )
            for _ in range(many)
        ]
        refused = "too many streams from one host"
        assert await network.run_until(
            lambda: node.counters.rejected.get(refused, 0) == many - limit, LIMIT_S
        )
        async with stream(node, "127.44.9.2") as (reader, writer):
            writer.write(OFFER)
            assert (await reader.readline()).startswith(b"GNUTELLA/0.6 200")
        for _, writer in opened:
            writer.close()
        assert await network.run_until(lambda: not node.half.streams, LIMIT_S)

    play(scene, max_per_host=8, handshake_s=60.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_flood_on_sockets_costs_2e_minus_n_plus_1(seed: int) -> None:
    graph = nx.connected_watts_strogatz_graph(24, 4, 0.3, seed=seed)

    async def run() -> None:
        async with Network(seed=seed) as network:
            config = GnutellaConfig.of(grow=False, ttl=64, max_ttl=64, search_s=1.0)
            nodes = [
                network.add(f"n{i:02}", Gnutella, (f"127.44.1.{i}", 0), config=config)
                for i in range(1, len(graph) + 1)
            ]
            address = [node.me.address for node in nodes]
            joins = [
                node.protocol.bootstrap([address[j] for j in graph[i]])
                for i, node in enumerate(nodes)
            ]
            for one in joins:
                await network.run(one, LIMIT_S)
            links = 2 * graph.number_of_edges()
            assert await network.run_until(
                lambda: sum(len(n.protocol.links.open()) for n in nodes) == links,
                LIMIT_S,
            )

            await network.run(nodes[0].protocol.search("nothing"), LIMIT_S)

            sent = sum(node.counters.sent["Query"].messages for node in nodes)
            assert sent == links - len(graph) + 1

    asyncio.run(run())
