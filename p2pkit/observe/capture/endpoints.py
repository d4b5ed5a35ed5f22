"""Endpoints: who sent each packet and whom to, as numbers into one list of names.

Two columns of a million addresses hold a few dozen different ones, so each is written
out once. Read next: ``wires/``.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from p2pkit.core import Address, format_address
from p2pkit.observe.capture.headers import TCP, UDP, Headers
from p2pkit.observe.capture.records import Ints, ints
from p2pkit.observe.extras import load

NO_PORT = 1 << 48
"""Added to the number of an IPv4 host that has no port here."""

WIDE = 1 << 49
"""Added to numbers of hosts that are no IPv4: they are places in a list of hosts."""

NOBODY = "-"
"""The text of who sent a packet that is no IP."""


@dataclass(frozen=True)
class Endpoints:
    """Sources and destinations of packets.

    Parameters
    ----------
    source, destination : array of int64
        For each packet a place in `addresses` and `texts`.
    addresses : list of Address
        Host and port of each; port 0 where there is none.
    texts : list of str
        ``HOST:PORT`` of each, or ``HOST``, or `NOBODY`.
    """

    source: Ints
    destination: Ints
    addresses: list[Address]
    texts: list[str]

    def named(self, names: Mapping[str, str]) -> list[str]:
        """Return what to call each: its name, else its text.

        A name is looked up for ``HOST:PORT``, then for the host: who connects comes
        from a port of its own. So two nodes at one host are told apart by port alone.
        """
        hosts: dict[str, set[str]] = {}
        for text, name in names.items():
            hosts.setdefault(host_of(text), set()).add(name)
        lone = {host: min(known) for host, known in hosts.items() if len(known) == 1}
        return [
            names.get(text) or lone.get(address[0]) or text
            for address, text in zip(self.addresses, self.texts, strict=True)
        ]


def read_endpoints(headers: Headers) -> Endpoints:
    """Return who sent each packet, and to whom."""
    hosts: dict[bytes, int] = {}
    numbers = [
        _numbers(headers, hosts, 12, 8, headers.source_port),
        _numbers(headers, hosts, 16, 24, headers.destination_port),
    ]
    codes, found = load("pandas", "view").factorize(np.concatenate(numbers))
    addresses, texts, wide = [], [], list(hosts)
    for number in found.tolist():
        address, text = _written(number, wide)
        addresses.append(address)
        texts.append(text)
    codes = codes.astype(np.int64)
    return Endpoints(codes[: len(headers)], codes[len(headers) :], addresses, texts)


def _numbers(
    headers: Headers, hosts: dict[bytes, int], at: int, at_6: int, ports: Ints
) -> Ints:
    """Return a number for each packet's host and port, see `_written`."""
    has_port = np.isin(headers.carried, (TCP, UDP))
    has_port |= headers.source_port + headers.destination_port > 0
    numbers = (headers.network.number(at, 4) << 16) | ports
    numbers += np.where(has_port, 0, NO_PORT)
    is_ip = headers.network_bytes > 0
    if is_ip.all() and not headers.is_ipv6.any():
        return numbers
    numbers[~is_ip] = WIDE * 2
    wide = np.flatnonzero(is_ip & headers.is_ipv6)
    network = headers.network[wide]
    rows = network.data[network.start[:, None] + at_6 + np.arange(16)]
    found, places = np.unique(rows, axis=0, return_inverse=True)
    known = ints([hosts.setdefault(row.tobytes(), len(hosts)) for row in found])
    host = known[places.ravel()] << 16
    portless = np.where(has_port[wide], 0, NO_PORT)
    numbers[wide] = WIDE + host + ports[wide] + portless
    return numbers


def _written(number: int, hosts: list[bytes]) -> tuple[Address, str]:
    if number == WIDE * 2:
        return ("", 0), NOBODY
    is_wide, portless = bool(number & WIDE), bool(number & NO_PORT)
    high, port = (number & (NO_PORT - 1)) >> 16, number & 0xFFFF
    packed, family = (
        (hosts[high], socket.AF_INET6) if is_wide
        else (high.to_bytes(4, "big"), socket.AF_INET)
    )  # fmt: skip
    host = socket.inet_ntop(family, packed)
    return (host, port), host if portless else format_address((host, port))


def host_of(text: str) -> str:
    """Return the host of ``HOST:PORT``, or of a host alone."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or (host.count(":") and "[" not in host):
        return text
    return host.strip("[]")


def categories(codes: Ints, values: Sequence[str]) -> Any:
    """Return a column of pandas: a value for each code, equal values as one."""
    pandas = load("pandas", "view")
    places, unique = pandas.factorize(np.asarray(values, dtype=object))
    return pandas.Categorical.from_codes(places[codes], categories=unique)
