"""Addresses of a cluster's nodes: one each in a /16 of loopback, or ports of one.

On Linux all of 127.0.0.0/8 is this machine, and anybody may bind any of it. A cluster
claims a /16 for as long as it lives by holding one socket in it, so two clusters at
once do not meet.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from p2pkit.core import Address, ClusterError, TransportError

PORT = 6881
"""The port of every node that has an address of its own: BitTorrent's first."""
MAX_NODES = 60_000
"""Nodes of one cluster; a /16 holds a few more."""
NETS = 250
"""The /24s of a cluster; nodes go round them, for many DHT clients take one of each."""
LAST_NET = 254
"""The last /24 that a node may have; the claim itself is in the one behind."""
NET_HOSTS = 254
"""Addresses in a /24, without the first and the last."""

MAX_PORT = 65_535

Kind = Literal["own", "shared"]


def default_kind() -> Kind:
    """Return ``own`` where all of 127.0.0.0/8 can be bound, else ``shared``."""
    return "own" if sys.platform == "linux" else "shared"


class Addresses:
    """Hands out the addresses of one cluster; `close` gives the /16 back.

    Parameters
    ----------
    kind : {"own", "shared"}
        One address a node, or one for all with a port a node.
    port : int, optional
        The port of all, or of the first node; chosen if not given.
    alone : bool
        Whether nobody else can be met, in virtual time or in a private network:
        then nothing is claimed, and every cluster has the same addresses.
    """

    def __init__(self, kind: Kind, port: int | None, *, alone: bool) -> None:
        self.kind, self.port = kind, port
        self._claim: tuple[socket.socket, ...] = ()
        self._net = 1
        self._machines = 0
        if kind == "own" and alone:
            self.port = port or PORT
        elif kind == "own":
            self._claim_net(port)
        elif alone:
            self.port = port or 10_000

    def of(self, index: int, ahead: int = 0) -> Address:
        """Return where node `index` is to listen; port 0 if the system shall choose.

        Parameters
        ----------
        index : int
            Its place among the nodes, attackers aside.
        ahead : int
            Attackers that have taken ports, where an address is shared.

        Raises
        ------
        ClusterError
            If the ports that nodes share do not reach so far.
        """
        if self.kind == "shared":
            index += ahead
            port = self.port + index if self.port else 0
            if port > MAX_PORT:
                reason = (
                    f"nodes that share an address from port {self.port} on have ports "
                    f"for {MAX_PORT + 1 - (self.port or 0):,}, not for {index + 1:,}: "
                    "give a lower port= when you make the cluster"
                )
                raise ClusterError(reason)
            return "127.0.0.1", port
        host, net = divmod(index, NETS)
        return f"127.{self._net}.{net}.{host + 1}", self.port or PORT

    @property
    def network(self) -> str:
        """The /16 that the nodes' own addresses lie in, such as ``127.5.0.0/16``."""
        return f"127.{self._net}.0.0/16"

    def of_attackers(
        self, count: int, machines: int, honest: int, before: int
    ) -> list[Address]:
        """Return where attackers are to listen: those of one machine share a /24.

        Where they are more than its addresses, the next port follows.

        Parameters
        ----------
        count, machines : int
            How many attackers, and how many machines they go round.
        honest, before : int
            Honest nodes there are, and attackers there are already.

        Raises
        ------
        ClusterError
            If there are not so many /24s that are free.
        """
        if self.kind == "shared":
            return [self.of(honest + n, before) for n in range(count)]
        top = LAST_NET - self._machines  # honest nodes come from below
        free = max(0, top + 1 - min(honest, NETS))
        if not 1 <= machines <= min(free, count):
            reason = (
                f"{count} attackers are on 1 to {min(free, count)} machines, not on "
                f"{machines}: {free} networks are left for them beside {honest} nodes"
            )
            raise ClusterError(reason)
        self._machines += machines
        port, places = self.port or PORT, []
        for number in range(count):
            place, machine = divmod(number, machines)
            ahead, place = divmod(place, NET_HOSTS)
            host = f"127.{self._net}.{top - machine}.{NET_HOSTS - place}"
            places.append((host, port + ahead))
        return places

    def close(self) -> None:
        """Give the claimed /16 back."""
        for one in self._claim:
            one.close()
        self._claim = ()

    def _claim_net(self, port: int | None) -> None:
        for self._net, self.port in _candidates(port):
            try:
                self._claim = _hold(f"127.{self._net}.255.254", self.port)
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise _no_own_addresses(error) from error
            else:
                return
        reason = (
            f"port {port or PORT} is taken in all of 127.0.0.0/8: end the program that "
            "listens on it everywhere, or give the cluster another port="
        )
        raise TransportError(reason)


def require_size(nodes: int) -> None:
    """Raise `ClusterError` unless a cluster can have so many nodes."""
    if not 1 <= nodes <= MAX_NODES:
        reason = f"a cluster has from 1 to {MAX_NODES:,} nodes, not {nodes:,}"
        raise ClusterError(reason)


def _candidates(port: int | None) -> Iterator[tuple[int, int]]:
    """Yield nets and ports to try; processes begin at different nets."""
    # A port taken on every address, as by a BitTorrent client, is taken in every
    # net: after some tries go on to the next one.
    for number in [port] if port else range(PORT, PORT + 9):
        start = os.getpid() % 250
        nets = (2 + (start + step) % 250 for step in range(250))
        yield from ((net, number) for net in islice(nets, 250 if port else 30))


def _hold(host: str, port: int) -> tuple[socket.socket, ...]:
    held = []
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            held.append(socket.socket(socket.AF_INET, kind))
            held[-1].bind((host, port))
    except OSError:
        for one in held:
            one.close()
        raise
    return tuple(held)


def _no_own_addresses(error: OSError) -> TransportError:
    return TransportError(
        f"this system gives no addresses in 127.0.0.0/8 ({error.strerror}): "
        'use addresses="shared"'
    )
