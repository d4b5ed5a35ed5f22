"""The source lines of classes from a notebook cell, so that tracebacks show them.

A cell is no file that a host could read. Its lines stand in `linecache` of the
process that ran it; they are sent along with the class.
"""

from __future__ import annotations

import linecache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


def gather(protocol_class: type) -> dict[str, list[str]]:
    """Return the lines of each source that `protocol_class` uses and no file holds.

    Follows base classes, methods, and the functions and classes of the same module
    that they name.
    """
    lines: dict[str, list[str]] = {}
    todo: list[Any] = list(protocol_class.__mro__)
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type):
            todo += (_function_in(value) for value in vars(one).values())
            todo += one.__mro__
        elif isinstance(one, FunctionType):
            _keep(one.__code__, lines)
            todo += _named_by(one)
    return lines


def install(lines: dict[str, list[str]]) -> None:
    """Let this process's tracebacks show these lines."""
    for name, text in lines.items():
        # No time of change: `linecache` then never looks for a file of that name.
        linecache.cache[name] = (sum(map(len, text)), None, text, name)


def _function_in(value: Any) -> Any:
    if isinstance(value, (staticmethod, classmethod)):
        return value.__func__
    return value.fget if isinstance(value, property) else value


def _named_by(function: FunctionType) -> list[Any]:
    module = function.__module__
    named = (function.__globals__.get(name) for name in function.__code__.co_names)
    return [one for one in named if getattr(one, "__module__", None) == module]


def _keep(code: CodeType, lines: dict[str, list[str]]) -> None:
    name = code.co_filename
    if name not in lines and not Path(name).is_file():
        text = linecache.getlines(name)
        if text:
            lines[name] = text
