"""Traces: all events of a run, in order, bounded, comparable to the byte."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from p2pkit.core import Event, Record

if TYPE_CHECKING:
    import pandas as pd

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_WIDE = 1  # msgpack extension type of a whole number beyond 64 bits


class Trace:
    """The records of one run, oldest first.

    Parameters
    ----------
    limit : int
        Records kept at most, at least 1. Beyond it the oldest are let go; `let_go`
        counts them, and `digest` still covers them.

    Examples
    --------
    >>> from p2pkit.core import Joined
    >>> trace = Trace(limit=2)
    >>> for second in range(3):
    ...     trace.append(Record(second, "n00", Joined(neighbors=second)))
    >>> trace
    <Trace: 2 records, 1 older let go>
    >>> [record.event.neighbors for record in trace.of(Joined)]
    [1, 2]
    """

    def __init__(self, limit: int = 200_000) -> None:
        if limit < 1:
            reason = f"a trace keeps at least 1 record, not {limit}"
            raise ValueError(reason)
        self.limit, self.let_go = limit, 0
        self._records: deque[Record] = deque()
        self._gone = hashlib.sha256()

    def append(self, record: Record) -> None:
        """Add one record."""
        if len(self._records) >= self.limit:
            self._gone.update(canonical(self._records.popleft()))
            self.let_go += 1
        self._records.append(record)

    def of(self, *types: type[Event]) -> list[Record]:
        """Return the records whose event is one of these types."""
        return [record for record in self if isinstance(record.event, types)]

    def digest(self) -> str:
        """Return the SHA-256 over every record appended so far, in hexadecimal.

        Two runs that saw the same events at the same times in the same order have
        the same digest, whatever their `limit`. Costs about 10 us an event.
        """
        digest = self._gone.copy()
        for record in self:
            digest.update(canonical(record))
        return digest.hexdigest()

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with a row a record: time, node, event, and its fields.

        Steps are given as their number; `p2pkit.observe.paths.steps` tabulates them.

        Raises
        ------
        ModuleNotFoundError
            If pandas is missing; the sentence names the extra that brings it.
        """
        from p2pkit.observe.extras import load

        pandas = load("pandas", "view")
        table: pd.DataFrame = pandas.DataFrame(
            [row(record) for record in self], columns=self._columns()
        )
        return table

    def _columns(self) -> list[str]:
        names = {"at_s": None, "node": None, "event": None}
        for kind in dict.fromkeys(type(record.event) for record in self):
            names |= dict.fromkeys(kind.__struct_fields__)
        return list(names)

    def __iter__(self) -> Iterator[Record]:
        # A copy: the cluster's control thread may append while a cell reads.
        return iter(list(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Record:
        return self._records[index]

    def __repr__(self) -> str:
        gone = f", {self.let_go:,} older let go" if self.let_go else ""
        return f"<Trace: {len(self):,} records{gone}>"


def row(record: Record) -> dict[str, Any]:
    """Return one record as the row of a table; steps as their number."""
    fields = {"at_s": record.at_s, "node": record.node}
    fields["event"] = type(record.event).__name__
    for name in record.event.__struct_fields__:
        value = getattr(record.event, name)
        fields[name] = len(value) if name == "steps" else value
    return fields


def canonical(value: Any) -> bytes:
    """Return the one msgpack encoding of a record, an event, or plain data.

    A struct becomes an array of its class name and its fields; a number beyond 64
    bits, which msgpack does not have, an extension of its big-endian bytes.
    """
    return _encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        fields = (getattr(value, name) for name in value.__struct_fields__)
        return [type(value).__name__, *(_plain(field) for field in fields)]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(int(value))
    return value


def _number(value: int) -> Any:
    if -(2**63) <= value < 2**64:
        return value
    length = (value.bit_length() + 8) // 8  # room for the sign
    return msgspec.msgpack.Ext(_WIDE, value.to_bytes(length, "big", signed=True))
