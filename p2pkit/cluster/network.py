"""Whether this machine gives a cluster a private network, and sockets inside it."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys

from p2pkit.core import TransportError
from p2pkit.core.interpreter import command
from p2pkit.net.namespace import UNSHARE, NetworkRefused, enter_private_network
from p2pkit.net.refusals import open_socket

CHILD, PACKETS, RAW = "child process", "packet socket", "raw socket"
"""Steps beside those into it: what tries them, and what a private network is for."""
PROBE_S = 20.0
"""How long the probe may take; it takes about 0.2 s."""


def why_no_private_network() -> NetworkRefused | None:
    """Try all of it in a child: return where it was refused, None if nowhere.

    It is tried and not looked up: what a setting means differs between systems.
    """
    if sys.platform != "linux":
        return NetworkRefused(UNSHARE, errno.ENOSYS)
    try:
        done = subprocess.run(
            command("p2pkit.cluster.network"),
            capture_output=True,
            timeout=PROBE_S,
            check=True,
        )
        said = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return NetworkRefused(CHILD, errno.ECHILD)
    return NetworkRefused(said["step"], said["errno"]) if said else None


def main() -> None:
    """Go in, try what the room is for, and say as JSON what was refused."""
    said = {}
    try:
        enter_private_network()
        _try_sockets()
    except NetworkRefused as error:
        said = {"step": error.step, "errno": error.number}
    sys.stdout.write(json.dumps(said))


def _try_sockets() -> None:
    kinds = {
        PACKETS: (socket.AF_PACKET, socket.SOCK_RAW, 0),
        RAW: (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
    }
    for step, kind in kinds.items():
        try:
            open_socket(*kind).close()
        except OSError as error:
            raise NetworkRefused(step, error.errno or errno.EPERM) from error


def socket_refused(family: int, error: OSError) -> TransportError:
    """Return the sentence for a socket that the system does not give."""
    packets = family == getattr(socket, "AF_PACKET", None)
    what = "packet socket" if packets else "socket"
    sentence = f"no {what} here: {error.strerror or error}"
    if error.errno in (errno.EPERM, errno.EACCES):
        sentence += (
            ". It takes rights on this machine, and none in a cluster with "
            'network="private": see p2pkit doctor'
        )
    return TransportError(sentence)
