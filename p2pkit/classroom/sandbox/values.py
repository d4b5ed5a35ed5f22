"""Plain values and the lab's messages, as bytes that are safe to read.

What comes back is made anew from exact built-in types and from classes the reader
names: no subclass, no overridden comparison and no method of the writer's survives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.msgpack import Ext

MAX_DEPTH = 24
MAX_ENTRIES = 10_000
"""Entries of a dictionary or a set: keys that collide cost their number squared."""
MAX_INTEGER_BYTES = 512
"""Room for any id, and far from what would keep the reader busy."""


class Code:
    """Marks of what msgpack has no form for, or only one that loses the type."""

    TUPLE = 1
    SET = 2
    FROZENSET = 3
    INTEGER = 4
    STRUCT = 5
    DICT = 6


_encode = msgspec.msgpack.Encoder().encode


class NotPlain(TypeError):
    """A value cannot be handed over: the sentence says why."""


def dump(value: Any) -> bytes:
    """Return the bytes of a plain value.

    Parameters
    ----------
    value : object
        None, bool, int, float, str, bytes, lists, tuples, sets, dictionaries, and
        structs of msgspec; of subclasses of these, only the plain part is kept.

    Raises
    ------
    NotPlain
        If it is, or holds, anything else, is too deep, or has too many parts.

    Examples
    --------
    >>> load(dump({"ids": (1, 2**200), "seen": {b"x"}}))
    {'ids': (1, 1606938044258990275541962092341162602522202993782792835301376), \
'seen': {b'x'}}
    """
    try:
        return _encode(_flat(value, MAX_DEPTH))
    except (UnicodeEncodeError, msgspec.MsgspecError, RecursionError) as error:
        reason = f"it cannot be handed over: {error}"
        raise NotPlain(reason) from None


def load(data: bytes, known: Iterable[type] = ()) -> Any:
    """Return the value in `data`, whose structs must be of the classes `known`.

    Raises
    ------
    NotPlain
        If the bytes are none that `dump` writes, or break one of its bounds.
    """
    classes = {one.__name__: one for one in known}
    try:
        return _load(data, classes, MAX_DEPTH)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotPlain(str(error)) from None


def _flat(value: Any, depth: int) -> Any:
    if depth == 0:
        reason = f"it is nested more than {MAX_DEPTH} deep"
        raise NotPlain(reason)
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return _flat_int(value)
    if kind is list:
        return [_flat(one, depth - 1) for one in value]
    for base, write in _WRITERS.items():
        if isinstance(value, base):
            return write(value, depth - 1)
    name = clipped_name(kind)
    reason = f"a {name} cannot be handed over: return plain values"
    raise NotPlain(reason)


def clipped_name(kind: type) -> str:
    """Return a class's name, as much of it as a sentence can bear."""
    return str(kind.__name__)[:60]


def _flat_int(value: int) -> Any:
    if -(1 << 63) <= value < 1 << 64:
        return value
    length = value.bit_length() // 8 + 1
    if length > MAX_INTEGER_BYTES:
        reason = f"a number of {length} bytes is longer than {MAX_INTEGER_BYTES}"
        raise NotPlain(reason)
    return Ext(Code.INTEGER, value.to_bytes(length, "big", signed=True))


def _many(code: int) -> Callable[[Any, int], Ext]:
    def write(value: Any, depth: int) -> Ext:
        return Ext(code, _encode([_flat(one, depth) for one in value]))

    return write


def _dict(value: Any, depth: int) -> Ext:
    pairs = [[_flat(one, depth), _flat(it, depth)] for one, it in value.items()]
    return Ext(Code.DICT, _encode(pairs))


def _struct(value: Any, depth: int) -> Ext:
    kind = type(value)
    fields = [_flat(getattr(value, one), depth) for one in kind.__struct_fields__]
    return Ext(Code.STRUCT, _encode([kind.__name__, *fields]))


_WRITERS: dict[type, Callable[[Any, int], Any]] = {
    # bool is final, and an enum of numbers or words is what it is worth.
    int: lambda value, _: _flat_int(int(value)),
    float: lambda value, _: float(value),
    str: lambda value, _: str(value),
    bytes: lambda value, _: bytes(value),
    bytearray: lambda value, _: bytes(value),
    list: lambda value, depth: [_flat(one, depth) for one in value],
    tuple: _many(Code.TUPLE),
    frozenset: _many(Code.FROZENSET),
    set: _many(Code.SET),
    dict: _dict,
    msgspec.Struct: _struct,
}


def _load(data: bytes, classes: Mapping[str, type], depth: int) -> Any:
    def hook(code: int, inner: memoryview) -> Any:
        return _extended(code, bytes(inner), classes, depth - 1)

    return msgspec.msgpack.decode(data, ext_hook=hook)


def _extended(code: int, data: bytes, classes: Mapping[str, type], depth: int) -> Any:
    if depth <= 0:
        reason = f"it is nested more than {MAX_DEPTH} deep"
        raise NotPlain(reason)
    if code == Code.INTEGER and len(data) <= MAX_INTEGER_BYTES:
        return int.from_bytes(data, "big", signed=True)
    parts = _load(data, classes, depth)
    if type(parts) is not list or len(parts) > MAX_ENTRIES:
        reason = f"not a list, or one of more than {MAX_ENTRIES}"
        raise NotPlain(reason)
    match code:
        case Code.TUPLE:
            return tuple(parts)
        case Code.SET:
            return set(parts)
        case Code.FROZENSET:
            return frozenset(parts)
        case Code.STRUCT:
            return _made(classes, *parts)
        case Code.DICT:
            return dict(parts)
    reason = f"no value is written with the code {code}"
    raise NotPlain(reason)


def _made(classes: Mapping[str, type], name: Any = None, *fields: Any) -> Any:
    kind: Any = classes.get(name) if type(name) is str else None
    if kind is None:
        reason = f"no class of the lab is called {str(name)[:60]}"
        raise NotPlain(reason)
    names = kind.__struct_fields__
    if len(fields) != len(names):
        reason = f"a {name} has {len(names)} fields, not {len(fields)}"
        raise NotPlain(reason)
    return msgspec.convert(dict(zip(names, fields, strict=True)), kind)
