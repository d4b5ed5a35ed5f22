"""How a cheat is made: from the honest solution of lab 1, by a few changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from p2pkit.classroom.lab_files import Course, released

COURSE = Course(Path(__file__).parents[3] / "labs")
SLUG = "lab1_gossip"
SOURCE = COURSE.source(SLUG)

HONEST = {"1.2": 5.0}
"""What a check is worth that takes few processes: most cheats are examined by it."""
NOTHING = {"1.2": 0.0}

Change = Callable[[Any], None]


@dataclass(frozen=True)
class Cheat:
    """A dishonest or broken submission.

    `data` is the file that is handed in, `earns` the points its honest part is worth,
    by check, and `named` what the report must say of it.
    """

    name: str
    data: bytes
    earns: dict[str, float]
    named: str
    checks: tuple[str, ...] = field(default=())
    slug: str = SLUG

    def __str__(self) -> str:
        return self.name


def bytes_of(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()  # as it is, and valid or not


def solved(slug: str = SLUG) -> Any:
    """The released notebook, with every answer as in the source."""
    source = SOURCE if slug == SLUG else COURSE.source(slug)
    notebook = released(source)
    for theirs, ours in zip(notebook.cells, source.cells, strict=True):
        if theirs.metadata.get("nbgrader", {}).get("solution"):
            theirs.source = ours.source
    return notebook


def stub() -> Any:
    """The released notebook, as nobody ever touched it."""
    return released(SOURCE)


def cell(notebook: Any, name: str) -> Any:
    return next(
        one
        for one in notebook.cells
        if one.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def checks_of(notebook: Any) -> list[Any]:
    return [
        one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade")
    ]


def put(notebook: Any, source: str, before: str = "push") -> None:
    """Add a cell of the student's own."""
    place = notebook.cells.index(cell(notebook, before))
    notebook.cells.insert(place, new_code_cell(source))


def cheat(
    name: str,
    start: Any,
    change: Change,
    earns: dict[str, float],
    named: str,
) -> Cheat:
    notebook = deepcopy(start)
    change(notebook)
    return Cheat(name, bytes_of(notebook), earns, named, tuple(earns))


def code(
    name: str,
    source: str,
    earns: dict[str, float],
    named: str,
    where: str = "prediction-1",
    start: Any = None,
) -> Cheat:
    """A cheat that writes some code where an answer belongs."""

    def change(notebook: Any) -> None:
        cell(notebook, where).source = source

    return cheat(name, solved() if start is None else start, change, earns, named)


def in_push(name: str, line: str, earns: dict[str, float], named: str) -> Cheat:
    """A cheat that puts a line before the honest ones of `Push.receive`."""

    def change(notebook: Any) -> None:
        one = cell(notebook, "push")
        head = "    def receive(self, sender, message):\n"
        assert head in one.source
        body = "".join(f"        {part}\n" for part in line.split("\n"))
        one.source = one.source.replace(head, head + body)

    return cheat(name, solved(), change, earns, named)
