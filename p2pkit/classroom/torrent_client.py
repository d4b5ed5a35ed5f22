"""A BitTorrent client that nobody here wrote, for a cell: libtorrent, blocking.

It speaks the Mainline DHT, as our Kademlia does, so it joins a cluster as it would join
the world. It listens on loopback and knows no peer but those it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from p2pkit.core import Address, Id, LabError, format_address
from p2pkit.observe.extras import install_line

ANSWER_S = 20.0
"""How long a client may take for anything it is asked."""

LOOPBACK_SETTINGS = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    # Its guards against one owner of many nodes: here one machine owns them all.
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_block_ratelimit": 1_000_000,
    "dht_upload_rate_limit": 1_000_000,
}


class TorrentClient:
    """One libtorrent session; it has joined when it is made, and leaves at `close`.

    Parameters
    ----------
    bootstrap : Address
        A node to join through, such as ``cluster.addresses[0]``.

    Raises
    ------
    LabError
        If libtorrent is not installed, or finds nobody there.
    """

    def __init__(self, bootstrap: Address) -> None:
        try:
            import libtorrent
        except ModuleNotFoundError:
            reason = (
                "libtorrent is not installed here, so no foreign client joins: "
                f"{install_line('clients')}, or read on without it"
            )
            raise LabError(reason) from None
        self._lt: Any = libtorrent
        kinds = libtorrent.alert.category_t
        mask = int(kinds.dht_notification | kinds.dht_operation_notification)
        where = format_address(bootstrap)
        known = {"dht_bootstrap_nodes": where, "alert_mask": mask}
        self._session: Any = self._lt.session({**LOOPBACK_SETTINGS, **known})
        self._wait(libtorrent.dht_bootstrap_alert, f"join through {where}")

    @property
    def version(self) -> str:
        """Which libtorrent it is, such as ``2.0.11``."""
        return str(self._lt.__version__)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return "127.0.0.1", int(self._session.listen_port())

    def put(self, value: bytes) -> Id:
        """Store an immutable item, and return its key."""
        key = self._session.dht_put_immutable_item(value)
        self._wait(self._lt.dht_put_alert, "put", lambda one: one.target == key)
        return Id.parse(key.to_bytes())

    def get(self, key: Id) -> Any:
        """Return the immutable item stored under `key`; None if it finds none."""
        wanted = self._hash(key)
        self._session.dht_get_immutable_item(wanted)
        kind = self._lt.dht_immutable_item_alert
        return self._wait(kind, "get", lambda one: one.target == wanted).item

    def announce(self, infohash: Id, port: int) -> None:
        """Begin to announce a torrent at `port`; nothing tells when that has ended."""
        self._session.dht_announce(self._hash(infohash), port, 0)

    def get_peers(self, infohash: Id) -> list[Address]:
        """Return the first peers that it finds for a torrent."""
        wanted = self._hash(infohash)
        self._session.dht_get_peers(wanted)
        kind = self._lt.dht_get_peers_reply_alert
        found = self._wait(kind, "get_peers", lambda one: one.info_hash == wanted)
        return list(found.peers())

    def close(self) -> None:
        """Leave; the session ends in the background, and with this process."""
        self._session.pause()
        self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TorrentClient: libtorrent {self.version}>"

    def _hash(self, key: Id) -> Any:
        return self._lt.sha1_hash(Id.parse(key).to_bytes(20, "big"))

    def _wait(
        self, kind: type[Any], what: str, fits: Callable[[Any], bool] = lambda _: True
    ) -> Any:
        """Wait for an alert of a kind; the wait ends at the first silence."""
        while self._session.wait_for_alert(int(ANSWER_S * 1000)) is not None:
            for alert in self._session.pop_alerts():
                if isinstance(alert, kind) and fits(alert):
                    return alert
        reason = (
            f"libtorrent did not {what} within {ANSWER_S:g} s: is a cluster running, "
            "and is the address that of one of its nodes?"
        )
        raise LabError(reason)
