"""Plots of packets: what a capture weighs, over time, by node, by pair, by layer.

Each returns matplotlib's axes, so a cell can set a title that states its finding. The
numbers behind them are in `view.packet_series`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from p2pkit.observe.capture.ledger import Ledger
from p2pkit.view import packet_series as series
from p2pkit.view.plots import (
    RECEIVED,
    SENT,
    axes_or_new,
    draw_rates,
    legend_beside,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYER_LOOKS = (
    ("#31688e", ""), ("#c46a00", "//"), ("#b8c9d6", ".."), ("#777777", "xx"),
    ("#ffffff", "--"),
)  # fmt: skip
"""Color and hatching of each layer, as `series.LAYERS` orders them."""

MOST_NAMES = 32
"""Names along an axis that can be read."""


def bytes_per_second(
    packets: Any, step_s: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the bytes a second on the wire, by type of message.

    Parameters
    ----------
    packets : Packets or pandas.DataFrame
        A capture, its table, or some rows of it.
    step_s : float, optional
        Length of a step; a fiftieth of the whole if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ax = draw_rates(series.byte_rates(packets, step_s), axes_or_new(ax))
    ax.set_ylabel("bytes/s on the wire")
    ax.set_title("Bytes per second by type")
    return ax


def overhead(ledgers: Mapping[str, Ledger], ax: Axes | None = None) -> Axes:
    """Draw what each useful byte costs on the wire, a bar a capture, by layer.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        What ``packets.ledger()`` gave, by what to call each.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    parts = series.overheads(ledgers)
    ax = axes_or_new(ax)
    left = dict.fromkeys(parts, 0.0)
    for (layer, said), (color, hatch) in zip(
        series.LAYERS.items(), LAYER_LOOKS, strict=True
    ):
        wide = [parts[name][layer] for name in parts]
        if any(wide):
            ax.barh(
                list(parts), wide, left=list(left.values()), color=color, hatch=hatch,
                edgecolor="#333333", linewidth=0.6, height=0.6, label=said,
            )  # fmt: skip
        left = {name: left[name] + parts[name][layer] for name in parts}
    for row, whole in enumerate(left.values()):
        ax.annotate(f" {whole:.2f}", (whole, row), va="center", fontsize=9)
    ax.set_xlim(0, 1.22 * max([1.0, *left.values()]))
    ax.invert_yaxis()
    ax.set_xlabel("bytes on the wire for each byte that nodes said")
    ax.set_title("What a useful byte costs")
    legend_beside(ax)
    return ax


def node_traffic(packets: Any, ax: Axes | None = None) -> Axes:
    """Draw what each node sent and received, in kB on the wire.

    The parameters are those of `bytes_per_second`.
    """
    found = series.node_bytes(packets)
    ax = axes_or_new(ax)
    rows = range(len(found))
    up = [one.up / 1000 for one in found.values()]
    down = [one.down / 1000 for one in found.values()]
    ax.bar([row - 0.2 for row in rows], up, width=0.38, color=SENT, label="sent")
    ax.bar(
        [row + 0.2 for row in rows], down, width=0.38, color=RECEIVED,
        edgecolor="#333333", hatch="//", label="received",
    )  # fmt: skip
    _name_ticks(ax.set_xticks, list(found), rotation=90)
    ax.set_ylabel("kB on the wire")
    ax.set_title(f"Upload and download by node (n = {len(found):,})")
    legend_beside(ax)
    return ax


def sizes(packets: Any, ax: Axes | None = None) -> Axes:
    """Draw how many packets have how many bytes, as a histogram.

    The parameters are those of `bytes_per_second`.
    """
    found = series.packet_sizes(packets)
    ax = axes_or_new(ax)
    whole = sum(found.values())
    ax.hist(list(found), bins=40, weights=list(found.values()), color=SENT)
    ax.set_xlabel("bytes of a packet on the wire")
    ax.set_ylabel("packets")
    mean = sum(size * count for size, count in found.items()) / max(whole, 1)
    ax.set_title(f"Sizes of packets (n = {whole:,}, mean {mean:.0f} bytes)")
    return ax


def talkers(packets: Any, most: int = 10, ax: Axes | None = None) -> Axes:
    """Draw the pairs with the most bytes between them, both ways, largest on top.

    Parameters
    ----------
    packets : Packets or pandas.DataFrame
        A capture, its table, or some rows of it.
    most : int
        How many pairs at most.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    found = series.top_talkers(packets, most)
    ax = axes_or_new(ax)
    rows = range(len(found))
    ax.barh(rows, [size / 1000 for *_, size in found], color=SENT, height=0.7)
    ax.set_yticks(list(rows), [f"{first} and {second}" for first, second, *_ in found])
    for row, (_, _, count, size) in zip(rows, found, strict=True):
        ax.annotate(f" {count:,}", (size / 1000, row), va="center", fontsize=8)
    ax.margins(x=0.12)  # room for the counts
    ax.invert_yaxis()
    ax.set_xlabel("kB on the wire, both ways; beside each bar its packets")
    ax.set_title("Who talks most")
    return ax


def matrix(packets: Any, ax: Axes | None = None) -> Axes:
    """Draw who sends how much to whom: a row a sender, a column a receiver.

    The parameters are those of `bytes_per_second`.
    """
    found = series.who_to_whom(packets)
    ax = axes_or_new(ax)
    ax.set_title(f"Who talks to whom (n = {len(found):,})")
    if not len(found):
        return ax
    image = ax.imshow(found.to_numpy() / 1000, cmap="Blues", aspect="equal")
    names = [str(name) for name in found.index]
    _name_ticks(ax.set_xticks, names, rotation=90)
    _name_ticks(ax.set_yticks, names)
    ax.figure.colorbar(image, ax=ax, label="kB on the wire")
    ax.set_xlabel("to")
    ax.set_ylabel("from")
    return ax


def _name_ticks(set_ticks: Any, names: list[str], rotation: int = 0) -> None:
    """Name the places along an axis: every one, or few enough to be read."""
    step = -(-len(names) // MOST_NAMES) or 1
    places = list(range(0, len(names), step))
    set_ticks(places, [names[i] for i in places], rotation=rotation, fontsize=7)
