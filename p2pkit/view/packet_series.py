"""Series behind the plots of packets: bytes over time, by node, by pair, by layer.

Everything here counts bytes on the wire, headers and all; `view.series` counts what
nodes say. Where packets are asked for, a capture will do, or the table of one, or a
part of such a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from p2pkit.core import LocalProtocolError
from p2pkit.observe.capture.ledger import Ledger
from p2pkit.view.overlay import natural
from p2pkit.view.series import STEPS, Rates

if TYPE_CHECKING:
    import pandas as pd

LAYERS = {
    "said": "what nodes said",
    "streams": "framing and repetition",
    "headers": "headers",
    "control": "openings, acknowledgments, endings",
    "others": "others",
}
"""What groups of a ledger are called in a legend."""


class NodeBytes(NamedTuple):
    """What one node sent and received, in bytes on the wire."""

    up: int
    down: int


def table_of(packets: Any) -> pd.DataFrame:
    """Return the table of packets behind a capture; of a table, itself."""
    table = packets.table() if hasattr(packets, "table") else packets
    if not hasattr(table, "columns") or "wire_bytes" not in table.columns:
        reason = (
            f"no packets in a {type(packets).__name__}: give what cluster.capture() "
            "gave, or the table of it"
        )
        raise LocalProtocolError(reason)
    found: pd.DataFrame = table
    return found


def byte_rates(packets: Any, step_s: float | None = None) -> Rates:
    """Return the bytes a second on the wire, by type of message.

    Packets of TCP are called by what they do: ``tcp data``, ``tcp ack``, ...

    Parameters
    ----------
    packets : Packets or pandas.DataFrame
        A capture.
    step_s : float, optional
        Length of a step; a fiftieth of the whole if not given.
    """
    table = table_of(packets)
    if not len(table):
        return Rates([], {})
    first_s = float(table.at_s.min())
    wide_s = (float(table.at_s.max()) - first_s) or 1e-3
    step_s = step_s or wide_s / STEPS
    steps = int(wide_s / step_s) + 1
    place = np.minimum(((table.at_s - first_s) / step_s).astype(int), steps - 1)
    kinds = kinds_of(table)
    rows = {
        str(kind): np.bincount(
            place[mine], table.wire_bytes[mine] / step_s, minlength=steps
        ).tolist()
        for kind in kinds.unique()
        for mine in (kinds == kind,)
    }
    edges_s = [first_s + i * step_s for i in range(steps + 1)]
    return Rates(edges_s, dict(sorted(rows.items(), key=lambda row: -sum(row[1]))))


def kinds_of(table: pd.DataFrame) -> pd.Series[Any]:
    """Return what to call each packet in a legend: its type, or what TCP does."""
    types, protocols = table.type.astype(str), table.protocol.astype(str)
    is_tcp = protocols == "tcp"
    names: pd.Series[Any] = types.where(~is_tcp, "tcp " + types)
    return names.where(names != "", protocols)


def node_bytes(packets: Any) -> dict[str, NodeBytes]:
    """Return what each node sent and received, in bytes on the wire, by name."""
    table = table_of(packets)
    up = table.groupby("source", observed=True).wire_bytes.sum()
    down = table.groupby("destination", observed=True).wire_bytes.sum()
    names = sorted({*up.index, *down.index}, key=natural)
    return {
        str(name): NodeBytes(int(up.get(name, 0)), int(down.get(name, 0)))
        for name in names
    }


def packet_sizes(packets: Any) -> dict[int, int]:
    """Return how many packets have how many bytes on the wire, by bytes."""
    sizes, counts = np.unique(table_of(packets).wire_bytes, return_counts=True)
    return dict(zip(sizes.tolist(), counts.tolist(), strict=True))


def top_talkers(packets: Any, most: int = 10) -> list[tuple[str, str, int, int]]:
    """Return the pairs with the most bytes: two names, packets and bytes, both ways.

    Parameters
    ----------
    packets : Packets or pandas.DataFrame
        A capture.
    most : int
        How many pairs at most.
    """
    table = table_of(packets)
    groups = table.groupby(["source", "destination"], observed=True).wire_bytes
    sums = groups.agg(["size", "sum"]).reset_index()
    found: dict[tuple[str, str], list[int]] = {}
    for source, to, count, size in sums.itertuples(index=False):
        first, second = sorted((str(source), str(to)), key=natural)
        pair = found.setdefault((first, second), [0, 0])
        pair[0] += int(count)
        pair[1] += int(size)
    ordered = sorted(found.items(), key=lambda one: (-one[1][1], one[0]))
    return [(*pair, count, size) for pair, (count, size) in ordered[:most]]


def who_to_whom(packets: Any) -> pd.DataFrame:
    """Return the bytes from each node (row) to each node (column)."""
    table = table_of(packets)
    names = sorted({*table.source.unique(), *table.destination.unique()}, key=natural)
    sums = table.pivot_table(
        index="source", columns="destination", values="wire_bytes", aggfunc="sum",
        observed=True, fill_value=0,
    )  # fmt: skip
    found: pd.DataFrame = sums.reindex(index=names, columns=names, fill_value=0)
    return found.astype("int64")


def overheads(ledgers: Mapping[str, Ledger]) -> dict[str, dict[str, float]]:
    """Return what each useful byte cost on the wire, by layer, for several captures.

    Useful is what nodes said, by their own counters; what they said and never sent
    counts as said. The parts of one capture add up to its bytes on the wire for each
    byte that was said.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        Bills of captures, by what to call each.
    """
    found = {}
    for name, ledger in ledgers.items():
        useful = ledger.said_bytes or 1
        said = useful + ledger.group_bytes("before the wire")
        parts = {group: ledger.group_bytes(group) / useful for group in LAYERS}
        found[name] = {**parts, "said": said / useful}
    return found
