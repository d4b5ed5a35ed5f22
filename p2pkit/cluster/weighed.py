"""The part of a population that is weighed: what went over the wire, by node."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from p2pkit.core import Address, ClusterError, Counters, Node
from p2pkit.net.wire_count import WireCount
from p2pkit.observe.capture.tap import TapFile, TapReport

FLUSH_S = 0.1
"""How long notes wait to be written: what a process that is killed takes with it."""


class Weight(msgspec.Struct, frozen=True):
    """What one node counted by a moment: on the wire, and of its messages."""

    wire: WireCount
    counters: Counters


class HostWeight(msgspec.Struct, frozen=True):
    """What the nodes of one host process counted by a moment.

    Parameters
    ----------
    process : int
        Number of the process; with the process its counts are gone.
    nodes : dict of str to Weight
        What each node counted, by name.
    ends : dict of Address to str
        Names of nodes by the ports from which they opened streams.
    """

    process: int
    nodes: dict[str, Weight]
    ends: dict[Address, str]


class Weighed:
    """Commands about what went over the wire, see `Population`.

    Attributes
    ----------
    driver : Driver
        What runs the nodes; of this only one on real sockets.
    nodes : dict of str to Node
        The nodes by name.
    tap_file : TapFile or None
        There while these nodes' bytes are tapped.
    """

    driver: Any
    nodes: dict[str, Node]
    tap_file: TapFile | None = None

    def do_weigh(self) -> HostWeight:
        """Return what each node has counted so far."""
        nodes = {
            name: Weight(self.driver.wire_count(name), node.counters)
            for name, node in self.nodes.items()
        }
        return HostWeight(os.getpid(), nodes, self.driver.ends)

    def do_tap(self, folder: str, limit_bytes: int, inside: str) -> None:
        """Begin to note what nodes exchange with the kernel, in a file of our own.

        Raises
        ------
        ClusterError
            If they are tapped already, or no file can be made.
        """
        if self.tap_file is not None:
            reason = "these nodes are tapped already: end that capture first"
            raise ClusterError(reason)
        path = f"{folder}/{os.getpid()}.tap"
        try:
            self.tap_file = TapFile(path, limit_bytes, inside)
        except OSError as error:
            reason = f"the tap cannot write to {path}: {error.strerror}"
            raise ClusterError(reason) from error
        self.driver.tap_wire(self.tap_file)
        self._flush_later()

    def do_untap(self) -> TapReport | None:
        """End it, and return what became of it; None if nobody began."""
        if self.tap_file is None:
            return None
        self.driver.tap_wire(None)
        report, self.tap_file = self.tap_file.close(), None
        return report

    def _flush_later(self) -> None:
        if self.tap_file is not None:
            self.driver.loop.call_later(FLUSH_S, self._on_flush, self.tap_file)

    def _on_flush(self, file: TapFile) -> None:
        if file is self.tap_file:
            file.flush()
            self._flush_later()
