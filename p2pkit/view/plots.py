"""Plots: one line in a cell for the figures that every lecture needs.

Each returns matplotlib's axes, so a cell can set a title that states its finding. The
numbers behind them are in `view.series`, for who has no matplotlib. Lines differ in
dashes as well as color, and legends stand beside the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from p2pkit.core import Counters, LocalProtocolError, Record
from p2pkit.observe.extras import load as load_module
from p2pkit.observe.paths import operations
from p2pkit.observe.trace import Trace
from p2pkit.view import series
from p2pkit.view.palette import MESSAGE_COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SENT, RECEIVED = "#31688e", "#b8c9d6"
DASHES = ("-", "--", "-.", ":")
MOST_CURVES = len(MESSAGE_COLORS)
"""Types of message with a curve of their own; the smaller ones are added up."""


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
    ax = axes_or_new(ax)
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
    ax = axes_or_new(ax)
    ax.hist(took, bins=min(40, max(5, len(took) // 5)), color=SENT)
    if took:
        median = took[len(took) // 2]
        ax.axvline(median, color="#000000", linestyle="--")
        top = ax.get_ylim()[1]
        ax.set_ylim(0, top * 1.15)  # room for the words above the bars
        ax.annotate(f" median {median:.3g} ms", (median, top * 1.05))
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
    ax = axes_or_new(ax)
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
    legend_beside(ax)
    return ax


def traffic(
    source: Any,
    what: str = "messages",
    step_s: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what was sent a second, by type of message.

    Parameters
    ----------
    source, what, step_s
        See `series.rates`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ax = draw_rates(series.rates(source, what, step_s), axes_or_new(ax))
    unit = "messages/s" if what == "messages" else "payload bytes/s"
    ax.set_ylabel(unit)
    ax.set_title(f"{what.capitalize()} per second by type")
    return ax


def draw_rates(rates: series.Rates, ax: Axes) -> Axes:
    """Draw rates over time, a staircase a type."""
    edges_s, by_kind = rates
    for number, (kind, row) in enumerate(_curves(by_kind).items()):
        ax.stairs(
            row, edges_s, baseline=None, label=kind, linewidth=1.6,
            color=MESSAGE_COLORS[number % MOST_CURVES],
            linestyle=DASHES[number % len(DASHES)],
        )  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.locator_params(axis="x", nbins=6)  # moments of a burst have many digits
    ax.set_xlabel("seconds of the run")
    if by_kind:
        legend_beside(ax)
    return ax


def _curves(by_kind: dict[str, list[float]]) -> dict[str, list[float]]:
    if len(by_kind) <= MOST_CURVES:
        return by_kind
    rows = list(by_kind.items())
    rest = [
        sum(parts)
        for parts in zip(*(row for _, row in rows[MOST_CURVES - 1 :]), strict=True)
    ]
    name = f"{len(rows) - MOST_CURVES + 1} others"
    return {**dict(rows[: MOST_CURVES - 1]), name: rest}


def coverage(
    trace: Iterable[Record],
    news: Any,
    nodes: int | None = None,
    label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how many nodes had heard of something, over time.

    Parameters
    ----------
    trace, news
        See `series.coverage`.
    nodes : int, optional
        How many there are, drawn as a line.
    label : str
        What this curve is, where several stand on the same axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    steps = series.coverage(trace, news)
    ax = axes_or_new(ax)
    number = sum(line.get_drawstyle() == "steps-post" for line in ax.lines)
    begin_s = steps[0][0]
    ax.step(
        [at_s - begin_s for at_s, _ in steps], [count for _, count in steps],
        where="post", color=MESSAGE_COLORS[number % MOST_CURVES], label=label or None,
        linestyle=DASHES[number % len(DASHES)],
    )  # fmt: skip
    if nodes is not None:
        ax.axhline(nodes, color="#888888", linestyle=":", linewidth=1)
        ax.annotate(f"all {nodes:,}", (0, nodes), va="bottom", color="#555555")
        ax.set_ylim(0, nodes * 1.12)
    ax.set_xlabel("seconds since it began")
    ax.set_ylabel("nodes that know")
    ax.set_title(f"Coverage ({steps[-1][1]:,} nodes reached)")
    if label:
        legend_beside(ax)
    return ax


def degrees(overlay: Any, log: bool = False, ax: Axes | None = None) -> Axes:
    """Draw how many nodes have how many neighbors.

    Parameters
    ----------
    overlay : Cluster, Snapshot, Scene or networkx.DiGraph
        Links count once, whoever knows whom.
    log : bool
        Whether both axes are logarithmic; a power law is a line then.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    found = series.degrees(overlay)
    ax = axes_or_new(ax)
    if log:
        points = [(degree, count) for degree, count in found.items() if degree]
        ax.loglog(*zip(*points, strict=True), "o", color=SENT)
    else:
        ax.bar(list(found), list(found.values()), color=SENT, width=0.8)
        ax.xaxis.set_major_locator(_whole_numbers())
        ax.yaxis.set_major_locator(_whole_numbers())
    ax.set_xlabel("neighbors" + (" (logarithmic)" if log else ""))
    ax.set_ylabel("nodes" + (" (logarithmic)" if log else ""))
    count = sum(found.values())
    mean = sum(degree * nodes for degree, nodes in found.items()) / max(count, 1)
    ax.set_title(f"Degrees (n = {count:,}, mean {mean:.3g})")
    return ax


def load(
    overlay: Any, by: str = "load", how: str = "bars", ax: Axes | None = None
) -> Axes:
    """Draw how much each node carried, from the busiest down.

    Parameters
    ----------
    overlay : Cluster, Snapshot or Scene
        Whose nodes.
    by : str
        ``load`` (messages), ``traffic`` (bytes), ``degree`` or ``in-degree``.
    how : {"bars", "lorenz", "cdf"}
        A bar a node; or which share of all the lowest share of the nodes carried,
        with the Gini coefficient; or which share of the nodes carried at most so much.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    LocalProtocolError
        If `how` or `by` is unknown.
    """
    painters = {"bars": _load_bars, "lorenz": _load_lorenz, "cdf": _load_cdf}
    if how not in painters:
        reason = f"load is drawn as {', '.join(painters)}, not as {how!r}"
        raise LocalProtocolError(reason)
    values = list(series.loads(overlay, by).values())
    ax = axes_or_new(ax)
    painters[how](ax, values, series.said_of(by))
    return ax


def _load_bars(ax: Axes, values: list[float], said: str) -> None:
    ax.bar(range(1, len(values) + 1), values, color=SENT, width=0.85)
    mean = sum(values) / max(len(values), 1)
    ax.axhline(mean, color="#000000", linestyle="--", linewidth=1)
    ax.annotate("mean ", (1, mean), xycoords=("axes fraction", "data"), ha="right",
                va="bottom")  # fmt: skip
    ax.set_xlabel("nodes, the busiest first")
    ax.set_ylabel(said)
    ax.set_title(f"Load per node (n = {len(values):,})")


def _load_lorenz(ax: Axes, values: list[float], said: str) -> None:
    points = series.lorenz(values)
    ax.plot(*zip(*points, strict=True), color=SENT, label="these nodes")
    ax.plot((0, 1), (0, 1), color="#888888", linestyle=":", label="all alike")
    ax.set_xlabel("share of the nodes, the idlest first")
    ax.set_ylabel(f"share of all {said}")
    ax.set_title(f"Load shared (n = {len(values):,}, Gini {series.gini(values):.2f})")
    legend_beside(ax)


def _load_cdf(ax: Axes, values: list[float], said: str) -> None:
    ax.ecdf(values, color=SENT)
    ax.set_xlabel(f"{said}, at most")
    ax.set_ylabel("share of the nodes")
    ax.set_title(f"Load per node (n = {len(values):,})")


def _whole_numbers() -> Any:
    return load_module("matplotlib.ticker", "view").MaxNLocator(integer=True)


def legend_beside(ax: Axes) -> None:
    """Put the legend to the right of the axes."""
    # Inside the axes any corner may hold data.
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)


def _bytes(counters: Counters, name: str, *, sent: bool) -> int:
    tallies = counters.sent if sent else counters.received
    return tallies[name].payload_bytes if name in tallies else 0


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes to draw on: those given, or new ones."""
    if ax is not None:
        return ax
    pyplot = load_module("matplotlib.pyplot", "view")
    _, new = pyplot.subplots(figsize=(6, 3.2), layout="constrained")
    axes: Axes = new
    return axes
