"""A map of a packet: one cell for each byte, one color for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from p2pkit.view.figures import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = ("#e8eef4", "#b5cde1", "#6f9fc8", "#1f4e79")
"""From the outermost layer to the message: each darker than the one before."""

DARK = COLORS[-1]
WIDTH = 16
"""Bytes of a row, as hex dumps have it."""


def byte_map(data: bytes, layers: Mapping[str, int]) -> Axes:
    """Draw the bytes of a packet, colored by the layer that they belong to.

    Parameters
    ----------
    data : bytes
        The packet.
    layers : mapping of str to int
        How many bytes each layer has, outermost first; the last one takes the darkest
        color.
    """
    from matplotlib.patches import Patch, Rectangle

    owners = [name for name, size in layers.items() for _ in range(size)]
    lighter = list(layers)[:-1]
    colors = dict(zip(lighter, COLORS, strict=False)) | {list(layers)[-1]: DARK}
    rows = -(-len(data) // WIDTH)
    ax = axes(height=0.7 + 0.24 * rows)
    for at, (byte, owner) in enumerate(zip(data, owners, strict=True)):
        y, x = divmod(at, WIDTH)
        ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colors[owner], edgecolor="w"))
        ink = "white" if colors[owner] == DARK else "black"
        place = {"ha": "center", "va": "center", "fontsize": 7, "family": "monospace"}
        ax.text(x + 0.5, y + 0.5, f"{byte:02x}", color=ink, **place)  # type: ignore[arg-type]
    ax.set_xlim(0, WIDTH)
    ax.set_ylim(rows, 0)
    ax.set_xticks([0, 4, 8, 12, 16])
    ax.set_yticks(range(0, rows, 2), [str(row * WIDTH) for row in range(0, rows, 2)])
    ax.spines[:].set_visible(False)
    marks = [Patch(color=colors[one], label=f"{one}: {n}") for one, n in layers.items()]
    ax.legend(handles=marks, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return ax
