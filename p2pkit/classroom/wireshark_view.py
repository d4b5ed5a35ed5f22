"""What Wireshark makes of a packet, as text; for shipped captures also without it."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from p2pkit.core import LabError
from p2pkit.observe.capture import samples

if TYPE_CHECKING:
    from pathlib import Path

    from p2pkit.observe.capture import Packets

LIMIT_S = 60.0
"""How long tshark may take; it starts in a second or two."""

DETAILS = "bt-dht,gnutella"
"""Dissectors whose fields are shown; of the others one line."""

STORED = samples.FOLDER / "wireshark.json"
"""What tshark said of single packets of the samples, by name and number."""


def wireshark_view(packets: Packets, index: int) -> str:
    """Return how Wireshark reads one packet, as its command line tshark prints it.

    Where tshark is not installed it is what tshark said when a shipped capture was
    made, and the first line says so.

    Raises
    ------
    LabError
        If tshark is not here, and nothing was stored about this packet.
    """
    if shutil.which("tshark"):
        return view_by_tshark(packets.path, index)
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    text = stored.get(packets.path.stem, {}).get(str(index))
    if text is None or packets.path.parent != samples.FOLDER:
        reason = (
            "tshark is not installed, and of this packet nothing was stored: install "
            "it (apt-get install tshark), or look at a packet of Packets.sample(...)"
        )
        raise LabError(reason)
    return f"(tshark is not installed here: this is what it said before)\n{text}"


def view_by_tshark(path: Path, index: int) -> str:
    """Return what tshark prints about one packet of a file.

    Raises
    ------
    LabError
        If it fails; the sentence is tshark's own.
    """
    command = ["tshark", "-n", "-r", str(path), "-Y", f"frame.number=={index + 1}"]
    done = subprocess.run(
        [*command, "-O", DETAILS],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    if done.returncode:
        reason = f"tshark could not read {path.name}: {done.stderr.strip()}"
        raise LabError(reason)
    return done.stdout.strip().removeprefix("Packet comments\n")
