"""What tests of captures share: whether there can be one, and what it holds."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from p2pkit.observe.capture import pcapng
from p2pkit.observe.capture.census import ends_of


def packet_socket() -> socket.socket:
    """Return a packet socket of this machine, or skip the test."""
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except (AttributeError, OSError) as error:
        pytest.skip(f"needs Linux and the right to open packet sockets: {error}")


def begun(path: Path) -> Path:
    """Return a capture that has nothing but its head."""
    path.write_bytes(pcapng.section() + pcapng.interface("lo"))
    return path


def packets_in(path: Path) -> list[bytes]:
    """Return the bytes of every packet of a file of ours."""
    data = path.read_bytes()
    blocks = [one for one in pcapng.blocks(data) if one.kind == pcapng.PACKET]
    return [pcapng.packet_at(data, one.start)[2] for one in blocks]


def payloads_in(path: Path) -> list[bytes]:
    """Return what the datagrams of a file of ours carry."""
    return [one[42:] for one in packets_in(path) if ends_of(one)]
