"""Targets: where attackers and crafted packets may go, and nowhere else.

Attack code aims at the nodes of its own cluster. Whoever sends for it asks here first:
the drivers, for every message of a cluster that has attackers, and whoever sends
crafted packets. There is no other way out, and no option that opens one.

A forged source is a target as well, for that is where the answer goes. And what an
attacker names to others is where *they* send next, so with attackers inside, honest
nodes are held to the same addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from p2pkit.core.address import Address
from p2pkit.core.errors import P2PError

NO_NODE_OF_OURS = "no node of this cluster"
"""Why a message did not leave, as drivers count it."""


class ForbiddenTarget(P2PError):
    """Attack code aimed at something that is no node of its own cluster.

    Parameters
    ----------
    target : object
        What it aimed at: an address, or whatever was given for one.
    """

    def __init__(self, target: object) -> None:
        super().__init__(self._sentence(target))
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        # It is raised in host processes, and its only argument is not its sentence.
        return type(self), (self.target,)

    def _sentence(self, target: object) -> str:
        return (
            f"{target!r} is no node of this cluster, so nothing was sent: attackers "
            "and crafted packets reach the nodes of their own cluster and nothing "
            "else; take an address from cluster.addresses"
        )


class Unconfined(ForbiddenTarget):
    """An attacker was to run where nothing holds it back; `target` is its class."""

    def _sentence(self, target: object) -> str:
        return (
            f"{target} is an attacker and runs only among the nodes of a cluster, "
            "which hold it back: let it in with cluster.add_attackers(...)"
        )


def require_confined(protocol_class: Any, targets: Targets | None) -> None:
    """Raise `Unconfined` for an attacker's class where no targets hold it back.

    A class says that it attacks with ``is_attacker = True``.
    """
    if targets is None and getattr(protocol_class, "is_attacker", False):
        raise Unconfined(protocol_class.__name__)


class Targets:
    """The addresses of one cluster's nodes; grows as nodes join, shrinks as they end.

    Only the very pair of host and port at which a node listens is a target: no name,
    no other way to write the address, no other port of the same host.

    Parameters
    ----------
    addresses : iterable of Address
        Where nodes listen already.

    Examples
    --------
    >>> targets = Targets([("127.1.0.1", 6881)])
    >>> targets.require(("127.1.0.1", 6881))
    ('127.1.0.1', 6881)
    >>> ("127.1.0.1", 53) in targets, ("localhost", 6881) in targets
    (False, False)
    """

    __slots__ = ("_addresses", "_hosts")

    def __init__(self, addresses: Iterable[Address] = ()) -> None:
        self._addresses: dict[Address, Address] = {}
        self._hosts: dict[str, int] = {}
        self.add(*addresses)

    def __contains__(self, address: object) -> bool:
        return self.find(address) is not None  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)

    def __repr__(self) -> str:
        return f"<Targets: {len(self)} nodes>"

    def add(self, *addresses: Address) -> None:
        """Take in addresses at which nodes of the cluster have begun to listen."""
        for one in addresses:
            if one not in self._addresses:
                host = one[0]
                self._addresses[one] = one
                self._hosts[host] = self._hosts.get(host, 0) + 1

    def discard(self, *addresses: Address) -> None:
        """Let go of addresses that nodes have left: others may listen there next."""
        for one in addresses:
            if self._addresses.pop(one, None) is not None:
                self._hosts[one[0]] -= 1

    def has_host(self, host: str) -> bool:
        """Tell whether a node listens at some port of `host`.

        Who opens a stream comes from a port that the system chose, so of a stream
        that somebody opened to us the host is all that can be asked about.
        """
        return self._hosts.get(host, 0) > 0

    def find(self, address: Address) -> Address | None:
        """Return the address as its node gave it; None if no node listens there.

        Send to what is returned, not to what was asked: attack code may hand over an
        object that only claims to be equal.
        """
        try:
            return self._addresses.get(address)
        except TypeError:  # not even something that can be looked up
            return None

    def require(self, address: Address) -> Address:
        """Return the address as `find` does.

        Raises
        ------
        ForbiddenTarget
            If no node of the cluster listens there.
        """
        found = self.find(address)
        if found is None:
            raise ForbiddenTarget(address)
        return found
