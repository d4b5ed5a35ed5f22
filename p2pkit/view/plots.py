"""Plots: one line in a cell for the figures that every lecture needs.

Each returns matplotlib's axes, so a cell can set a title that states its finding.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from p2pkit.core import Counters
from p2pkit.observe.extras import load
from p2pkit.observe.paths import operations
from p2pkit.observe.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SENT, RECEIVED = "#31688e", "#b8c9d6"


def hops(trace: Trace, verb: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many hops the finished operations needed, as a histogram.

    Parameters
    ----------
    trace : Trace
        A cluster's trace.
    verb : str, optional
        Only operations of this verb, such as ``lookup``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    counts = Counter(int(row["hops"]) for row in operations(trace, verb))
    ax = _axes(ax)
    ax.bar(list(counts), list(counts.values()), color=SENT, width=0.8)
    if counts:
        ax.set_xticks(range(min(counts), max(counts) + 1))
    ax.set_xlabel("hops to the nearest node that answered")
    ax.set_ylabel(f"{verb or 'operation'}s")
    ax.set_title(f"Hops (n = {sum(counts.values()):,})")
    return ax


def latency(trace: Trace, verb: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how long the finished operations took, in milliseconds, as a histogram.

    A line marks the median. Parameters are those of `hops`.
    """
    took = sorted(float(row["took_ms"]) for row in operations(trace, verb))
    ax = _axes(ax)
    ax.hist(took, bins=min(40, max(5, len(took) // 5)), color=SENT)
    if took:
        median = took[len(took) // 2]
        ax.axvline(median, color="#000000", linestyle="--")
        ax.annotate(f" median {median:.3g} ms", (median, ax.get_ylim()[1] * 0.94))
    ax.set_xlabel("milliseconds")
    ax.set_ylabel(f"{verb or 'operation'}s")
    ax.set_title(f"Latency (n = {len(took):,})")
    return ax


def bytes_by_message(counters: Counters, ax: Axes | None = None) -> Axes:
    """Draw the payload bytes sent and received, by type of message, largest on top.

    Parameters
    ----------
    counters : Counters
        One node's, or ``cluster.snapshot().totals()``.
    """
    names = sorted(
        {*counters.sent, *counters.received},
        key=lambda name: (_bytes(counters, name, sent=True), name),
    )
    ax = _axes(ax)
    sent = [_bytes(counters, name, sent=True) / 1000 for name in names]
    received = [_bytes(counters, name, sent=False) / 1000 for name in names]
    rows = range(len(names))
    ax.barh([row + 0.2 for row in rows], sent, height=0.38, color=SENT, label="sent")
    ax.barh(
        [row - 0.2 for row in rows],
        received,
        height=0.38,
        color=RECEIVED,
        edgecolor="#333333",
        hatch="//",
        label="received",
    )
    ax.set_yticks(list(rows), names)
    ax.set_xlabel("payload in kB (headers not counted)")
    ax.set_title("Bytes by type of message")
    ax.legend()
    return ax


def _bytes(counters: Counters, name: str, *, sent: bool) -> int:
    tallies = counters.sent if sent else counters.received
    return tallies[name].payload_bytes if name in tallies else 0


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    pyplot = load("matplotlib.pyplot", "view")
    _, new = pyplot.subplots(figsize=(6, 3.2), layout="constrained")
    axes: Axes = new
    return axes
