"""Files: what kind of capture a file is.

Read next: ``classic.py``, ``blocks.py``.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np

from p2pkit.core import CaptureError
from p2pkit.observe.capture import blocks, classic
from p2pkit.observe.capture.records import Bytes, Records

SIGNATURE_BYTES = 4


def read_records(path: str | os.PathLike[str], most_rings: int = 0) -> Records:
    """Find the packets of a capture file: pcap or pcapng, of any byte order.

    What is readable is kept: a file that ends in the middle of a packet, or turns to
    nonsense somewhere, gives the packets before that, and says so in `Records.damage`.

    Parameters
    ----------
    path : path
        The file.
    most_rings : int
        Of a capture that goes on, how many of the last blocks of its ring are looked
        at, a megabyte each; 0 stands for all.

    Raises
    ------
    CaptureError
        If the file is empty, cannot be opened, or is no capture at all.
    """
    path = Path(path)
    data = _mapped(path)
    signature = data[:SIGNATURE_BYTES].tobytes()
    if signature == blocks.SIGNATURE:
        return blocks.read(data, path.name, most_rings)
    if signature in classic.SIGNATURES:
        return classic.read(data, path.name)
    reason = (
        f"{path.name} is no capture: it begins with {signature.hex(' ')}, which no "
        "pcap or pcapng file does"
    )
    raise CaptureError(reason)


def _mapped(path: Path) -> Bytes:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror or error}"
        raise CaptureError(reason) from error
    except ValueError as error:  # what is empty cannot be mapped
        reason = f"{path.name} is empty: nothing was captured, or not written"
        raise CaptureError(reason) from error
    return np.frombuffer(mapped, np.uint8)
