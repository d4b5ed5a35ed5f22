"""What nodes exchange with the kernel: always counted, and tapped where wanted."""

from __future__ import annotations

from collections.abc import Mapping

from p2pkit.core import Address
from p2pkit.net.node import NetNode
from p2pkit.net.wire_count import WireCount
from p2pkit.net.wire_tap import WireTap

MAX_ENDS = 65_536
"""Ports of opened streams that are remembered; there are no more of one address."""


class Wired:
    """The part of a `Network` that is about bytes, not messages.

    Attributes
    ----------
    nodes : dict of str to NetNode
        Every node by name.
    lingering : mapping of Address to NetNode
        Dead nodes that still hand datagrams to the kernel.
    ends : dict of Address to str
        Names of nodes by the ports from which they opened streams; the last ones.
    wire_tap : WireTap or None
        Is told of all bytes, see `tap_wire`.
    """

    nodes: dict[str, NetNode]
    lingering: Mapping[Address, NetNode]

    def __init__(self) -> None:
        self.ends: dict[Address, str] = {}
        self.wire_tap: WireTap | None = None
        self._earlier: dict[str, WireCount] = {}  # of nodes that were started anew

    def tap_wire(self, tap: WireTap | None) -> None:
        """Have nodes exchange bytes with the kernel by way of a tap, or directly."""
        self.wire_tap = tap
        for node in (*self.nodes.values(), *self.lingering.values()):
            node.heed_wire_tap()

    def wire_count(self, name: str) -> WireCount:
        """Return what a node gave to the kernel and took from it, in all its lives."""
        count = self.nodes[name].wire_count()
        earlier = self._earlier.get(name)
        return count if earlier is None else earlier + count

    def note_end(self, at: Address, name: str) -> None:
        """Remember from where a node opened a stream."""
        if len(self.ends) >= MAX_ENDS:
            del self.ends[next(iter(self.ends))]
        self.ends[at] = name

    def replace(self, name: str, node: NetNode) -> None:
        """Take a node up, and keep what one of its name has counted before."""
        if name in self.nodes:
            self._earlier[name] = self.wire_count(name)
        self.nodes[name] = node
