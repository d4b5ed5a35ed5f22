"""Live: packets of what already runs on this machine's loopback, told by its ports.

Nobody counts there but the kernel, so the balance is the kernel's alone.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from p2pkit.core import CaptureError
from p2pkit.net.refusals import open_socket
from p2pkit.observe.capture import filters, pcapng
from p2pkit.observe.capture.balance import weigh
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.interface import interface_at
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.packets import Packets
from p2pkit.observe.capture.place import claimed
from p2pkit.observe.capture.recording import Recording
from p2pkit.observe.capture.telling import tell

LOOPBACK = "lo"


@contextmanager
def capture_ports(
    path: str | os.PathLike[str],
    ports: Iterable[int],
    *,
    limit_bytes: int,
    overwrite: bool = False,
) -> Iterator[Packets]:
    """Capture what goes from and to some ports of loopback while the block runs.

    Parameters
    ----------
    path : path
        The file, as pcapng, with a note of the same name beside it.
    ports : iterable of int
        UDP and TCP ports, at least one.
    limit_bytes : int
        How long the file may get while packets come.
    overwrite : bool
        Whether the capture may replace a file that is there, and its note.

    Raises
    ------
    CaptureError
        If this user may not capture, or the file cannot be written or is there already.
    """
    packets, taken = Packets(path), sorted(set(ports))
    said = " or ".join(f"port {port}" for port in taken)
    with claimed(packets.path, overwrite=overwrite), ExitStack() as undone:
        sock = undone.enter_context(_packet_socket())
        link = interface_at(sock, LOOPBACK)
        filters.attach(sock, filters.of_ports(taken))
        _begin_file(packets.path, said)
        recording = Recording(sock, packets.path, LOOPBACK, {}, limit_bytes)
        undone.callback(recording.close)
        recording.begin()
        undone.pop_all()
    try:
        yield packets
        recording.stop()
        report = recording.finish(Names())
    finally:
        recording.close()
    found = Note(
        source="ring",
        why="this user may capture the host's loopback",
        balance=weigh(report, {}, {}, set()),
        interface=LOOPBACK,
        filter=said,
        mtu=link.mtu,
        offload=link.offload,
    )
    tell(packets, found)


def _begin_file(path: Path, taken: str) -> None:
    try:
        path.write_bytes(pcapng.section() + pcapng.interface(LOOPBACK, taken=taken))
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        raise CaptureError(reason) from error


def _packet_socket() -> socket.socket:
    family = getattr(socket, "AF_PACKET", None)
    if family is None:
        reason = "this system has no packet sockets: they are Linux's"
        raise CaptureError(reason)
    try:
        return open_socket(family, socket.SOCK_RAW)
    except OSError as error:
        reason = (
            f"packet socket refused: {error.strerror}. What runs already can only be "
            "captured with rights; a cluster of its own can without, as in "
            "p2pkit capture kademlia"
        )
        raise CaptureError(reason) from error
