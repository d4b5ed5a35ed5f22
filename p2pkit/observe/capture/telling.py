"""Telling: what a capture says when it has ended, and where it stays to be read."""

from __future__ import annotations

import sys

from p2pkit.observe.capture import note as notes
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.packets import Packets


def tell(packets: Packets, note: Note) -> None:
    """Keep the note of a capture, beside it too, and print its balance in a line."""
    packets.note = note
    said = f"{note.source} ({note.why}): {note.balance}"
    try:
        notes.write(packets.path, note)
    except OSError as error:
        said += f"; the note beside it could not be written: {error.strerror}"
    sys.stdout.write(said + "\n")
