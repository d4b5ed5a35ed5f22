"""Restoring: a submission's notebook, with everything that is the lab's as released.

What a cell is, is said by the source of the lab. What a submission says in its
metadata is only used to find the cell: by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import msgspec

from p2pkit.classroom.grading.reading import Unreadable
from p2pkit.classroom.grading.slicing import needed
from p2pkit.classroom.lab_files.export import piece_of
from p2pkit.classroom.lab_files.marks import SETUP_TAG, Mark, mark_of
from p2pkit.classroom.sandbox.cells import Cell

LEAST_SHARE = 0.5
"""Share of a lab's answers, by name, that make a notebook one of that lab."""
OTHER_LAB = re.compile(r"\blab\d+_[a-z_]+\b")
SUSPICIOUS = ("NBVAL_SKIP", "NBVAL_IGNORE_OUTPUT", "NBVAL_RAISES_EXCEPTION")
PRYING = re.compile(
    r"\b(__globals__|__subclasses__|_getframe|f_back|get_objects|_lab|judge|ctypes"
    r"|p2pkit\.classroom\.(?:grading|sandbox|lab_files)|sys\.modules"
    r"|(?:from|import)\s+p2pkit\.classroom\.labs\.\w+\.\w+)\b"
)
"""What no lab needs, and who looks for the kit's own solutions does."""
SUSPICIOUS_TAGS = {"raises-exception", "nbval-skip", "nbval-ignore-output"}


class Restored(msgspec.Struct):
    """What is left of a submission when all that is the lab's is as released.

    Parameters
    ----------
    notebook : notebook
        The whole of it, for a run as a notebook.
    cells : list of Cell
        The student's code, and what it needs of the lab's, in the order of running.
    notes : list of str
        What was edited, missing, twice there, or strange.
    """

    notebook: Any
    cells: list[Cell]
    notes: list[str]


class _Place(msgspec.Struct):
    """A cell of the submission, and what the source says of it."""

    number: int
    cell: Any
    name: str = ""
    mark: Mark | None = None
    was_missing: bool = False

    @property
    def title(self) -> str:
        if self.was_missing:
            return f"the lab's cell {self.name}"
        return (
            f"cell {self.number}, {self.name}" if self.name else f"cell {self.number}"
        )


def restored(submitted: Any, released: Any, slug: str) -> Restored:
    """Restore a submission by the notebook that its student was given.

    Parameters
    ----------
    submitted : notebook
        What was handed in.
    released : notebook
        What was released to this student.
    slug : str
        Of which lab that is.

    Raises
    ------
    Unreadable
        If it is of another lab, or of none.
    """
    notes: list[str] = []
    originals = {mark.grade_id: (cell, mark) for cell, mark in _marked(released)}
    places = [
        _Place(number, deepcopy(cell), *_known(cell, originals))
        for number, cell in enumerate(submitted.cells, start=1)
    ]
    _require_lab(places, originals, slug)
    _note_strange(places, notes)
    _note_order(places, list(originals), notes)
    _restore_fixed(places, originals, notes)
    notebook = deepcopy(released)
    notebook.cells = [one.cell for one in places]
    return Restored(notebook, _code(places, notes), notes)


def _marked(notebook: Any) -> Iterable[tuple[Any, Mark]]:
    for cell in notebook.cells:
        mark = mark_of(cell)
        if mark is not None:
            yield cell, mark


def _known(
    cell: Any, originals: dict[str, tuple[Any, Mark]]
) -> tuple[str, Mark | None]:
    mark = mark_of(cell)
    if mark is None or mark.grade_id not in originals:
        return "", None
    original, truth = originals[mark.grade_id]
    return (
        (mark.grade_id, truth) if cell.cell_type == original.cell_type else ("", None)
    )


def _require_lab(
    places: list[_Place], originals: dict[str, tuple[Any, Mark]], slug: str
) -> None:
    """Refuse a notebook that is not of this lab: labs share names of cells."""
    answers = {name for name, (_, mark) in originals.items() if mark.solution}
    found = answers & {one.name for one in places}
    text = "\n".join(one.cell.source for one in places)
    labs = set(OTHER_LAB.findall(text))
    enough = 1 if slug in labs else LEAST_SHARE * len(answers)
    if len(found) < enough or (labs and slug not in labs):
        reason = f"it is no notebook of this lab, {slug}: its cells are not there"
        raise Unreadable(reason)


def _note_order(places: list[_Place], names: list[str], notes: list[str]) -> None:
    order = [names.index(one.name) for one in places if one.name]
    if order != sorted(order):
        notes.append("the lab's cells stand in another order; they ran in theirs")


def _restore_fixed(
    places: list[_Place], originals: dict[str, tuple[Any, Mark]], notes: list[str]
) -> None:
    """Put the lab's own cells back as they were, and those that are missing in."""
    seen: dict[str, int] = {}
    for place in places:
        if place.mark is None:
            continue
        seen[place.name] = seen.get(place.name, 0) + 1
        original, mark = originals[place.name]
        if mark.is_fixed:
            if place.cell.source.strip() != original.source.strip():
                notes.append(f"{place.title} had been edited; it was restored")
            place.cell = deepcopy(original)
    for name, count in seen.items():
        if count > 1:
            notes.append(f"cell {name} is there {count} times; all ran, in their order")
    after = 0
    for name, (original, mark) in originals.items():
        where = [i for i, one in enumerate(places) if one.name == name]
        if where:
            after = where[0] + 1
            continue
        kind = "the lab's own; it was put back" if mark.is_fixed else "an answer"
        notes.append(f"cell {name} is missing: {kind}")
        if mark.is_fixed:
            number = len(places) + 1  # beyond all that were handed in
            places.insert(after, _Place(number, deepcopy(original), name, mark, True))
            after += 1


def _note_strange(places: list[_Place], notes: list[str]) -> None:
    """Note what would trick a runner of notebooks; here it does nothing."""
    for place in places:
        tags = place.cell.metadata.get("tags", ())
        found = {str(tag) for tag in tags} & SUSPICIOUS_TAGS
        found |= {word for word in SUSPICIOUS if word in place.cell.source}
        if found:
            said = ", ".join(sorted(found))
            notes.append(f"{place.title} is marked {said}, which changes nothing")
            place.cell.metadata.pop("tags", None)
        if place.mark is None or not place.mark.is_fixed:
            pried = sorted(set(PRYING.findall(place.cell.source)))
            if pried and place.cell.cell_type == "code":
                said = ", ".join(pried)
                notes.append(f"{place.title} has {said} in it: read what it does")
        mark = mark_of(place.cell)
        if mark is not None and place.mark is None:
            said = mark.grade_id[:60]
            notes.append(f"{place.title} claims to be {said!r}, which this lab has not")


def _code(places: list[_Place], notes: list[str]) -> list[Cell]:
    """Return the code that counts: the lab's first cells, then the student's."""
    setup, answers, extra = [], [], []
    for place in places:
        if place.cell.cell_type != "code":
            continue
        if place.mark is None:
            extra.append(place)
        elif place.mark.solution:
            answers.append(place)
        elif SETUP_TAG in place.cell.metadata.get("tags", ()):
            setup.append(place)
    cells = {}
    for place in [*setup, *answers, *extra]:
        piece = piece_of(place.title, place.cell.source)
        if piece.source not in ("", place.cell.source):
            notes.append(f"{place.title} has lines for Jupyter alone; they do nothing")
        if piece.problem:
            notes.append(piece.problem)
        else:
            cells[place.title] = Cell(place.number, place.title, piece.source)
    lab = [cells[one.title] for one in [*setup, *answers] if one.title in cells]
    own = [cells[one.title] for one in extra if one.title in cells]
    cut = needed([one.source for one in own], [one.source for one in lab])
    for cell, source in zip(own, cut, strict=True):
        cells[cell.title] = Cell(cell.number, cell.title, source)
    first = [cells[one.title] for one in setup]
    rest = [
        cells[one.title] for one in places if one.title in cells and one not in setup
    ]
    return first + [one for one in rest if one.source.strip()]
