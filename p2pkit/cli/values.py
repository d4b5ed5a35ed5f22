"""Values: what is typed on a command line, and what is printed as JSON.

Keys and ids are hexadecimal both ways; bytes are text where they are text.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from p2pkit.core import (
    Address,
    Contact,
    Event,
    Id,
    LocalProtocolError,
    format_address,
    parse_address,
)

ID_FIELDS = frozenset({"id", "target", "peer", "returned", "key", "infohash"})
"""Fields of events that hold ids; their types, plain numbers, do not tell."""

JSON_SAFE = 2**53
"""Beyond it a number is an id: many JSON readers would round it."""

MICROSECONDS = 6
"""Digits of times: no clock here tells more."""


def event_line(event: Event, at_s: float) -> str:
    """Return an event as one line of JSON: its name in snake case, time and fields."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(event).__name__).lower()
    return json.dumps(
        {"event": words, "at_s": round(at_s, MICROSECONDS), **_fields(event)}
    )


def to_json(value: Any) -> Any:
    r"""Return a verb's result as what JSON can say.

    Examples
    --------
    >>> to_json([Contact(1, ("127.0.0.1", 6881)), b"hello", b"\xff"])[1:]
    ['hello', {'hex': 'ff'}]
    >>> to_json(("127.0.0.1", 6881))
    '127.0.0.1:6881'
    """
    if isinstance(value, Id) or (type(value) is int and abs(value) >= JSON_SAFE):
        return Id(value).hex()
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, Contact):
        address = format_address(value.address)
        return {"id": Id(value.id).hex(), "address": address}
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if _is_address(value):
        return format_address(value)
    if isinstance(value, (list, tuple, set, frozenset, Iterator)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {_name(key): to_json(item) for key, item in value.items()}
    return value


def _fields(struct: msgspec.Struct) -> dict[str, Any]:
    found = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, float) and name.endswith("_s"):
            value = round(value, MICROSECONDS)
        found[name] = _ids(value) if name in ID_FIELDS else to_json(value)
    return found


def _ids(value: Any) -> Any:
    if isinstance(value, tuple) and not _is_address(value):
        return [_ids(item) for item in value]
    return Id(value).hex() if isinstance(value, int) else to_json(value)


def _name(key: Any) -> str:
    """Return a JSON object's key for a dictionary's."""
    said = to_json(key)
    return said if isinstance(said, str) else json.dumps(said)


def _text(value: bytes) -> Any:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}
    printable = all(letter.isprintable() or letter in "\n\t" for letter in text)
    return text if printable else {"hex": value.hex()}


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
        and ("." in value[0] or ":" in value[0])
    )


def arguments(verb: Callable[..., Any], texts: Sequence[str]) -> list[Any]:
    """Return the arguments of a method, each made of its text by its annotation.

    Raises
    ------
    LocalProtocolError
        If there are too few or too many, or one cannot be read.
    """
    parameters = list(inspect.signature(verb).parameters.values())[1:]  # not self
    needed = sum(one.default is one.empty for one in parameters)
    if not needed <= len(texts) <= len(parameters):
        words = " ".join(
            one.name.upper() if one.default is one.empty else f"[{one.name.upper()}]"
            for one in parameters
        )
        name = getattr(verb, "__name__", "the verb")
        reason = f"{name} takes {words or 'no arguments'}, not {len(texts)} arguments"
        raise LocalProtocolError(reason)
    hints = _hints(verb)
    return [
        _read(one.name, hints.get(one.name, str), text)
        for one, text in zip(parameters, texts, strict=False)
    ]


def _hints(verb: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(verb)
    except NameError as error:
        # An annotation that only type checkers import; the verb cannot be called so.
        reason = f"the verb's annotations cannot be read here: {error}"
        raise LocalProtocolError(reason) from error


def _read(name: str, hint: Any, text: str) -> Any:
    choices = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        choices = [one for one in typing.get_args(hint) if one is not type(None)]
    try:
        return _as_one_of(choices, text)
    except (ValueError, LocalProtocolError) as error:
        reason = f"{text!r} is no {name}: {error}"
        raise LocalProtocolError(reason) from error


def _as_one_of(choices: Sequence[Any], text: str) -> Any:
    if Id in choices or (int in choices and len(text) == 40):
        return _key(text)
    if int in choices:
        return int(text, 0)
    if bytes in choices:
        return _bytes(text)
    if Address in choices or any(typing.get_origin(one) is tuple for one in choices):
        return parse_address(text)
    if Contact in choices:
        return _contact(text)
    if float in choices:
        return float(text)
    if bool in choices:
        return _truth(text)
    return text


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        reason = "write true or false"
        raise ValueError(reason)
    return text.lower() == "true"


def _key(text: str) -> Id:
    digits = text.removeprefix("0x")
    if len(digits) != 40:
        reason = f"a key or id has 40 hexadecimal digits, and here are {len(digits)}"
        raise ValueError(reason)
    return Id.parse(digits)


def _bytes(text: str) -> bytes:
    if text.startswith("hex:"):
        return bytes.fromhex(text.removeprefix("hex:"))
    return text.encode()


def _contact(text: str) -> Contact:
    digits, at, address = text.partition("@")
    if not at:
        reason = "a contact is written ID@HOST:PORT, its id as 40 hexadecimal digits"
        raise ValueError(reason)
    return Contact(_key(digits), parse_address(address))


def settings(kind: type[Any], pairs: Sequence[str]) -> Any:
    """Return a protocol's settings with some changed, each given as ``NAME=VALUE``.

    Raises
    ------
    LocalProtocolError
        If a pair has no ``=``, names no setting, or its value is of a wrong type.
    """
    changes = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            reason = f"{pair!r} is no setting: write NAME=VALUE, such as k=20"
            raise LocalProtocolError(reason)
        try:
            changes[name] = json.loads(text)
        except ValueError:
            changes[name] = text
    return kind.of(**changes)
