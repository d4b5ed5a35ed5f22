"""The DHTs that are measured side by side, each behind the same four verbs.

Those written in Python run on an asyncio loop (`Looped`); those written in C++ run
threads of their own and call back. Each is driven in the way that costs it least, so
that what is measured is the DHT and not the bridge to it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from benchmarks.loopback import datagrams_sent

K = 8
LIMIT_S = 30.0
Get = tuple[int, Any]
"""Which node asks, and for which key."""
Answer = tuple[int, float, bytes | None]
"""Which get it was, how long it took in seconds, and what came."""


class Looped:
    """A DHT on an asyncio loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` to its end."""
        return self.loop.run_until_complete(work)

    async def get(self, node: int, key: Any) -> bytes | None:
        """Return the value of `key` as `node` finds it."""
        raise NotImplementedError

    def gets(self, work: Sequence[Get], in_flight: int) -> list[Answer]:
        """Do every get of `work`, `in_flight` at a time."""
        return self.run(self._gets(work, in_flight))

    async def _gets(self, work: Sequence[Get], in_flight: int) -> list[Answer]:
        left, answers = deque(enumerate(work)), []

        async def worker() -> None:
            while left:
                number, (node, key) = left.popleft()
                began = time.perf_counter()
                value = await self.get(node, key)
                answers.append((number, time.perf_counter() - began, value))

        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(worker())
        return answers


class Ours(Looped):
    """`p2pkit.protocols.Kademlia` on one `p2pkit.net.Network`."""

    def __init__(self) -> None:
        super().__init__()
        from p2pkit import net, protocols
        from p2pkit.core.collector import patient_collector

        self.net, self.kademlia = net, protocols.Kademlia
        self.collector = patient_collector()
        self.collector.__enter__()  # as in every host process

    def up(self, nodes: int) -> None:
        """Start `nodes` nodes, each with an address of its own, and join them."""

        async def start() -> None:
            self.network = self.net.Network(seed=7)
            await self.network.__aenter__()
            config = self.kademlia.Config(k=K)
            self.nodes = [
                self.network.add(
                    f"n{i:03}",
                    self.kademlia,
                    (f"127.1.{i // 250}.{i % 250 + 1}", 6881),
                    config=config,
                )
                for i in range(nodes)
            ]
            first = [self.nodes[0].me.address]
            for node in self.nodes:
                others = [] if node is self.nodes[0] else first
                await self._ended(node.protocol.bootstrap(others))
            for node in self.nodes:
                await self._ended(node.protocol.maintain())

        self.run(start())

    async def _ended(self, operation: Any) -> Any:
        if not operation.done:
            future = self.loop.create_future()
            operation.then(lambda _: future.set_result(None))
            await future
        return operation.result

    def put(self, node: int, value: bytes) -> Any:
        """Store `value` from `node`; return its key."""
        return self.run(self._ended(self.nodes[node].protocol.put(value)))

    async def get(self, node: int, key: Any) -> bytes | None:
        """Return the value of `key` as `node` finds it."""
        return await self._ended(self.nodes[node].protocol.get(key))


class KademliaPackage(Looped):
    """`kademlia` 2.2.3 with ``ksize=8``."""

    def __init__(self) -> None:
        super().__init__()
        from kademlia import network

        self.server = network.Server
        logging.disable()  # it writes a line for every request that times out

    def up(self, nodes: int) -> None:
        """Start and join `nodes` nodes on 127.0.0.1, one port each."""

        async def start() -> None:
            self.nodes = [self.server(ksize=K) for _ in range(nodes)]
            for i, node in enumerate(self.nodes):
                await node.listen(20000 + i, interface="127.0.0.1")
                if i:
                    await node.bootstrap([("127.0.0.1", 20000)])

        self.run(start())

    def put(self, node: int, value: bytes) -> Any:
        """Store `value` under its SHA-1 from `node`; return that key."""
        key = hashlib.sha1(value).hexdigest()
        self.run(self.nodes[node].set(key, value))
        return key

    async def get(self, node: int, key: Any) -> bytes | None:
        """Return the value of `key` as `node` finds it."""
        found: bytes | None = await self.nodes[node].get(key)
        return found


class Libtorrent:
    """libtorrent sessions, limits for strangers on one address lifted."""

    def __init__(self) -> None:
        import libtorrent

        self.lt = libtorrent
        self.waiting: dict[tuple[int, str], list[Callable[[Any], None]]] = {}
        self.woken: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.nodes: list[Any] = []

    def up(self, nodes: int) -> None:
        """Start `nodes` sessions on 127.0.0.1 and wait until their tables stand."""
        for i in range(nodes):
            session = self.lt.session(self._settings(i))
            session.set_alert_notify(lambda i=i: self.woken.put(i))
            self.nodes.append(session)
        for i, session in enumerate(self.nodes):
            for other in {0, (i * 7 + 1) % nodes, (i * 13 + 3) % nodes} - {i}:
                session.add_dht_node(("127.0.0.1", 21000 + other))
        self._wait_for_tables()

    def _settings(self, i: int) -> dict[str, Any]:
        return {
            "listen_interfaces": f"127.0.0.1:{21000 + i}",
            "dht_bootstrap_nodes": "127.0.0.1:21000" if i else "",
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "dht_restrict_routing_ips": False,
            "dht_restrict_search_ips": False,
            "dht_block_ratelimit": 1_000_000,
            "dht_upload_rate_limit": 100_000_000,
            "alert_mask": int(self.lt.alert.category_t.dht_notification),
        }

    def _wait_for_tables(self) -> None:
        sizes, last, quiet_since = {}, -1, time.monotonic()
        limit = time.monotonic() + LIMIT_S
        while time.monotonic() < min(limit, quiet_since + 6):
            for session in self.nodes:
                session.post_dht_stats()
            time.sleep(1)
            for i, session in enumerate(self.nodes):
                for alert in session.pop_alerts():
                    if isinstance(alert, self.lt.dht_stats_alert):
                        table = alert.routing_table
                        sizes[i] = sum(bucket["num_nodes"] for bucket in table)
            if sum(sizes.values()) > last * 1.02:
                last, quiet_since = sum(sizes.values()), time.monotonic()

    def put(self, node: int, value: bytes) -> Any:
        """Store `value` from `node`; return its key."""
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        key = self.nodes[node].dht_put_immutable_item(value)
        self.waiting[node, f"put {key}"] = [done.put]
        while done.empty():
            self._hear(self.woken.get(timeout=LIMIT_S))
        return key

    def _begin(self, node: int, key: Any, done: Callable[[Any], None]) -> None:
        waiting = self.waiting.setdefault((node, f"get {key}"), [])
        waiting.append(done)
        if len(waiting) == 1:
            self.nodes[node].dht_get_immutable_item(key)

    def gets(self, work: Sequence[Get], in_flight: int) -> list[Answer]:
        """Do every get of `work`, `in_flight` at a time."""
        answers: list[Answer] = []
        for number, (node, key) in enumerate(work):
            while number - len(answers) >= in_flight:
                self._hear(self.woken.get(timeout=LIMIT_S))
            began = time.perf_counter()
            self._begin(
                node,
                key,
                lambda value, number=number, began=began: answers.append(
                    (number, time.perf_counter() - began, value)
                ),
            )
        while len(answers) < len(work):
            self._hear(self.woken.get(timeout=LIMIT_S))
        return answers

    def _hear(self, node: int) -> None:
        for alert in self.nodes[node].pop_alerts():
            if isinstance(alert, self.lt.dht_immutable_item_alert):
                for done in self.waiting.pop((node, f"get {alert.target}"), []):
                    done(alert.item)
            elif isinstance(alert, self.lt.dht_put_alert):
                for done in self.waiting.pop((node, f"put {alert.target}"), []):
                    done(None)


class OpenDht:
    """OpenDHT runners without their rate limit."""

    def __init__(self) -> None:
        import opendht

        self.dht = opendht
        self.nodes: list[Any] = []

    def up(self, nodes: int) -> None:
        """Start `nodes` runners on 127.0.0.1 and wait until they are quiet."""
        for i in range(nodes):
            config = self.dht.DhtConfig()
            config.setRateLimit(1_000_000, 1_000_000)
            config.setPeerDiscovery(False, False)
            runner = self.dht.DhtRunner()
            runner.run(port=22000 + i, config=config)
            if i:
                runner.bootstrap("127.0.0.1", "22000")
            self.nodes.append(runner)
        began = time.monotonic()
        while time.monotonic() - began < LIMIT_S:
            before = datagrams_sent()
            time.sleep(1)
            if datagrams_sent() - before < nodes and time.monotonic() - began > 4:
                break

    def put(self, node: int, value: bytes) -> Any:
        """Store `value` from `node`; return its key."""
        key = self.dht.InfoHash.get(hashlib.sha1(value).hexdigest())
        self.nodes[node].put(key, self.dht.Value(value))
        return key

    def gets(self, work: Sequence[Get], in_flight: int) -> list[Answer]:
        """Do every get of `work`, `in_flight` at a time."""
        ended: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        answers: list[Answer] = []
        for number, (node, key) in enumerate(work):
            if number >= in_flight:
                answers.append(ended.get(timeout=LIMIT_S))
            self._begin(number, node, key, ended)
        while len(answers) < len(work):
            answers.append(ended.get(timeout=LIMIT_S))
        return answers

    def _begin(
        self, number: int, node: int, key: Any, ended: queue.SimpleQueue[Answer]
    ) -> None:
        found: list[bytes] = []
        began = time.perf_counter()

        def on_value(value: Any) -> bool:
            found.append(bytes(value.data))
            return False

        def on_end(ok: bool, nodes: Any) -> None:
            value = found[0] if found else None
            ended.put((number, time.perf_counter() - began, value))

        self.nodes[node].get(key, get_cb=on_value, done_cb=on_end)


SYSTEMS: dict[str, type[Any]] = {
    "ours": Ours,
    "kademlia": KademliaPackage,
    "libtorrent": Libtorrent,
    "opendht": OpenDht,
}
PACKAGES = {"ours": "p2pkit.net", "kademlia": "kademlia"}
