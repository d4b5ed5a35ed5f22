"""Sockets: bound where they were asked to be, or a sentence that says why not."""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
import sys

from p2pkit.core import Address, TransportError, format_address
from p2pkit.core.driver import RECEIVE_BUFFER_BYTES

BACKLOG = 128
"""Connections that may wait to be accepted."""

SO_MEMINFO = 55
"""Linux: nine counters of a socket, the last of them the datagrams dropped."""


def is_numeric(host: str, *, outside: bool) -> bool:
    """Tell whether `host` is an address, and on this machine's loopback.

    Parameters
    ----------
    host : str
        What may be an IPv4 or IPv6 address.
    outside : bool
        Whether addresses beyond the loopback are fine as well.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return outside or address.is_loopback


def datagram_socket(listen: Address) -> socket.socket:
    """Return a non-blocking UDP socket bound to `listen`.

    Raises
    ------
    TransportError
        If the address is taken, is not this machine's, or is forbidden.
    """
    sock = _bound(listen, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    return sock


def stream_socket(listen: Address) -> socket.socket:
    """Return a non-blocking TCP socket that listens at `listen`.

    Raises
    ------
    TransportError
        If the address is taken, is not this machine's, or is forbidden.
    """
    sock = _bound(listen, socket.SOCK_STREAM)
    try:
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise TransportError(_sentence(listen, error)) from error
    return sock


def address_of(sock: socket.socket) -> Address:
    """Return where a socket is bound, as host and port."""
    host, port = sock.getsockname()[:2]
    return host, port


def family_of(host: str) -> socket.AddressFamily:
    """Return the address family of a numeric host."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def kernel_drops(sock: socket.socket) -> int:
    """Return how many datagrams the kernel dropped because the buffer was full.

    Only Linux tells; elsewhere it is 0.
    """
    if sys.platform != "linux" or sock.fileno() < 0:
        return 0
    try:
        counters = sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
    except OSError:
        return 0
    return int(struct.unpack("9I", counters)[8])


def _bound(listen: Address, kind: socket.SocketKind) -> socket.socket:
    family = family_of(listen[0])
    try:
        sock = socket.socket(family, kind)
    except OSError as error:
        raise TransportError(_sentence(listen, error)) from error
    try:
        if kind is socket.SOCK_STREAM and sys.platform != "win32":
            # A node that restarts takes its port back at once.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(listen)
    except (OSError, OverflowError) as error:
        sock.close()
        raise TransportError(_sentence(listen, error)) from error
    return sock


def _sentence(listen: Address, error: Exception) -> str:
    where = format_address(listen)
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"{where} is taken: choose another port, or 0 for one that is free"
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            return (
                f"{where} is not an address of this machine: use 127.0.0.1, or add "
                "the address to an interface first"
            )
        case errno.EACCES:
            return f"{where} needs more rights: choose a port from 1024 upward"
        case errno.EMFILE | errno.ENFILE:
            return (
                f"no socket is left for {where}: raise the limit of open files "
                "(ulimit -n), or run fewer nodes in one process"
            )
        case _:
            return f"{where} cannot be listened at: {error}"
