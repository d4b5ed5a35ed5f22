"""Fields of memberlist's bodies: names, hosts and members, each within its bound.

Read first: ``bodies.py``. Read next: ``reading.py``.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from msgspec import Raw

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.bodies import EntryBody, IndirectBody, PingBody
from p2pkit.protocols.swim.raw import give, take, text

MAX_NAME_BYTES: Final = 128
MAX_META_BYTES: Final = 512
"""What memberlist allows a member to say about itself."""
MAX_PAYLOAD_BYTES: Final = 1024


@lru_cache(maxsize=4096)
def give_host(host: str) -> Raw:
    """Return a numeric host as four or sixteen bytes."""
    return give(ip_address(host).packed)


def host_of(raw: Raw) -> str:
    """Return the host in four or sixteen bytes of network order."""
    data = take(raw, 16)
    if len(data) == 4:
        return f"{data[0]}.{data[1]}.{data[2]}.{data[3]}"
    if len(data) != 16:
        reason = "address of the wrong length"
        raise RemoteProtocolError(reason)
    wide = IPv6Address(data)
    return str(wide.ipv4_mapped or wide)


def name_of(raw: Raw) -> str:
    """Return a member's name, which must not be empty."""
    name = text(raw, MAX_NAME_BYTES)
    if not name:
        reason = "member without a name"
        raise RemoteProtocolError(reason)
    return name


def id_of(name: str) -> int:
    """Return the id of whoever has this name: the name itself, or its hash."""
    if len(name) == 40 and not name.strip("0123456789abcdef"):
        return int(name, 16)
    return int.from_bytes(hashlib.sha1(name.encode()).digest(), "big")


def source_of(body: PingBody | IndirectBody) -> Address | None:
    """Return where the sender of a probe says it is; older ones do not say."""
    if not take(body.source_addr, 16):
        return None
    return host_of(body.source_addr), body.source_port


def entry_of(body: EntryBody) -> m.Entry:
    """Return one member of a table."""
    return m.Entry(
        name_of(body.name),
        (host_of(body.addr), body.port),
        take(body.meta, MAX_META_BYTES),
        body.incarnation,
        body.state,
        take(body.vsn, 6),
    )


def body_of(entry: m.Entry) -> EntryBody:
    """Return the body of one member of a table."""
    host, port = entry.address
    return EntryBody(
        give(entry.node.encode()),
        give_host(host),
        port,
        give(entry.meta),
        entry.incarnation,
        entry.state,
        give(entry.vsn),
    )
