"""Capturing: a cluster's packets in a file, with a balance that adds up."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from p2pkit.cluster.capture_sources import Wanted, open_source
from p2pkit.cluster.holding import hold
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.cluster.plan import whole
from p2pkit.cluster.scales import Scales
from p2pkit.core import CaptureError, ClusterError, format_address
from p2pkit.observe.capture.balance import Balance
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.packets import Packets
from p2pkit.observe.capture.place import claimed, require_place
from p2pkit.observe.capture.telling import tell

LIMIT_BYTES = 1 << 30
"""How long a capture may get: three million small packets."""


class Capturing(Lifetime):
    """The part of a `Cluster` that captures packets."""

    @property
    def captured(self) -> Packets | None:
        """The packets of the latest capture, be it over or not, if somebody has them.

        A live view shows those of an edge that is clicked.
        """
        return self.run.captured()

    def capture(
        self,
        path: str | os.PathLike[str] | None = None,
        source: str = "auto",
        *,
        limit_bytes: int = LIMIT_BYTES,
        strict: bool = False,
        overwrite: bool = False,
    ) -> Capture:
        """Return a context manager that captures what the nodes send and hear.

        It gives `Packets`, which are there when the block ends; then one line tells
        the source, why it was used, and the balance. All nodes stand still for some
        milliseconds at the beginning and at the end, so that it adds up.

        Parameters
        ----------
        path : path, optional
            The file, as pcapng, with a note of the same name beside it; if not given,
            a file that goes when nobody holds the packets any more.
        source : {"auto", "ring", "dumpcap", "tap"}
            Who captures; the first of these that may, if not said.
        limit_bytes : int
            How long the file may get while packets come; what goes beyond it is
            counted.
        strict : bool
            Whether the end of the block raises `CaptureError` if packets were lost,
            or the balance does not close.
        overwrite : bool
            Whether the capture may replace a file that is there, and its note.

        Raises
        ------
        ClusterError
            In virtual time, where nothing goes over a wire.
        CaptureError
            If nobody can capture, or the file cannot be written, is there already, or
            has the name of its own note.
        """
        if self._options.carrier == "virtual":
            reason = (
                "virtual time has no packets: watch its messages with "
                'cluster.messages(), or make the cluster with carrier="real"'
            )
            raise ClusterError(reason)
        packets = _packets_at(path)
        require_place(packets.path, overwrite=overwrite)
        limit_bytes = whole("limit_bytes", limit_bytes)
        if limit_bytes < 1:
            reason = f"limit_bytes is 1 or more, not {limit_bytes:,}"
            raise ClusterError(reason)
        wanted = Wanted(self.run, self._options.network, packets.path, limit_bytes)
        return Capture(wanted, packets, source, strict=strict, overwrite=overwrite)


class Capture:
    """One capture of a running cluster; a context manager.

    Attributes
    ----------
    packets : Packets
        What it gives; empty until the block has ended.
    """

    def __init__(
        self,
        wanted: Wanted,
        packets: Packets,
        source: str,
        *,
        strict: bool,
        overwrite: bool,
    ) -> None:
        self._wanted, self._source_name = wanted, source
        self._strict, self._overwrite = strict, overwrite
        self._run, self.packets = wanted.run, packets
        self._scales = Scales(wanted.run)

    def __enter__(self) -> Packets:
        with claimed(self.packets.path, overwrite=self._overwrite):
            self._begin()
        return self.packets

    def _begin(self) -> None:
        self.packets.protocol = self._run.task.protocol_class
        self._run.captured = weakref.ref(self.packets)
        try:
            self._source = open_source(self._wanted, self._source_name)
        except OSError as error:
            reason = f"{self.packets.path} cannot be written: {error.strerror}"
            raise CaptureError(reason) from error
        try:
            with hold(self._run) as held:
                self._scales.begin(held)
                self._source.begin(held)
        except BaseException:
            self._source.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        source, scales = self._source, self._scales
        try:
            with hold(self._run) as held:
                source.stop(held)
                scales.end(held)
            report = source.finish(scales.names(self._wanted.nodes))
        except BaseException:
            source.close()
            raise
        balance = scales.balance(report)
        tell(self.packets, self._note(balance))
        if self._strict and error is None and not (balance.closes and not balance.lost):
            reason = f"packets were lost, or are not accounted for: {balance}"
            raise CaptureError(reason)

    def _note(self, balance: Balance) -> Note:
        source, scales, run = self._source, self._scales, self._run
        nodes = self._wanted.nodes
        protocol = run.task.protocol_class
        return Note(
            source=source.name,
            why=source.why,
            balance=balance,
            names={name: format_address(at) for at, name in nodes.items()},
            ends=_ends(scales.names(nodes)),
            protocol=f"{protocol.__module__}.{protocol.__qualname__}",
            carrier=protocol.carrier,
            network=self._wanted.network,
            interface=source.interface,
            filter=source.filter,
            mtu=source.link.mtu,
            offload=source.link.offload,
            epoch_s=run.carrier.epoch_s,
            began_s=scales.began_s,
            ended_s=scales.ended_s,
            before=scales.counters_before,
            after=scales.counters_after,
        )


def _ends(names: Names) -> dict[str, str]:
    """Return whose ports streams come from, where hosts do not tell nodes apart."""
    if len({host for host, _ in names.nodes}) == len(names.nodes):
        return {}
    return {format_address(at): name for at, name in names.ends.items()}


def _packets_at(path: str | os.PathLike[str] | None) -> Packets:
    if path is not None:
        return Packets(path)
    folder = tempfile.mkdtemp(prefix="p2pkit-capture-")
    packets = Packets(Path(folder) / "capture.pcapng")
    remove: Callable[..., None] = shutil.rmtree
    weakref.finalize(packets, remove, folder, ignore_errors=True)
    return packets
