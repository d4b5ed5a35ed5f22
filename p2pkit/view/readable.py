"""Values as people read them: what stands in a node's panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from p2pkit.core import Counters, format_address, short

MOST_LINES = 400
"""Lines of a node's table that a panel shows."""

MOST_DIGITS = 15
"""Whole numbers longer than this are ids, shown by their first hex digits."""

INDENT = "  "


def readable(value: Any, depth: int = 0) -> str:
    """Return nested data as indented lines, cut where they are too many.

    Examples
    --------
    >>> links = [("127.0.0.1", 6881), ("127.0.0.2", 6881)]
    >>> buckets = [{"low": 0, "peers": ["n03", "n07"]}]
    >>> print(readable({"k": 8, "links": links, "buckets": buckets}))
    k: 8
    links:
      - 127.0.0.1:6881
      - 127.0.0.2:6881
    buckets:
      - low: 0
        peers: n03, n07
    """
    lines = list(_lines(_plain(value), depth))
    if len(lines) > MOST_LINES:
        rest = len(lines) - MOST_LINES
        lines = [*lines[:MOST_LINES], f"... and {rest:,} more lines"]
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    match value:
        case (str() as host, int() as port):
            return format_address((host, port))
    return value


def _lines(value: Any, depth: int) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(str(key), _plain(item), depth)
    elif isinstance(value, (list, tuple)) and not _is_flat(value):
        for item in value:
            first, *rest = list(_lines(_plain(item), depth + 1)) or [""]
            yield INDENT * depth + "- " + first.strip()
            yield from rest
    else:
        yield INDENT * depth + _text(value)


def _entry(key: str, item: Any, depth: int) -> Iterable[str]:
    nested = isinstance(item, (Mapping, list, tuple)) and not _is_flat(item)
    if nested and item:
        yield f"{INDENT * depth}{key}:"
        yield from _lines(item, depth + 1)
    else:
        yield f"{INDENT * depth}{key}: {_text(item)}"


def _is_flat(value: Any) -> bool:
    """Tell whether a list fits on a line: plain values, not too many."""
    if not isinstance(value, (list, tuple)):
        return False
    plain = (str, int, float, bytes, bool, type(None))
    return len(value) <= 12 and all(isinstance(item, plain) for item in value)


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return ", ".join(_text(_plain(item)) for item in value) or "none"
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 32 else f"{value[:32].hex()}..."
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    if isinstance(value, int) and len(str(abs(value))) > MOST_DIGITS:
        return short(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def counter_rows(counters: Counters) -> list[tuple[str, ...]]:
    """Return a row a message class, then what was refused and dropped."""
    kinds = dict.fromkeys([*counters.sent, *counters.received])
    rows: list[tuple[str, ...]] = [("", "sent", "received")] if kinds else []
    for kind in kinds:
        sent, received = counters.sent.get(kind), counters.received.get(kind)
        counts = (one.messages if one else 0 for one in (sent, received))
        rows.append((kind, *(f"{count:,}" for count in counts)))
    refused = [*counters.rejected.items(), *counters.dropped.items()]
    return [*rows, *((f"lost: {reason}", f"{count:,}") for reason, count in refused)]


def sighting_rows(cluster: Any, sightings: Iterable[Any]) -> list[tuple[str, ...]]:
    """Return a row a message, the latest first."""
    names = {node.address: node.name for node in cluster}
    rows: list[tuple[str, ...]] = [
        (
            f"{one.at_s:.3f} s",
            f"{one.way} {one.kind or 'message'}",
            names.get(one.peer) or format_address(one.peer),
            f"{len(one.data)} B",
        )
        for one in sightings
    ]
    return rows[::-1]
