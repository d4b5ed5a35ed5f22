"""Sources of a capture: who can take a cluster's packets, tried in order.

A ring of the kernel shows all there is, and needs a right that few have outside a
private network. Dumpcap may have that right where an administrator gave it. The
nodes' own taps need none.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from p2pkit.cluster.holding import Held
from p2pkit.cluster.weighed import FLUSH_S
from p2pkit.core import Address, CaptureError, TransportError
from p2pkit.observe.capture import filters, pcapng
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.dumpcap import DumpcapRecording
from p2pkit.observe.capture.interface import Interface, interface_at
from p2pkit.observe.capture.recorder import Report
from p2pkit.observe.capture.recording import Recording
from p2pkit.observe.capture.tap import TapReport
from p2pkit.observe.capture.tapped import merge

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run

LOOPBACK = "lo"


class Wanted:
    """What every source is told: whose packets, and where to.

    Parameters
    ----------
    run : Run
        The cluster's run.
    network : str
        ``host`` or ``private``: whose loopback the nodes are on.
    path : Path
        The file, which does not need to exist.
    limit_bytes : int
        How long it may get while packets come.
    """

    def __init__(self, run: Run, network: str, path: Path, limit_bytes: int) -> None:
        self.run, self.network = run, network
        self.path, self.limit_bytes = path, limit_bytes

    @property
    def nodes(self) -> dict[Address, str]:
        """The names of nodes by where they listen."""
        return {one.address: one.name for one in self.run.seats}

    def begin_file(self, interface: str, taken: str) -> None:
        """Write what stands in front of all packets."""
        nodes = self.nodes
        hosts = {host for host, _ in nodes}
        named = nodes if len(hosts) == len(nodes) else {}  # shared ones have no name
        self.path.write_bytes(
            pcapng.section()
            + pcapng.interface(interface, taken=taken)
            + pcapng.names((host, name) for (host, _), name in named.items())
        )


class Source(Protocol):
    """One way to capture, from its beginning to a finished file.

    Attributes
    ----------
    name, why : str
        ``ring``, ``dumpcap`` or ``tap``; and why it is this one, as a sentence.
    interface, filter : str
        Where packets are taken, and which.
    link : Interface
        What is known of the interface.
    """

    name: str
    why: str
    interface: str
    filter: str
    link: Interface

    def begin(self, held: Held) -> None:
        """Take packets from now on; all nodes stand still."""
        ...

    def stop(self, held: Held) -> None:
        """Take none any more; all nodes stand still."""
        ...

    def finish(self, names: Names) -> Report:
        """Finish the file, and return what became of it."""
        ...

    def close(self) -> None:
        """End what is left of it, if it did not come to `finish`."""
        ...


class RingSource:
    """A ring of the kernel, and a recorder process that empties it."""

    name = "ring"

    def __init__(self, wanted: Wanted) -> None:
        try:
            sock = wanted.run.carrier.open_socket(
                getattr(socket, "AF_PACKET", -1), socket.SOCK_RAW, 0
            )
        except TransportError as error:
            raise CaptureError(str(error)) from error
        try:
            self._open(wanted, sock)
        except BaseException:
            sock.close()
            raise

    def _open(self, wanted: Wanted, sock: socket.socket) -> None:
        self.interface, self.filter = LOOPBACK, ""
        self.link = interface_at(sock, self.interface)
        if wanted.network == "private":
            self.why = "the cluster's private network is all ours"
        else:
            self.why = "this user may capture the host's loopback"
            self.filter, program = _filter(wanted)
            filters.attach(sock, program)
        wanted.begin_file(self.interface, self.filter)
        self._recording = Recording(
            sock, wanted.path, self.interface, wanted.nodes, wanted.limit_bytes
        )

    def begin(self, held: Held) -> None:
        """Take packets from now on."""
        self._recording.begin()

    def stop(self, held: Held) -> None:
        """Take none any more."""
        self._recording.stop()

    def finish(self, names: Names) -> Report:
        """Finish the file, and return what became of it."""
        return self._recording.finish(names)

    def close(self) -> None:
        """End the recorder."""
        self._recording.close()


class DumpcapSource:
    """Wireshark's dumpcap, on the host's loopback."""

    name = "dumpcap"

    def __init__(self, wanted: Wanted) -> None:
        if wanted.network == "private":
            reason = "dumpcap has no way into a private network"
            raise CaptureError(reason)
        self.interface, self.link = LOOPBACK, Interface()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            self.link = interface_at(probe, self.interface)
        self.why = "dumpcap may capture the host's loopback"
        self.filter, _ = _filter(wanted)
        wanted.begin_file(self.interface, self.filter)
        (_, port), *_ = wanted.nodes
        addresses = wanted.run.addresses
        net = addresses.network.rsplit(".", 2)[0]
        free = f"{net}.255.253" if addresses.kind == "own" else "127.0.0.2"
        self._recording = DumpcapRecording(
            wanted.path, self.filter, (free, port), wanted.limit_bytes
        )

    def begin(self, held: Held) -> None:
        """Take packets from now on."""
        self._recording.begin()

    def stop(self, held: Held) -> None:
        """Take none any more."""
        self._recording.stop()

    def finish(self, names: Names) -> Report:
        """Finish the file, and return what became of it."""
        return self._recording.finish(names)

    def close(self) -> None:
        """End dumpcap."""
        self._recording.close()


class TapSource:
    """The nodes' own taps: each host notes what its nodes send, and what comes."""

    name = "tap"

    def __init__(self, wanted: Wanted) -> None:
        self.why, self._wanted = "it was asked for", wanted
        self.interface, self.filter, self.link = "", "", Interface()
        self._reports: list[TapReport] = []
        wanted.begin_file("nodes' own taps", "")
        self._folder = tempfile.TemporaryDirectory(prefix="p2pkit-tap-")

    def begin(self, held: Held) -> None:
        """Have each host note from now on, and each that is started meanwhile."""
        run = self._wanted.run
        found = held.ask("tap", *self._order())
        if len(found) < len(held.hosts):
            reason = "a host process cannot tap its nodes: end the other tap first"
            raise CaptureError(reason)
        run.on_revived.append(self._on_revived)

    def stop(self, held: Held) -> None:
        """Have them note no more."""
        run = self._wanted.run
        if self._on_revived in run.on_revived:
            run.on_revived.remove(self._on_revived)
        self._reports += [one for one in held.ask("untap") if one is not None]
        for host in range(run.carrier.hosts):
            if run.carrier.is_up(host) and host not in held.hosts:
                run.carrier.begin(host, "untap")  # it obeys when it goes on

    def finish(self, names: Names) -> Report:
        """Make packets of the notes, and return what became of them."""
        files = sorted(Path(self._folder.name).glob("*.tap"))
        census, trouble = merge(files, self._wanted.path, names)
        self.close()
        unsaved = sum(one.unsaved for one in self._reports)
        said = [trouble, *(one.trouble for one in self._reports)]
        if len(files) > len(self._reports):
            said.append(
                f"{len(files) - len(self._reports)} host processes ended or stood "
                f"still, and their notes of the last {FLUSH_S:g} s are not here"
            )
        return Report(
            seen=census.packets + unsaved,
            dropped=0,
            freezes=0,
            unsaved=unsaved,
            trouble=next(filter(None, said), ""),
            census=census,
        )

    def close(self) -> None:
        """Remove the notes."""
        self._folder.cleanup()

    def _order(self) -> tuple[str, int, str]:
        run = self._wanted.run
        limit_bytes = self._wanted.limit_bytes // run.carrier.hosts
        addresses = run.addresses
        inside = addresses.network.rsplit(".", 2)[0] + "."
        return self._folder.name, limit_bytes, inside * (addresses.kind == "own")

    def _on_revived(self, host: int) -> None:
        self._wanted.run.carrier.begin(host, "tap", *self._order())


ORDER: dict[str, Callable[[Wanted], Source]] = {
    "ring": RingSource,
    "dumpcap": DumpcapSource,
    "tap": TapSource,
}
"""The sources by name, best first."""


def open_source(wanted: Wanted, name: str) -> Source:
    """Return the source of that name; for ``auto`` the first that may capture.

    Raises
    ------
    CaptureError
        If it may not, or there is no such source.
    """
    if name != "auto":
        if name not in ORDER:
            reason = f"source is one of auto, {', '.join(ORDER)}, not {name!r}"
            raise CaptureError(reason)
        return ORDER[name](wanted)
    refusals = []
    for make in ORDER.values():
        try:
            source = make(wanted)
        except CaptureError as error:
            refusals.append(str(error))
        else:
            if refusals:
                source.why = "; ".join(refusals)
            return source
    reason = f"nobody can capture here: {'; '.join(refusals)}"
    raise CaptureError(reason)


def _filter(wanted: Wanted) -> tuple[str, filters.Program]:
    """Return what takes the cluster's packets alone, in libpcap's words and as code."""
    addresses = wanted.run.addresses
    if addresses.kind == "own":
        return f"net {addresses.network}", filters.of_network(addresses.network)
    ports = [port for _, port in wanted.nodes]
    said = " or ".join(
        f"portrange {low}-{high}" for low, high in filters.ranges_of(ports)
    )
    return f"(udp or tcp) and ({said})", filters.of_ports(ports)
