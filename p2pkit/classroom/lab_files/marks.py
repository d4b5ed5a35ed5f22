"""Marks: which cells of a lab are locked, graded or the student's to write.

They are nbgrader's cell metadata, schema 3, so that labs open in nbgrader as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any

import msgspec

SCHEMA_VERSION = 3
SETUP_TAG = "setup"
"""Tag of a locked cell that the student's code needs, such as the imports."""


class Mark(msgspec.Struct, frozen=True):
    """What a cell of a lab is.

    Parameters
    ----------
    grade_id : str
        Its name, unique in the notebook.
    grade : bool
        Whether it earns points.
    solution : bool
        Whether it is the student's to write.
    locked : bool
        Whether it is nobody's to change.
    points : float
        What it is worth, if it earns points.
    checksum : str
        Of the cell as it was released; empty in a source.
    """

    grade_id: str
    grade: bool = False
    solution: bool = False
    locked: bool = False
    points: float = 0.0
    checksum: str = ""

    @property
    def is_fixed(self) -> bool:
        """Whether the cell must be as it was released."""
        return not self.solution and (self.grade or self.locked)

    def metadata(self) -> dict[str, Any]:
        """Return it as nbgrader keeps it."""
        found: dict[str, Any] = {
            "grade": self.grade, "grade_id": self.grade_id, "locked": self.locked,
            "schema_version": SCHEMA_VERSION, "solution": self.solution, "task": False,
        }  # fmt: skip
        if self.grade:
            found["points"] = self.points
        if self.checksum:
            found["checksum"] = self.checksum
        return found


def mark_of(cell: Mapping[str, Any]) -> Mark | None:
    """Return the mark of a cell; None for one that the student has added, or prose.

    What a submission says there may be anything: what does not fit is no mark.
    """
    try:
        mark = msgspec.convert(cell["metadata"]["nbgrader"], Mark, strict=False)
    except (KeyError, TypeError, msgspec.ValidationError):
        return None
    return mark if mark.grade or mark.solution or mark.locked else None


def marked(notebook: Any) -> Iterator[tuple[Any, Mark]]:
    """Yield the cells of a notebook that have a mark, with it, in order."""
    for cell in notebook.cells:
        mark = mark_of(cell)
        if mark is not None:
            yield cell, mark


def checksum_of(cell: Mapping[str, Any], mark: Mark) -> str:
    """Return the checksum of a cell, the same as nbgrader's."""
    parts = [cell["source"], cell["cell_type"], mark.grade, mark.solution]
    parts += [mark.is_fixed, mark.grade_id]
    if mark.grade:
        parts.append(float(mark.points))
    text = "".join(str(part) for part in parts)
    # Against slips, not against attacks: who grades restores the cell anyway.
    return md5(text.encode(), usedforsecurity=False).hexdigest()
