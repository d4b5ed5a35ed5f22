"""Payloads: what follows the header of each message, read and written.

Source: RFC-Gnutella 0.6, section 2. Where the words of a field may be in any code,
UTF-8 is written, and what is none is read as Latin-1. Read first: ``wire.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.guid import GUID_BYTES
from p2pkit.protocols.gnutella.results import (
    capped,
    read_name,
    read_results,
    write_address,
    write_results,
)

MAX_RESULTS, HIT_HEAD_BYTES = 255, 11


def _read_ping(data: bytes, header: dict[str, Any]) -> m.Ping:
    return m.Ping(**header, ext=data)


def _read_pong(data: bytes, header: dict[str, Any]) -> m.Pong:
    port, host, files, kbytes = struct.unpack_from("<H4sII", data)
    address = (str(IPv4Address(host)), port)
    return m.Pong(**header, address=address, files=files, kbytes=kbytes, ext=data[14:])


def _write_pong(one: m.Pong) -> bytes:
    counts = struct.pack("<II", capped(one.files), capped(one.kbytes))
    return write_address(one.address) + counts + one.ext


def _read_bye(data: bytes, header: dict[str, Any]) -> m.Bye:
    (code,) = struct.unpack_from("<H", data)
    return m.Bye(**header, code=code, reason=read_name(data[2:].partition(b"\0")[0]))


def _write_bye(one: m.Bye) -> bytes:
    return struct.pack("<H", one.code) + one.reason.encode() + b"\0"


def _read_push(data: bytes, header: dict[str, Any]) -> m.Push:
    servent, index, host, port = struct.unpack_from("<16sI4sH", data)
    address = (str(IPv4Address(host)), port)
    rest = data[26:]
    return m.Push(**header, servent=servent, index=index, address=address, ext=rest)


def _write_push(one: m.Push) -> bytes:
    host, port = IPv4Address(one.address[0]).packed, one.address[1]
    return struct.pack("<16sI4sH", one.servent, one.index, host, port) + one.ext


def _read_query(data: bytes, header: dict[str, Any]) -> m.Query:
    (flags,) = struct.unpack_from("<H", data)
    text, _, ext = data[2:].partition(b"\0")
    return m.Query(**header, flags=flags, text=read_name(text), ext=ext)


def _write_query(one: m.Query) -> bytes:
    return struct.pack("<H", one.flags) + one.text.encode() + b"\0" + one.ext


def _read_hit(data: bytes, header: dict[str, Any]) -> m.QueryHit:
    count, port, host, speed = struct.unpack_from("<BH4sI", data)
    end = len(data) - GUID_BYTES
    if end < HIT_HEAD_BYTES:
        raise RemoteProtocolError("malformed payload")  # noqa: EM101, TRY003
    results, at = read_results(data, HIT_HEAD_BYTES, end, count)
    if len(results) < count:
        raise RemoteProtocolError("malformed payload")  # noqa: EM101, TRY003
    address = (str(IPv4Address(host)), port)
    return m.QueryHit(
        **header, address=address, results=tuple(results), servent=data[end:],
        speed=speed, trailer=data[at:end],
    )  # fmt: skip


def _write_hit(one: m.QueryHit) -> bytes:
    count = struct.pack("<B", min(len(one.results), MAX_RESULTS))
    head = count + write_address(one.address) + struct.pack("<I", capped(one.speed))
    return head + write_results(one.results[:MAX_RESULTS]) + one.trailer + one.servent


def _read_vendor(data: bytes, header: dict[str, Any]) -> m.Vendor:
    vendor, selector, version = struct.unpack_from("<4sHH", data)
    known = {"vendor": vendor, "selector": selector, "version": version}
    return m.Vendor(**header, **known, data=data[8:])


def _read_standard(data: bytes, header: dict[str, Any]) -> m.Vendor:
    return _read_vendor(data, header | {"is_standard": True})


def _write_vendor(one: m.Vendor) -> bytes:
    return struct.pack("<4sHH", one.vendor, one.selector, one.version) + one.data


Reader = Callable[[bytes, dict[str, Any]], Message]
READERS: dict[int, Reader] = {
    0x00: _read_ping,
    0x01: _read_pong,
    0x02: _read_bye,
    0x31: _read_vendor,
    0x32: _read_standard,
    0x40: _read_push,
    0x80: _read_query,
    0x81: _read_hit,
}
WRITERS: dict[type, tuple[int | None, Callable[[Any], bytes]]] = {
    m.Ping: (0x00, lambda one: one.ext),
    m.Pong: (0x01, _write_pong),
    m.Bye: (0x02, _write_bye),
    m.Push: (0x40, _write_push),
    m.Query: (0x80, _write_query),
    m.QueryHit: (0x81, _write_hit),
    m.Vendor: (None, _write_vendor),
    m.Other: (None, lambda one: one.payload),
}
