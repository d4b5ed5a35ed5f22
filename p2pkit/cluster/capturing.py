"""Capturing: a cluster's packets in a file, with a balance that adds up."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from p2pkit.cluster.lifetime import Lifetime
from p2pkit.core import Address, CaptureError, ClusterError, format_address
from p2pkit.observe.capture import filters, note, pcapng
from p2pkit.observe.capture.balance import Balance
from p2pkit.observe.capture.interface import interface_at
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.packets import Packets
from p2pkit.observe.capture.recording import Recording

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run

LIMIT_BYTES = 1 << 30
"""How long a capture may get: three million small packets."""

INTERFACE = "lo"


class Capturing(Lifetime):
    """The part of a `Cluster` that captures packets."""

    def capture(
        self,
        path: str | os.PathLike[str] | None = None,
        source: str = "auto",
        *,
        limit_bytes: int = LIMIT_BYTES,
        strict: bool = False,
    ) -> Capture:
        """Return a context manager that captures what the nodes send and hear.

        It gives `Packets`, which are there when the block ends; then one line tells
        the source, why it was used, and the balance.

        Parameters
        ----------
        path : path, optional
            The file, as pcapng, with a note of the same name beside it; if not given,
            a file that goes when nobody holds the packets any more.
        source : {"auto", "ring"}
            Who captures.
        limit_bytes : int
            How long the file may get while packets come; what goes beyond it is
            counted.
        strict : bool
            Whether the end of the block raises `CaptureError` if packets were lost.

        Raises
        ------
        ClusterError
            In virtual time, where nothing goes over a wire.
        """
        if self._options.carrier == "virtual":
            reason = (
                "virtual time has no packets: watch its messages with "
                'cluster.messages(), or make the cluster with carrier="real"'
            )
            raise ClusterError(reason)
        return Capture(self.run, path, source, limit_bytes, strict)


class Capture:
    """One capture of a running cluster; a context manager."""

    def __init__(
        self,
        run: Run,
        path: str | os.PathLike[str] | None,
        source: str,
        limit_bytes: int,
        strict: bool,
    ) -> None:
        self._run, self._wanted, self._strict = run, source, strict
        self._limit_bytes = limit_bytes
        self.packets = _packets_at(path)

    def __enter__(self) -> Packets:
        run, path = self._run, self.packets.path
        path.parent.mkdir(parents=True, exist_ok=True)
        sock = _packet_socket()
        self._interface = interface_at(sock, INTERFACE)
        filters.attach(sock, self._program())
        hosts = [(at[0], name) for at, name in self._names().items()]
        path.write_bytes(
            pcapng.section() + pcapng.interface(INTERFACE) + pcapng.names(hosts)
        )
        self._recording = Recording(
            sock, path, INTERFACE, self._names(), self._limit_bytes
        )
        self._began_s = run.carrier.now()
        self._recording.begin()
        return self.packets

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._recording.stop()
        ended_s = self._run.carrier.now()
        report = self._recording.finish(self._names())
        balance = Balance(
            source="ring",
            seen=report.seen,
            dropped=report.dropped,
            freezes=report.freezes,
            unsaved=report.unsaved,
            kept=report.census.packets,
        )
        kind_of = self._run.task.protocol_class
        found = Note(
            source="ring",
            why="the host's loopback may be captured",
            balance=balance,
            names={name: format_address(at) for at, name in self._names().items()},
            protocol=f"{kind_of.__module__}.{kind_of.__qualname__}",
            carrier=kind_of.carrier,
            interface=INTERFACE,
            mtu=self._interface.mtu,
            offload=self._interface.offload,
            epoch_s=self._run.carrier.epoch_s,
            began_s=self._began_s,
            ended_s=ended_s,
        )
        self.packets.note = found
        note.write(self.packets.path, found)
        sys.stdout.write(f"{balance}\n")

    def _names(self) -> dict[Address, str]:
        return {one.address: one.name for one in self._run.seats}

    def _program(self) -> filters.Program:
        addresses = self._run.addresses
        if addresses.kind == "own":
            return filters.of_network(addresses.network)
        return filters.of_ports(port for _, port in self._names())


def _packet_socket() -> socket.socket:
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except OSError as error:
        reason = f"packet socket refused: {error.strerror}"
        raise CaptureError(reason) from error


def _packets_at(path: str | os.PathLike[str] | None) -> Packets:
    if path is not None:
        return Packets(path)
    folder = tempfile.mkdtemp(prefix="p2pkit-capture-")
    packets = Packets(Path(folder) / "capture.pcapng")
    remove: Callable[..., None] = shutil.rmtree
    weakref.finalize(packets, remove, folder, ignore_errors=True)
    return packets
