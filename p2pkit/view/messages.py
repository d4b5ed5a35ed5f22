"""What crosses between a view in a browser and this process: JSON, both ways.

Down go ``hello`` (all there is), ``frames``, ``set``, ``reply``, ``play``, ``about``
and ``ended``; up come ``hello``, ``set`` and ``command``. The page and the notebook
carry the same messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from p2pkit.core import P2PError, format_address, short
from p2pkit.observe.frames import Frame, NodeFrame
from p2pkit.observe.paths import Hop
from p2pkit.view import palette
from p2pkit.view.circles import Place

COLORS: dict[str, Any] = {
    "states": palette.STATE_COLORS,
    "ramp": palette.RAMP,
    "hops": palette.HOP_COLORS,
    "wave": palette.WAVE,
    "failed": palette.FAILED_COLOR,
    "edges": palette.KIND_COLORS,
    # Not the color of a living node first.
    "messages": (*palette.MESSAGE_COLORS[1:], palette.MESSAGE_COLORS[0]),
}
"""The colors of a live view: those of every other picture."""


def plain_frame(frame: Frame) -> dict[str, Any]:
    """Return a frame as JavaScript can hold it: its numbers have only 53 bits."""
    plain = {name: getattr(frame, name) for name in frame.__struct_fields__}
    plain["nodes"] = [_plain_node(node) for node in frame.nodes]
    return plain


def _plain_node(node: NodeFrame) -> dict[str, Any]:
    plain = {name: getattr(node, name) for name in node.__struct_fields__}
    plain["id"] = short(node.id)
    plain["address"] = format_address(node.address)
    return plain


def encoded(message: Mapping[str, Any]) -> str:
    """Return a message as JSON."""
    return msgspec.json.encode(message, enc_hook=str).decode()


def frames_message(
    frames: Sequence[Frame], after: int, now_s: float, places: Mapping[str, Place]
) -> dict[str, Any]:
    """Return the next frames of a feed.

    Parameters
    ----------
    frames : sequence of Frame
        In order.
    after : int
        Number of the frame before them: a view whose film ends earlier lacks some.
    now_s : float
        The run's clock now, from which a view knows how old each mark is.
    places : mapping
        The places that are new or changed.
    """
    plain = [plain_frame(frame) for frame in frames]
    return {
        "type": "frames",
        "after": after,
        "now_s": now_s,
        "frames": plain,
        "places": places,
    }


def play_message(
    hops: Iterable[Hop], speed: float, title: str, *, step: bool
) -> dict[str, Any]:
    """Return a path for a view to play."""
    rows = [msgspec.to_builtins(hop) for hop in hops]
    return {"type": "play", "hops": rows, "speed": speed, "title": title, "step": step}


def sentence(error: BaseException) -> str:
    """Return what a view says of an error, in one line."""
    told = " ".join(str(error).split()) or type(error).__name__
    return told if isinstance(error, P2PError) else f"{type(error).__name__}: {told}"
