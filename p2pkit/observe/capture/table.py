"""The table: one row a packet, for questions that a line of pandas answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from p2pkit.observe.capture.endpoints import categories
from p2pkit.observe.capture.reading import Reading
from p2pkit.observe.capture.wires import Types
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "at_s", "source", "destination", "source_address", "destination_address",
    "protocol", "type", "answers", "link_bytes", "network_bytes", "transport_bytes",
    "payload_bytes", "wire_bytes", "truncated", "offset",
)  # fmt: skip


def table(reading: Reading) -> pd.DataFrame:
    """Return the packets of a file as a table, one row each, in the order of the file.

    Columns
    -------
    at_s : float
        Seconds since the run began; in a foreign file, since its first packet.
    source, destination : category
        Names of nodes; ``HOST:PORT`` of who has none.
    source_address, destination_address : category
        ``HOST:PORT``.
    protocol : category
        ``krpc``, ``memberlist``, ``gnutella``, ``p2pkit`` (the kit's own messages),
        ``tcp``, ``udp``, ``icmp``, ``fragment``, ``malformed``, ...
    type : category
        Class of the message, such as ``FindNode``; ``malformed``, or ``cut short``
        where the capture has only a part of it. For TCP ``syn``, ``ack``, ``fin``,
        ``rst`` or ``data``.
    answers : category
        Of a reply of KRPC, which does not say so itself, the class of its question.
    link_bytes, network_bytes, transport_bytes, payload_bytes, wire_bytes : int
        Bytes by layer on the wire; the four add up to the fifth.
    truncated : bool
        Whether the capture holds only a part of the packet.
    offset : int
        Where the packet lies in the file.
    """
    headers, ends, records = reading.headers, reading.endpoints, reading.records
    columns: dict[str, Any] = {"at_s": reading.at_s}
    for name, texts in (("", reading.hosts), ("_address", ends.texts)):
        columns[f"source{name}"] = categories(ends.source, texts)
        columns[f"destination{name}"] = categories(ends.destination, texts)
    columns["protocol"] = types_column(reading.protocols)
    columns["type"] = types_column(reading.types)
    columns["answers"] = answers_column(reading)
    for layer in ("link_bytes", "network_bytes", "transport_bytes", "payload_bytes"):
        columns[layer] = getattr(headers, layer)
    columns["wire_bytes"] = records.wire
    columns["truncated"], columns["offset"] = headers.is_truncated, records.start
    frame: pd.DataFrame = load("pandas", "view").DataFrame(
        {name: columns[name] for name in COLUMNS}, copy=False
    )
    return frame


def answers_column(reading: Reading) -> Any:
    """Return the type of what each packet answers."""
    types, answers = reading.types, reading.answers
    codes = np.where(answers >= 0, types.codes[answers], -1)
    return types_column(Types(codes, types.names))


def types_column(types: Types) -> Any:
    """Return types as a column whose categories all occur."""
    count = np.bincount(types.codes[types.codes >= 0], minlength=len(types.names))
    used = np.flatnonzero(count)
    places = np.full(len(types.names) + 1, -1, np.int64)
    places[used] = np.arange(len(used))
    return load("pandas", "view").Categorical.from_codes(
        places[types.codes], categories=[types.names[code] for code in used]
    )
