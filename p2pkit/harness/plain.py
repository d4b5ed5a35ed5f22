"""Plain values: what crosses between code that is examined and who examines it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from p2pkit.core import LabError

MOST_ITEMS = 100_000
"""Values in one answer at most: an answer is a number or a small table."""

MOST_DEPTH = 16

_ATOMS: tuple[type[Any], ...] = (bool, int, float, str, bytes)


def plain(value: Any) -> Any:
    """Return a value rebuilt of built-in types: what a program says, and no more.

    A subclass of ``int`` may compare as it likes; what comes out of here compares as
    numbers do. Tuples become lists and sets sorted lists, so that it is the same
    whether an answer came from this process or from another one. Messages stay as
    they are.

    Raises
    ------
    LabError
        If there is anything else in it, or too much.

    Examples
    --------
    >>> plain({"heard": (3, 1), "who": {b"b", b"a"}})
    {'heard': [3, 1], 'who': [b'a', b'b']}
    """
    return _Rebuilding().of(value, 0)


class _Rebuilding:
    """One answer on its way, and how much of it there was so far."""

    def __init__(self) -> None:
        self.items = 0

    def of(self, value: Any, depth: int) -> Any:
        self.items += 1
        if self.items > MOST_ITEMS or depth > MOST_DEPTH:
            reason = f"an answer has at most {MOST_ITEMS:,} values, {MOST_DEPTH} deep"
            raise LabError(reason)
        if value is None or isinstance(value, msgspec.Struct):
            return value
        for atom in _ATOMS:
            if isinstance(value, atom):
                return atom(value)
        if isinstance(value, (list, tuple)):
            return [self.of(one, depth + 1) for one in value]
        if isinstance(value, (set, frozenset)):
            return sorted((self.of(one, depth + 1) for one in value), key=repr)
        if isinstance(value, Mapping):
            return {
                _hashable(self.of(key, depth + 1)): self.of(one, depth + 1)
                for key, one in value.items()
            }
        if hasattr(value, "item") and not hasattr(value, "__len__"):
            return self.of(value.item(), depth + 1)  # a number of numpy's
        reason = (
            f"an answer is made of numbers, text, bytes, lists and dicts, not of "
            f"{type(value).__name__}: give the value itself"
        )
        raise LabError(reason)


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key
