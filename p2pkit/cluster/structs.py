"""Message and settings classes from a cell, on their way to another process.

cloudpickle makes a class again as an empty shell and fills it afterwards; a msgspec
struct takes its fields only when it is made. So structs that no module holds travel
here as their fields and their configuration, and get their methods afterwards.

A class that travels there and back is itself again: each has a number, and a process
remembers the classes that it has made or sent.
"""

from __future__ import annotations

import inspect
import io
import sys
import uuid
import weakref
from operator import attrgetter
from types import FunctionType
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # ships no types
import msgspec

StructMeta = type(msgspec.Struct)
CONFIG = (
    "frozen", "eq", "order", "array_like", "gc", "repr_omit_defaults", "omit_defaults",
    "forbid_unknown_fields", "weakref", "dict", "cache_hash", "tag", "tag_field",
)  # fmt: skip
"""What `msgspec.defstruct` takes and a struct class tells about itself."""

_numbers: weakref.WeakKeyDictionary[type, str] = weakref.WeakKeyDictionary()
_classes: weakref.WeakValueDictionary[str, type] = weakref.WeakValueDictionary()


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # ships no types
    """cloudpickle, and struct classes from a cell."""

    def reducer_override(self, value: Any) -> Any:
        """Say how to make `value` again, where we know better."""
        if type(value) is StructMeta and not _is_importable(value):
            return _reduce(value)
        return super().reducer_override(value)


def dumps(value: Any) -> bytes:
    """Pickle a value; what no module holds goes by value."""
    with io.BytesIO() as file:
        Pickler(file).dump(value)
        return file.getvalue()


def _is_importable(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    if module is None or kind.__module__ == "__main__":
        return False
    try:
        return attrgetter(kind.__qualname__)(module) is kind
    except AttributeError:
        return False


def _reduce(kind: Any) -> tuple[Any, ...]:
    number = _numbers.get(kind)
    if number is None:
        number = _numbers[kind] = uuid.uuid4().hex
        _classes[number] = kind
    own = vars(kind).get("__annotations__", {})
    infos = [one for one in msgspec.structs.fields(kind) if one.name in own]
    options = {name: getattr(kind.__struct_config__, name) for name in CONFIG}
    options["rename"] = {one.name: one.encode_name for one in infos}
    options["module"] = kind.__module__
    options["kw_only"] = _is_kw_only(kind, own)
    names = {one.name for one in infos}
    extras = {
        name: value
        for name, value in vars(kind).items()
        if name not in names and _is_extra(name, value)
    }
    fields = [_field(one) for one in infos]
    made_of = (number, kind.__qualname__, kind.__bases__, fields, options)
    return _make, made_of, extras, None, None, _fill


def _field(info: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
    if info.default_factory is not msgspec.NODEFAULT:
        default = msgspec.field(default_factory=info.default_factory)
        return info.name, info.type, default
    if info.default is not msgspec.NODEFAULT:
        return info.name, info.type, info.default
    return info.name, info.type


def _is_kw_only(kind: type, own: dict[str, Any]) -> bool:
    parameters = inspect.signature(kind).parameters.values()
    return any(one.kind is one.KEYWORD_ONLY for one in parameters if one.name in own)


def _is_extra(name: str, value: Any) -> bool:
    if isinstance(value, (FunctionType, classmethod, staticmethod, property)):
        return True
    return name == "__doc__" or not name.startswith("__")


def _make(
    number: str,
    name: str,
    bases: tuple[type, ...],
    fields: list[tuple[Any, ...]],
    options: dict[str, Any],
) -> type:
    known = _classes.get(number)
    if known is not None:
        return known
    kind = msgspec.defstruct(name.rpartition(".")[2], fields, bases=bases, **options)
    kind.__qualname__ = name
    _classes[number] = kind
    _numbers[kind] = number
    return kind


def _fill(kind: type, extras: dict[str, Any]) -> None:
    for name, value in extras.items():
        if vars(kind).get(name) is not value:
            setattr(kind, name, value)
