"""A libtorrent session whose alerts are awaited, and our nodes for it to meet."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from p2pkit.net import Network
from p2pkit.protocols import Kademlia

ANSWER_LIMIT_S = 20.0
PORT = 0
"""Any free one: other tests may run beside this one."""

SHARED_HOST = {
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_block_ratelimit": 1_000_000,
    "dht_upload_rate_limit": 1_000_000,
}
"""What libtorrent needs where many nodes share one address; defaults suit others."""


class Client:
    """One libtorrent session on a loopback address, bound to the running loop."""

    def __init__(self, bootstrap: str, **settings: Any) -> None:
        import libtorrent as lt

        self.lt = lt
        categories = lt.alert.category_t
        mask = categories.dht_notification | categories.dht_operation_notification
        loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        self.session = lt.session(
            {
                "listen_interfaces": "127.0.0.1:0",
                "dht_bootstrap_nodes": bootstrap,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "alert_mask": int(mask),
                **settings,
            }
        )
        self._alerts: list[Any] = []
        self._table_size = 0
        self.session.set_alert_notify(lambda: loop.call_soon_threadsafe(self._wake))

    def _wake(self) -> None:
        self._alerts += [_copied(one) for one in self.session.pop_alerts()]
        self._woken.set()

    async def alert(
        self, kind: type[Any], fits: Callable[[Any], bool] = lambda _: True
    ) -> Any:
        """Wait for an alert of a kind, and take it."""
        async with asyncio.timeout(ANSWER_LIMIT_S):
            while True:
                for alert in self._alerts:
                    if alert.kind is kind and fits(alert):
                        self._alerts.remove(alert)
                        return alert
                self._woken.clear()
                await self._woken.wait()

    def close(self) -> None:
        """Hear no more; the session itself goes in the background."""
        self.session.set_alert_notify(lambda: None)
        self.session.pause()

    def table_size(self) -> int:
        """Return how many nodes stood in its table lately, and ask it to count anew."""
        self._wake()
        kind = self.lt.dht_stats_alert
        for alert in [alert for alert in self._alerts if alert.kind is kind]:
            self._alerts.remove(alert)
            self._table_size = sum(one["num_nodes"] for one in alert.routing_table)
        self.session.post_dht_stats()
        return self._table_size

    async def get(self, key: bytes) -> Any:
        """Return an immutable item, None if it found none."""
        self.session.dht_get_immutable_item(self.lt.sha1_hash(key))
        alert = await self.alert(
            self.lt.dht_immutable_item_alert, lambda a: a.target == key
        )
        return alert.item

    async def put(self, value: Any) -> tuple[bytes, int]:
        """Store an immutable item; return its key and how many took it."""
        key = self.session.dht_put_immutable_item(value).to_bytes()
        alert = await self.alert(self.lt.dht_put_alert, lambda a: a.target == key)
        return key, alert.num_success

    async def get_mutable(self, public: bytes, salt: bytes = b"") -> Any:
        """Return the alert with the newest item that it found under a key."""
        self.session.dht_get_mutable_item(public, salt)
        return await self.alert(
            self.lt.dht_mutable_item_alert,
            lambda a: a.key == public and a.authoritative,
        )

    async def put_mutable(
        self, secret: bytes, public: bytes, value: bytes, salt: bytes = b""
    ) -> Any:
        """Store a mutable item under the next sequence number; return the alert."""
        self.session.dht_put_mutable_item(expanded(secret), public, value, salt)
        return await self.alert(self.lt.dht_put_alert, lambda a: a.public_key == public)

    async def get_peers(self, infohash: bytes) -> list[tuple[str, int]]:
        """Return the first peers that it finds for a torrent."""
        self.session.dht_get_peers(self.lt.sha1_hash(infohash))
        alert = await self.alert(
            self.lt.dht_get_peers_reply_alert, lambda a: a.info_hash == infohash
        )
        return list(alert.peers)

    async def announce(self, infohash: bytes, port: int) -> None:
        """Begin to announce a torrent; nothing tells when that has ended."""
        self.session.dht_announce(self.lt.sha1_hash(infohash), port, 0)


FIELDS = (
    "authoritative", "info_hash", "item", "key", "num_success", "peers", "public_key",
    "routing_table", "seq", "target",
)  # fmt: skip
"""What is read of alerts, as far as each has it."""


def _copied(alert: Any) -> Any:
    """Return what is read of an alert: it dies when the next ones are taken."""
    found: dict[str, Any] = {"kind": type(alert)}
    for name in FIELDS:
        value = getattr(alert, name, None)
        value = value() if callable(value) else value
        if hasattr(value, "to_bytes") and not isinstance(value, int):
            value = value.to_bytes()
        is_key = name in ("key", "public_key") and value is not None
        found[name] = bytes(value) if is_key else value
    return SimpleNamespace(**found)


def expanded(secret: bytes) -> bytes:
    """Return the 64 bytes that libtorrent signs with (RFC 8032, section 5.1.5)."""
    hashed = bytearray(hashlib.sha512(secret).digest())
    hashed[0] &= 248
    hashed[31] = hashed[31] & 63 | 64
    return bytes(hashed)


class World:
    """Our nodes and a client in one loop, stepped by the tests."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner

    async def open(self, hosts: list[str], settings: dict[str, Any]) -> None:
        """Start and join our nodes, then let the client join through the first."""
        self.network = Network(seed=7)
        await self.network.__aenter__()
        self.nodes = [
            self.network.add(f"n{i:02}", Kademlia, (host, PORT))
            for i, host in enumerate(hosts)
        ]
        for i, node in enumerate(self.nodes):
            known = [self.nodes[0].me.address] if i else []
            await self.network.run(node.protocol.bootstrap(known), ANSWER_LIMIT_S)
        host, port = self.nodes[0].me.address
        self.client = Client(f"{host}:{port}", **settings)
        await self.client.alert(self.client.lt.dht_bootstrap_alert)

    async def close(self) -> None:
        """End all of it."""
        self.client.close()
        await self.network.__aexit__(None, None, None)

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Wait until a condition holds; False if it does not in time."""
        return self.runner.run(self.network.run_until(condition, ANSWER_LIMIT_S))

    def __call__(self, work: Any) -> Any:
        """Run a coroutine, or one of our operations, to its end."""
        if asyncio.iscoroutine(work):
            return self.runner.run(work)
        return self.runner.run(self.network.run(work, ANSWER_LIMIT_S))


@contextmanager
def world(hosts: list[str], **settings: Any) -> Iterator[World]:
    """Yield our nodes on `hosts` and a client that has joined them."""
    with asyncio.Runner() as runner:
        made = World(runner)
        runner.run(made.open(hosts, settings))
        try:
            yield made
        finally:
            runner.run(made.close())
