"""Colors of every picture. They also differ in lightness, or shape and dashes help.

So color-blind eyes and gray print lose nothing. The bright ones follow P. Tol,
"Colour Schemes", SRON technical note, 2021; hops follow viridis.
"""

from __future__ import annotations

from collections.abc import Sequence

STATE_COLORS = {
    "alive": "#4477aa",
    "paused": "#ddaa33",
    "dead": "#ffffff",
    "foreign": "#aa3377",
}
HOP_COLORS = ("#440154", "#31688e", "#35b779", "#e0a100")
"""By hop, dark to light; the last stands for every further hop of a lookup."""

WAVE = ("#440154", "#433e85", "#2d708e", "#1e9b8a", "#52c569", "#c2a800")
"""First to last, for what spreads over many hops, or over time."""

RAMP = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
"""Low to high, for numbers."""

FAILED_COLOR, EDGE_COLOR, KEY_COLOR = "#888888", "#c8ccd4", "#cc3311"

KIND_COLORS = (EDGE_COLOR, "#ee7733", "#009988", "#0077bb", "#cc3377", "#997700")
"""Colors of edges by kind, the most frequent kind first: faint, as the ground."""

KIND_DASHES = ("", "7 3", "2 3", "8 3 2 3", "12 4")
"""Dashes of edges by kind, the rarest kind first: whole, for it says most."""

MESSAGE_COLORS = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#8c564b",
    "#333333",
)  # fmt: skip
"""Colors of messages by class."""

STATE_SHAPES = {"alive": "dot", "paused": "diamond", "dead": "cross"}
ROLE_SHAPES = ("dot", "triangle", "hexagon", "star", "triangleDown")
"""Shapes of nodes; that of a living one says its role, where there are roles."""


def ramp_color(share: float, ramp: Sequence[str] = RAMP) -> str:
    """Return the color of a share, 0 to 1."""
    return ramp[min(max(int(share * len(ramp)), 0), len(ramp) - 1)]
