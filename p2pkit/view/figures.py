"""Figures of one lecture each: buckets, the time line of a lookup, curves over seeds.

Each returns matplotlib's axes. Colors differ in lightness too, and what matters also
differs in hatching, dashes or markers, so nothing is lost in gray print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from p2pkit.core import Finished, Id, Step, short
from p2pkit.observe.extras import load
from p2pkit.observe.paths import ANSWERED
from p2pkit.observe.snapshot import NodeSnapshot
from p2pkit.view.picture import FAILED_COLOR, HOP_COLORS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

KNOWN, UNKNOWN, RANGE = "#31688e", "#c2c7cf", "#e8eef4"
LINES = (("#31688e", "o", "-"), ("#c46a00", "s", "--"), ("#000000", "^", ":"))
"""Color, marker and dashes of the curves on one pair of axes, in order."""
MIN_BAR = 0.006
"""Least length of a bar, as a share of the time line: about two pixels of print."""


def buckets(node: NodeSnapshot, others: Iterable[int], ax: Axes | None = None) -> Axes:
    """Draw the buckets of a node: which ids each covers, and whom it holds.

    A row a bucket, the farthest on top; across runs the id space from 0 to 1. A dot is
    a node that exists: dark if the bucket holds it, light if not.

    Parameters
    ----------
    node : NodeSnapshot
        A Kademlia node, from ``cluster.snapshot(details=True)``.
    others : iterable of int
        The ids of all nodes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    details = node.details or {}
    space = 2 ** int(details["id_bits"])
    rows = [_Row(one, space) for one in details["buckets"]]
    rows.sort(key=lambda row: -abs(row.high - row.low))
    ids = [one / space for one in others if one != node.id]
    ax = ax or axes(height=0.9 + 0.42 * len(rows))
    for number, row in enumerate(rows):
        _draw_row(ax, number, row, ids, int(details["k"]))
    ax.axvline(node.id / space, color="#cc3311", linewidth=1.5, zorder=0)
    ax.set_ylim(len(rows) - 0.4, -0.9)
    ax.set_yticks(range(len(rows)), [f"bucket {i}" for i in range(len(rows))])
    ax.set_xlim(0, 1.24)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    ax.set_xlabel("place in the id space, as a fraction of it")
    ax.annotate(f" {node.name} is here", (node.id / space, -0.6), color="#cc3311")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
    return ax


class _Row:
    """A bucket, in fractions of the id space."""

    def __init__(self, bucket: Mapping[str, Any], space: int) -> None:
        self.low, self.high = bucket["low"] / space, bucket["high"] / space
        self.held = {int(Id.parse(one)) / space for one in bucket["contacts"]}


def _draw_row(ax: Axes, number: int, row: _Row, ids: list[float], k: int) -> None:
    inside = [one for one in ids if row.low <= one < row.high]
    free = [one for one in inside if one not in row.held]
    ax.barh(
        number, row.high - row.low, left=row.low, height=0.66,
        color=RANGE, edgecolor="#8898aa", linewidth=0.8,
    )  # fmt: skip
    ax.plot(free, [number] * len(free), "o", color=UNKNOWN, markersize=4)
    held = sorted(row.held)
    ax.plot(held, [number] * len(held), "o", color=KNOWN, markersize=5)
    said = f"holds {len(held)} of {len(inside)}" + (", full" if len(held) == k else "")
    ax.annotate(said, (1.02, number), va="center", fontsize=9)


def timeline(
    finished: Finished, named: Mapping[int, str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the requests of an operation over time, in order of asking from the top.

    A bar runs from asking to the answer, colored by hop as in the overlay's picture;
    hatched gray was never answered. The shortest bars are drawn a little longer than
    they are, to be seen. Beside each stand the peer's name and how far it is from the
    target: the bit length of the XOR distance.

    Parameters
    ----------
    finished : Finished
        The closing event.
    named : mapping of int to str, optional
        Names by id, as `observe.paths.names` gives them.
    """
    ax = ax or axes(height=1.1 + 0.24 * len(finished.steps))
    ends_s = [step.ended_s for step in finished.steps]
    whole_ms = (max(ends_s, default=0.0) - finished.began_s) * 1000
    for number, step in enumerate(finished.steps):
        _draw_step(ax, number, step, finished, named or {}, MIN_BAR * whole_ms)
    ax.set_ylim(len(finished.steps) - 0.3, -0.7)
    ax.set_yticks([])
    ax.set_ylabel("requests, in order of asking")
    ax.set_xlabel("milliseconds since the lookup began")
    ax.set_xlim(0, ax.get_xlim()[1] * 1.3)
    ax.spines[["top", "right"]].set_visible(False)
    _explain_bars(ax, finished.steps)
    return ax


def _draw_step(
    ax: Axes,
    number: int,
    step: Step,
    finished: Finished,
    named: Mapping[int, str],
    least_ms: float,
) -> None:
    begin_ms = (step.asked_s - finished.began_s) * 1000
    took_ms = max((step.ended_s - step.asked_s) * 1000, least_ms)
    ax.barh(number, took_ms, left=begin_ms, height=0.62, **_bar(step))
    bits = (step.peer ^ finished.target).bit_length()
    name = named.get(step.peer, short(step.peer))
    said = f"  {name}, hop {step.hop}, {bits} bits"
    ax.annotate(said, (begin_ms + took_ms, number), va="center", fontsize=8)


def _bar(step: Step) -> dict[str, Any]:
    """Return how the bar of a request looks."""
    if step.outcome != ANSWERED:
        return {"facecolor": "#ffffff", "edgecolor": FAILED_COLOR, "hatch": "////"}
    color = HOP_COLORS[min(max(step.hop, 1), len(HOP_COLORS)) - 1]
    return {"facecolor": color, "edgecolor": "#ffffff", "linewidth": 0.3}


def _explain_bars(ax: Axes, steps: Iterable[Step]) -> None:
    """Say which bar is which hop, and that hatched is no answer, where one is."""
    kinds = {
        f"hop {step.hop}" if step.outcome == ANSWERED else "hatched = no answer": step
        for step in steps
    }
    patch = load("matplotlib.patches", "view").Patch
    marks = [patch(label=kind, **_bar(kinds[kind])) for kind in sorted(kinds)]
    # Below the axis: inside it, any corner may hold bars and names.
    height_pt = ax.get_window_extent().height / ax.figure.dpi * 72
    ax.legend(
        handles=marks, ncols=len(marks), frameon=False, fontsize=8,
        loc="upper right", bbox_to_anchor=(1, -31 / height_pt), borderpad=0,
    )  # fmt: skip


def curve(
    table: pd.DataFrame,
    x: str,
    y: str,
    label: str = "",
    mean: bool = False,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw what changes with `x`: a pale dot a seed, and a line through their middle.

    Parameters
    ----------
    table : pandas.DataFrame
        What `classroom.sweep` returned: a row a lookup, with a column ``seed``.
    x, y : str
        Columns. A dot is the median of `y` over the lookups of one seed, the line the
        median of the dots; with `mean`, means take the place of both medians.
    log : bool
        Whether the x axis is logarithmic; its title should say so.
    label : str
        What this curve is, where several stand on the same axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ax = ax or axes()
    color, marker, dashes = LINES[len(ax.lines) // 2 % len(LINES)]
    middle = "mean" if mean else "median"
    dots = table.groupby([x, "seed"])[y].agg(middle).reset_index()
    line = dots.groupby(x)[y].agg(middle)
    ax.plot(dots[x], dots[y], marker, color=color, alpha=0.25, markersize=5)
    ax.plot(
        line.index, line, color=color, marker=marker, linestyle=dashes,
        label=label or None,
    )  # fmt: skip
    if log:
        ax.set_xscale("log")
        ax.minorticks_off()
    ax.set_xticks(list(line.index), [_number(one) for one in line.index])
    if label:
        ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def say(ax: Axes, title: str, x: str = "", y: str = "", caption: str = "") -> Axes:
    """Say what a figure shows: the finding, the axes with units, then n and seed.

    Parameters
    ----------
    title : str
        The finding, as a sentence.
    x, y : str
        Names of the axes with their units; what stands there remains if empty.
    caption : str
        Small print below: how many, which seeds, under which conditions.
    """
    ax.set_title("")  # what a plot says of itself stands in the middle
    ax.set_title(title, loc="left", fontsize=11, fontweight="bold")
    ax.set_xlabel(x or ax.get_xlabel())
    ax.set_ylabel(y or ax.get_ylabel())
    if caption:
        ax.annotate(
            caption, (0, 0), xytext=(0, -38), xycoords="axes fraction",
            textcoords="offset points", fontsize=8, color="#555555", va="top",
        )  # fmt: skip
    return ax


def axes(width: float = 7.0, height: float = 3.4) -> Axes:
    """Return the axes of a new figure, `width` times `height` inches."""
    pyplot = load("matplotlib.pyplot", "view")
    _, new = pyplot.subplots(figsize=(width, height), dpi=110)
    result: Axes = new
    return result


def _number(value: float) -> str:
    return f"{value:.4g}"
