"""The kit's own code, as far as grades follow from it, in one digest.

What has been graded is kept, and used again while nothing that decides it has changed.
To err on the safe side, all code counts but what is known to decide nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from p2pkit.classroom.labs.lab import ROOM, slugs

ROOT = Path(__file__).parents[2]
"""The folder of the package."""
LABS = ROOM.partition(".")[2].replace(".", os.sep)
"""Where in it the labs are, each a folder or a file."""
ASIDE = ("cli", "view")
"""Rooms that decide no grade: commands and drawings."""


def digest(slug: str) -> bytes:
    """Return what stands for the code by which a lab is graded."""
    return sha256(SHARED + of_lab(slug)).digest()


def of_lab(slug: str, root: Path = ROOT) -> bytes:
    """Return the digest of what only one lab is graded by: its messages and checks."""
    lab = os.path.join(root, LABS, slug)
    module = [f"{lab}.py"] if os.path.isfile(f"{lab}.py") else []
    return _of([*module, *_code_in(lab, set())], root)


def of_all_labs(root: Path = ROOT) -> bytes:
    """Return the digest of what all labs are graded by; it takes some 15 ms."""
    names = [*ASIDE, *(os.path.join(LABS, slug) for slug in slugs())]
    return _of(_code_in(str(root), {os.path.join(root, one) for one in names}), root)


def _code_in(folder: str, apart: set[str]) -> Iterator[str]:
    """Yield the files of code below a folder, without some folders and modules."""
    for here, folders, files in os.walk(folder):
        inner = (os.path.join(here, one) for one in sorted(files))
        yield from (
            one for one in inner
            if one.endswith(".py") and one.removesuffix(".py") not in apart
        )  # fmt: skip
        folders[:] = sorted(
            one for one in folders if os.path.join(here, one) not in apart
        )


def _of(paths: Iterable[str], root: Path) -> bytes:
    total = sha256()
    for path in paths:
        total.update(path.removeprefix(str(root)).encode())
        with open(path, "rb") as file:
            total.update(sha256(file.read()).digest())
    return total.digest()


# As this module is loaded, and so of the code that is loaded with it, not of what
# somebody writes while a batch goes on. Processes that are forked for it inherit it.
SHARED = of_all_labs()
