"""The kit's own code, as far as grades follow from it, in one digest.

What has been graded is kept, and used again while nothing that decides it has changed.
To err on the safe side, all code counts but what is known to decide nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from p2pkit.classroom.labs.lab import ROOM, slugs

ROOT = Path(__file__).parents[2]
"""The folder of the package."""
ASIDE = ("cli", "view")
"""Rooms that decide no grade: commands and drawings."""


@cache
def digest(slug: str, root: Path = ROOT) -> bytes:
    """Return what stands for the code by which a lab is graded.

    It is computed once in a process, in some 15 ms.

    Parameters
    ----------
    slug : str
        Which lab: the checks of others do not count.
    root : Path
        Folder of the package.
    """
    total = sha256()
    for path in _files(slug, root):
        total.update(os.path.relpath(path, root).encode())
        with open(path, "rb") as file:
            total.update(sha256(file.read()).digest())
    return total.digest()


def _files(slug: str, root: Path) -> Iterator[str]:
    labs = root.joinpath(*ROOM.split(".")[1:])
    apart = {str(root / one) for one in ASIDE}
    apart |= {str(labs / one) for one in slugs() if one != slug}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            one for one in folders if os.path.join(folder, one) not in apart
        )
        for name in sorted(files):
            path = os.path.join(folder, name)
            stem, ending = os.path.splitext(path)
            if ending == ".py" and stem not in apart:
                yield path
