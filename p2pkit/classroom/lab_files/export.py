"""Export: the student's code out of a notebook, cell by cell.

Only cells that are the student's to write count, and the locked cells that they need.
What a cell needs must stand in such a cell; experiments in between are the student's
own affair.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable
from typing import Any

import msgspec

from p2pkit.classroom.lab_files.marks import SETUP_TAG, marked

MAGIC = ("%", "!", "?")
"""How lines begin that are for Jupyter alone."""

MAX_NESTING = 1_000
"""Depth of a cell's syntax tree. Python reads three times as deep, less by some for
each call on its stack: what one of our readers just reads, the next one cannot."""


class Piece(msgspec.Struct, frozen=True):
    """One cell of a student's code.

    Parameters
    ----------
    grade_id : str
        The name of the cell.
    source : str
        Its code, without lines for Jupyter alone; empty if it is not Python.
    problem : str
        Why it is not Python, as a sentence; else empty.
    """

    grade_id: str
    source: str
    problem: str = ""


def export(notebook: Any) -> list[Piece]:
    """Return the student's code of a notebook, in order.

    Of cells with the same name the first counts.
    """
    pieces: dict[str, Piece] = {}
    for cell, mark in marked(notebook):
        is_setup = mark.locked and SETUP_TAG in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and (mark.solution or is_setup):
            pieces.setdefault(mark.grade_id, piece_of(mark.grade_id, cell.source))
    return list(pieces.values())


def piece_of(grade_id: str, source: str) -> Piece:
    """Return a cell's code, or why it is none."""
    lines = [
        f"# {line}" if line.lstrip().startswith(MAGIC) else line
        for line in source.split("\n")
    ]
    text = "\n".join(lines)
    try:
        _require_flat(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = getattr(error, "lineno", None)
        line = f" in line {where}" if where else ""
        said = getattr(error, "msg", None) or str(error)
        whose = grade_id if grade_id.startswith("cell ") else f"cell {grade_id}"
        return Piece(grade_id, "", f"{whose} is not Python{line}: {said}")
    return Piece(grade_id, text)


def _require_flat(tree: ast.AST) -> None:
    """Refuse code that is nested too deep.

    Raises
    ------
    RecursionError
        If it is.
    """
    level = [tree]
    for _ in range(MAX_NESTING):
        level = [part for one in level for part in ast.iter_child_nodes(one)]
        if not level:
            return
    reason = f"it is nested more than {MAX_NESTING:,} deep"
    raise RecursionError(reason)


def names_in(source: str) -> set[str]:
    r"""Return the names that a cell defines at its top.

    Examples
    --------
    >>> sorted(names_in("class Push: pass\na = b = 1"))
    ['Push', 'a', 'b']
    """
    found: set[str] = set()
    for statement in ast.parse(source).body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                names = (n for one in targets for n in ast.walk(one))
                found |= {one.id for one in names if isinstance(one, ast.Name)}
    return found


def module_text(pieces: Iterable[Piece]) -> str:
    """Return pieces as one module, each after a line that names its cell."""
    return "\n\n".join(f"# %% {one.grade_id}\n{one.source}" for one in pieces) + "\n"


def run_here(pieces: Iterable[Piece], namespace: dict[str, Any]) -> list[str]:
    """Run pieces in this process; return what went wrong, a sentence for each cell.

    For code that is trusted: solutions, stubs and wrong answers of a course.
    """
    problems = []
    for piece in pieces:
        if piece.problem:
            problems.append(piece.problem)
            continue
        name = f"<cell {piece.grade_id}>"
        lines = piece.source.splitlines(keepends=True)
        linecache.cache[name] = (len(piece.source), None, lines, name)
        try:
            exec(compile(piece.source, name, "exec"), namespace)
        except Exception as error:  # noqa: BLE001  # one broken cell, not all of them
            said = f"{type(error).__name__}: {error}"
            problems.append(f"cell {piece.grade_id} raised {said}")
    return problems
