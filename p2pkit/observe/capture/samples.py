"""Samples: captures that come with the kit, for where nothing may be captured.

They are made by ``python -m p2pkit.classroom.sample_captures``.
"""

from __future__ import annotations

from pathlib import Path

from p2pkit.core import CaptureError

FOLDER = Path(__file__).parent / "sample_files"
"""Where they lie: a capture and its note each."""


def names() -> list[str]:
    """Return the names of all samples, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.pcapng"))


def path_of(name: str) -> Path:
    """Return the file of a sample.

    Raises
    ------
    CaptureError
        If there is none of that name.
    """
    if name not in names():
        reason = f"there is no sample {name!r}; there are {', '.join(names())}"
        raise CaptureError(reason)
    return FOLDER / f"{name}.pcapng"
