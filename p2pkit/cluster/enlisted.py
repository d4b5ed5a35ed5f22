"""The part of a population that knows of attackers: commands that let them in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from p2pkit.cluster import source
from p2pkit.cluster.carrier import Kind
from p2pkit.cluster.wire import unpack
from p2pkit.core import Address, ClusterError, Contact, Operation, Targets


class Enlisted:
    """Commands about kinds of nodes and where they may send, see `Population`.

    Attributes
    ----------
    driver : Driver
        What runs the nodes.
    kinds : dict of int to Kind
        What nodes may be, by the number that an order to add one names.
    nodes : dict of str to Node
        The nodes by name.
    """

    driver: Any
    kinds: dict[int, Kind]
    nodes: dict[str, Any]

    def do_enlist(self, number: int, code: bytes, lines: dict[str, list[str]]) -> None:
        """Know one more kind of node; its class may be from a cell, with its lines."""
        try:
            self.kinds[number] = unpack(code)
        except Exception as error:  # an import may raise anything
            raise not_importable(error) from error
        source.install(lines)

    def do_confine(self, addresses: list[Address]) -> None:
        """Let every node here send to these addresses alone, from now on."""
        self.driver.confine(Targets(addresses))

    def do_conspire(self, orders: tuple[list[str], list[Contact]]) -> None:
        """Let attackers know of each other, as those of one operator do."""
        names, fellows = orders
        for name in names:
            self._guarded(name, partial(self._conspire, name, fellows))

    def do_forge(self, letters: list[tuple[Address, Address, bytes]]) -> None:
        """Have datagrams arrive at nodes here as if their sources had sent them."""
        at = {one.me.address: one for one in self.nodes.values() if one.state != "dead"}
        for sender, to, data in letters:
            at[to].arrive(data, sender)

    def _conspire(self, name: str, fellows: list[Contact]) -> None:
        conspire = getattr(self._protocol(name), "conspire", None)
        if conspire is not None:
            conspire(fellows)

    def _bootstrap(self, name: str, via: list[Address]) -> Operation[Any]:
        confined: Targets | None = self.driver.confined
        if confined is not None:
            via = [confined.require(one) for one in via]
        operation: Operation[Any] = self._protocol(name).bootstrap(via)
        return operation

    def _protocol(self, name: str) -> Any:
        raise NotImplementedError

    def _guarded(self, name: str, call: Callable[[], Any]) -> Any:
        raise NotImplementedError


def not_importable(error: Exception) -> ClusterError:
    """Return the error for a class that this process cannot load."""
    return ClusterError(
        f"the host processes cannot load the protocol's class: {type(error).__name__}: "
        f"{error}. Define it in a cell, or in a module that they can import"
    )
