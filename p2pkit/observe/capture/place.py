"""Places: where a capture may be written without harm to what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from p2pkit.core import CaptureError
from p2pkit.observe.capture.note import path_of_note


def require_place(path: Path, *, overwrite: bool) -> None:
    """Refuse a place where something else would be lost.

    Parameters
    ----------
    path : Path
        Where a capture is to stand, and its note beside it.
    overwrite : bool
        Whether what stands there may go.

    Raises
    ------
    CaptureError
        If there is something, or if capture and note would be one file.
    """
    note = path_of_note(path)
    if path == note:
        reason = (
            f"{path} is where the capture's note would stand, over the packets: give "
            "a name that ends in .pcapng"
        )
        raise CaptureError(reason)
    there = [] if overwrite else [one for one in (path, note) if os.path.lexists(one)]
    if there:
        reason = (
            f"{there[0]} is there already, and a capture would replace it: give "
            "another name; or allow it by overwrite=True, on the command line by "
            "--overwrite"
        )
        raise CaptureError(reason)


@contextmanager
def claimed(path: Path, *, overwrite: bool) -> Iterator[None]:
    """Hold a place while the block begins a capture there; give it back if it fails.

    Parameters
    ----------
    path, overwrite
        As for `require_place`; folders are made.

    Raises
    ------
    CaptureError
        As `require_place`, or if the file cannot be made.
    """
    require_place(path, overwrite=overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not os.path.lexists(path)
        if is_new:
            path.open("xb").close()
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        raise CaptureError(reason) from error
    try:
        yield
    except BaseException:
        if is_new:
            path.unlink(missing_ok=True)
        raise
