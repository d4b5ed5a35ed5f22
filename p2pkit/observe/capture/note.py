"""Notes beside captures: what a file of packets alone does not tell."""

from __future__ import annotations

from pathlib import Path

import msgspec

from p2pkit.core import CaptureError, Counters
from p2pkit.observe.capture.balance import Balance


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a capture; kept as JSON in a file of the same name.

    Parameters
    ----------
    source : str
        Who captured: ``ring``, ``dumpcap`` or ``tap``.
    why : str
        Why that one, as a sentence.
    balance : Balance
        Packets and datagrams, counted by everybody who saw them.
    names : dict of str to str
        ``HOST:PORT`` of every node, by name.
    ends : dict of str to str
        Names of nodes by ``HOST:PORT`` from which they opened streams, where several
        share a host.
    protocol : str
        What the nodes ran, as module and class; empty if that is not known.
    carrier : str
        ``datagram``, ``stream`` or ``both``; empty if that is not known.
    network : str
        ``host`` or ``private``.
    interface, filter : str
        Where packets were taken, and which; all if empty.
    mtu : int
        Longest IP packet of the interface in bytes; 0 if that is not known.
    offload : bool or None
        Whether the system hands TCP segments longer than that to the interface.
    clock : str
        Which clock stamped the packets.
    epoch_s : float
        When the run began, in seconds since 1970 by that clock; 0 if there was none.
    began_s, ended_s : float
        When the capture began and ended, in seconds of the run.
    before, after : dict of str to Counters
        The counters of each node at these moments, by name; nodes that could not be
        asked are left out.
    """

    source: str
    why: str
    balance: Balance
    names: dict[str, str] = {}
    ends: dict[str, str] = {}
    protocol: str = ""
    carrier: str = ""
    network: str = "host"
    interface: str = ""
    filter: str = ""
    mtu: int = 0
    offload: bool | None = None
    clock: str = "CLOCK_REALTIME, nanoseconds since 1970"
    epoch_s: float = 0.0
    began_s: float = 0.0
    ended_s: float = 0.0
    before: dict[str, Counters] = {}
    after: dict[str, Counters] = {}


def path_of_note(path: Path) -> Path:
    """Return where the note of a capture stands."""
    return path.with_suffix(".json")


def write(path: Path, note: Note) -> None:
    """Write the note of a capture beside it."""
    data = msgspec.json.format(msgspec.json.encode(note), indent=2)
    path_of_note(path).write_bytes(data + b"\n")


def read(path: Path) -> Note | None:
    """Return the note of a capture; None if there is none.

    Raises
    ------
    CaptureError
        If what stands there is none.
    """
    beside = path_of_note(path)
    try:
        return msgspec.json.decode(beside.read_bytes(), type=Note)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        reason = (
            f"{beside} is no note of a capture ({error}): rename it, or the capture, "
            "so that they do not belong together"
        )
        raise CaptureError(reason) from error
