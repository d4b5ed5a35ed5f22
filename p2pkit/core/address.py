"""Addresses: where a datagram goes, as a pair of host and port.

An address is a plain tuple because it is made for every datagram that arrives, and
because a socket takes it as it is. Hosts are numeric, never names, so nobody looks
anything up while a protocol runs.
"""

from __future__ import annotations

import ipaddress

from p2pkit.core.errors import LocalProtocolError

Address = tuple[str, int]
"""A numeric IPv4 or IPv6 host and a port in ``[0, 65535]``."""


def parse_address(text: str) -> Address:
    """Read ``HOST:PORT``, or ``[HOST]:PORT`` for IPv6.

    Raises
    ------
    LocalProtocolError
        If the host is not a numeric address or the port not in ``[0, 65535]``.

    Examples
    --------
    >>> parse_address("127.0.0.1:6881")
    ('127.0.0.1', 6881)
    >>> parse_address("[::1]:6881")
    ('::1', 6881)
    """
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        host = str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))
        number = int(port)
    except ValueError:
        number = -1
    if not 0 <= number <= 0xFFFF:
        reason = (
            f"{text!r} is no address: write HOST:PORT with a numeric host and a port "
            "from 0 to 65535, such as 127.0.0.1:6881 or [::1]:6881"
        )
        raise LocalProtocolError(reason)
    return host, number


def format_address(address: Address) -> str:
    """Write an address as ``HOST:PORT``, IPv6 hosts in brackets.

    Examples
    --------
    >>> format_address(("::1", 6881))
    '[::1]:6881'
    """
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
