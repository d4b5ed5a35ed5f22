"""Cells as a child runs them: source text with a number and a title."""

from __future__ import annotations
import __future__

import linecache
from types import CodeType

import msgspec

FUTURE_FLAGS = sum(
    getattr(__future__, name).compiler_flag for name in __future__.all_feature_names
)


class Cell(msgspec.Struct, frozen=True):
    """A code cell of a notebook.

    Parameters
    ----------
    number : int
        Its place among the notebook's cells, from 1.
    title : str
        What to call it: ``cell 7, exercise 1.2``.
    source : str
        Its text, without magics.
    """

    number: int
    title: str
    source: str


def compiled(cell: Cell, flags: int = 0) -> tuple[CodeType, int]:
    """Compile a cell as a notebook would; tracebacks then show its lines.

    Parameters
    ----------
    cell : Cell
        What to compile.
    flags : int
        Of the cells before it: ``from __future__`` holds for all that follow.

    Returns
    -------
    code, flags
        Its code, and the flags for the next cell.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If the text is no Python, or is meant to hurt a compiler.
    """
    name = f"<{cell.title}>"
    lines = cell.source.splitlines(keepends=True)
    # No time of change: `linecache` then never looks for a file of that name.
    linecache.cache[name] = (len(cell.source), None, lines, name)
    code = compile(cell.source, name, "exec", flags, dont_inherit=True)
    return code, flags | code.co_flags & FUTURE_FLAGS
