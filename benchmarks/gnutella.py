"""Gnutella: how much one core forwards, floods in virtual time, and idle servents.

*Forwarding* is one servent between two raw sockets of another process: one asks, the
other must get every question. It is reported as descriptors for a second of the
servent's own CPU time, so a machine with other work to do reports the same.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from typing import Any

import networkx as nx

from benchmarks.loopback import resident_mb
from benchmarks.report import figure, line
from p2pkit import Cluster
from p2pkit.net import Network
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import messages as m

QUERIES = 200_000
REPEATS = 3
SOAK = 1_000_000
CROWD = 10_000
OPEN_AT_ONCE = 500
"""Connections of a crowd that its own process holds."""


def forward(_: argparse.Namespace) -> None:
    """Measure what one servent forwards."""
    rates = []
    for _repeat in range(REPEATS):
        cpu_s, wall_s, memory_mb = _forwarded(QUERIES)
        rates.append(QUERIES / cpu_s)
        line(
            {
                "bench": "gnutella_forward",
                "descriptors": QUERIES,
                "a_cpu_second": round(QUERIES / cpu_s),
                "a_second": round(QUERIES / wall_s),
                "memory_mb": round(memory_mb[1], 1),
            }
        )
    rate = statistics.median(rates)
    figure(
        "gnutella: descriptors forwarded over TCP by one core",
        ">= 30,000 a CPU second",
        f"{rate:,.0f}",
        ok=rate >= 30_000,
    )


def soak(_: argparse.Namespace) -> None:
    """Measure the memory of a servent that a million messages pass."""
    _, _, (before_mb, after_mb) = _forwarded(SOAK)
    grown_mb = after_mb - before_mb
    line({"bench": "gnutella_soak", "messages": SOAK, "grown_mb": round(grown_mb, 1)})
    figure(
        "gnutella: memory over a million messages, after the first 100,000",
        "flat: < 5 MB more",
        f"{grown_mb:.1f} MB",
        ok=grown_mb < 5,
    )


def crowd(_: argparse.Namespace) -> None:
    """Measure what 10,000 connections of one host do to a servent."""
    command = [sys.executable, "-m", "benchmarks.gnutella", "--servent"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        port, waiting = int(child.stdout.readline()), collections.deque[socket.socket]()
        for number in range(CROWD):
            if number == CROWD // 10:
                _, before_mb = _spent(child)
            waiting.append(_connected(port, "127.0.0.2"))
            if len(waiting) > OPEN_AT_ONCE:
                waiting.popleft().close()
        _linked(port, "127.0.0.3").close()  # others are served all the same
        cpu_s, after_mb = _spent(child)
        child.stdin.close()
        for one in waiting:
            one.close()
    grown_mb = after_mb - before_mb
    line({"bench": "gnutella_crowd", "connections": CROWD, "cpu_s": cpu_s,
          "grown_mb": round(grown_mb, 1)})  # fmt: skip
    figure(
        "gnutella: memory over 10,000 connections from one host, after the first 1,000",
        "flat: < 5 MB more",
        f"{grown_mb:.1f} MB",
        ok=grown_mb < 5,
    )


def flood(_: argparse.Namespace) -> None:
    """Measure floods of 10,000 servents in virtual time."""
    nodes = 10_000
    graph = nx.gnm_random_graph(nodes, 2 * nodes, seed=7)
    took_s, sent = [], []
    with Cluster(
        Gnutella, nodes=nodes, carrier="virtual", seed=7, topology=graph, grow=False,
        progress="none", max_links=64,
    ) as cluster:  # fmt: skip
        for asker in range(REPEATS):
            before = _queries(cluster)
            began_s = time.perf_counter()
            cluster[asker].search("nothing", ttl=7)
            took_s.append(time.perf_counter() - began_s)
            sent.append(_queries(cluster) - before)
    median_s = statistics.median(took_s)
    line({"bench": "gnutella_flood", "nodes": nodes, "messages": sent, "s": took_s})
    figure(
        "gnutella: a flood of 10,000 servents in virtual time, TTL 7, degree 4",
        "< 2 s",
        f"{median_s:.2f} s",
        ok=median_s < 2,
    )


def idle(_: argparse.Namespace) -> None:
    """Measure what 1,000 servents with 4,000 links cost in 4 processes."""
    nodes, seconds = 1_000, 30.0
    graph = nx.random_regular_graph(8, nodes, seed=7)
    with Cluster(
        Gnutella, nodes=nodes, processes=4, seed=7, topology=graph, grow=False,
        progress="none",
    ) as cluster:  # fmt: skip
        cluster.advance(15)  # what joining has left behind
        links = sum(1 for _ in cluster.graph().edges) // 2
        before_s = _children_cpu_s()
        cluster.advance(seconds)
        share = (_children_cpu_s() - before_s) / seconds
    line({"bench": "gnutella_idle", "nodes": nodes, "links": links, "core": share})
    figure(
        f"gnutella: 1,000 servents in 4 processes, {links:,} links, idle",
        "< 5 % of a core",
        f"{share:.1%}",
        ok=share < 0.05 and links >= 4_000,
    )


def _queries(cluster: Any) -> int:
    tally = cluster.counters.sent.get("Query")
    return 0 if tally is None else tally.messages


def _forwarded(count: int) -> tuple[float, float, tuple[float, float]]:
    """Have a servent forward questions; return CPU and wall seconds, and memory."""
    command = [sys.executable, "-m", "benchmarks.gnutella", "--servent"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        port = int(child.stdout.readline())
        asker, hearer = _linked(port, "127.0.0.2"), _linked(port, "127.0.0.3")
        warm_s, warm_mb = _ask(child, asker, hearer, 0, min(100_000, count // 2))
        began_s = time.perf_counter()
        end_s, end_mb = _ask(child, asker, hearer, 1, count)
        wall_s = time.perf_counter() - began_s
        child.stdin.close()
        asker.close()
        hearer.close()
    return end_s - warm_s, wall_s, (warm_mb, end_mb)


def _ask(
    child: Any, asker: socket.socket, hearer: socket.socket, run: int, count: int
) -> tuple[float, float]:
    """Send questions until all are heard; return the servent's CPU time and memory."""
    encode = Gnutella.codec.encode
    query = encode(m.Query(guid=bytes(16), ttl=3, text="lecture small world graphs"))
    data = b"".join(
        (run << 32 | i).to_bytes(16, "little") + query[16:] for i in range(count)
    )
    sender = threading.Thread(target=asker.sendall, args=(data,))
    sender.start()
    left = len(data)
    while left:
        left -= len(hearer.recv(min(left, 1 << 20)))
    sender.join()
    return _spent(child)


def _spent(child: Any) -> tuple[float, float]:
    """Return the servent's CPU time in seconds and its memory in megabytes."""
    child.stdin.write("how much\n")
    child.stdin.flush()
    cpu_s, memory_mb = map(float, child.stdout.readline().split())
    return cpu_s, memory_mb


def _connected(port: int, host: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), source_address=(host, 0))


def _linked(port: int, host: str) -> socket.socket:
    """Return a socket with its handshake behind it."""
    peer = _connected(port, host)
    peer.sendall(b"GNUTELLA CONNECT/0.6\r\nUser-Agent: benchmark\r\n\r\n")
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        said += peer.recv(4096)
    assert said.startswith(b"GNUTELLA/0.6 200"), said
    peer.sendall(b"GNUTELLA/0.6 200 OK\r\n\r\n")
    return peer


def _servent() -> None:
    """Be the servent between the two sockets."""

    async def serve() -> None:
        async with Network(seed=7) as network:
            node = network.add("n00", Gnutella, ("127.0.0.1", 0))
            print(node.me.address[1], flush=True)
            loop = asyncio.get_running_loop()
            while await loop.run_in_executor(None, sys.stdin.readline):
                print(time.process_time(), resident_mb(), flush=True)

    asyncio.run(serve())


def _children_cpu_s() -> float:
    """Return the CPU time of every process below this one."""
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
            spent[int(name)] = int(fields[11]) + int(fields[12])
    ours, found = {os.getpid()}, True
    while found:
        found = {pid for pid, parent in parents.items() if parent in ours} - ours
        ours |= found
    ticks = sum(spent[pid] for pid in ours - {os.getpid()})
    return ticks / os.sysconf("SC_CLK_TCK")


BENCHES = {
    "forward": forward,
    "soak": soak,
    "crowd": crowd,
    "flood": flood,
    "idle": idle,
}


def main() -> None:
    """Run all, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="NAME")
    parser.add_argument("--servent", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.servent:
        _servent()
        return
    for name in arguments.names or BENCHES:
        BENCHES[name](arguments)


if __name__ == "__main__":
    main()
