"""A reel: the film of a view and where its nodes are, as messages for a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2pkit.observe.film import Film
from p2pkit.observe.frames import Frame
from p2pkit.view.circles import Place
from p2pkit.view.layouter import Layouter
from p2pkit.view.messages import frames_message, plain_frame
from p2pkit.view.model import overlay_model

FILM_ITEMS = 150_000
"""What a view keeps to look back at, in `Frame.items`."""

OPENING_ITEMS = 20_000
"""What of it a view is given that opens later: some megabytes."""


class Reel:
    """Film and places of one view. Whoever uses it from several threads locks it.

    Parameters
    ----------
    layout : str, mapping or None
        As for `still`.
    id_bits : int, optional
        Length of ids; judged by the ids if not given.
    """

    def __init__(
        self, layout: str | Mapping[str, Place] | None, id_bits: int | None = None
    ) -> None:
        self.film, self._layouter = Film(FILM_ITEMS), Layouter(layout, id_bits)
        self._number = 0  # of the last frame

    @property
    def places(self) -> dict[str, Place]:
        """Where each node is."""
        return self._layouter.places

    def append(self, frames: Sequence[Frame], now_s: float) -> dict[str, Any]:
        """Add frames; return the message that tells views of them."""
        after = self._number
        for frame in frames:
            self.film.append(frame)
            self._number = frame.number
        # A copy of the scene for each batch of counters would cost more than they do.
        is_due = any(self._asks_for_places(frame) for frame in frames)
        places = self._layouter.update(self.film.scene()) if is_due else {}
        return frames_message(frames, after, max(now_s, frames[-1].at_s), places)

    def _asks_for_places(self, frame: Frame) -> bool:
        is_open = self._layouter.layout is None and bool(frame.linked)
        known = self._layouter.places
        return (
            is_open
            or bool(frame.gone)
            or any(node.name not in known for node in frame.nodes)
        )

    def relayout(self, layout: str | None) -> dict[str, Any]:
        """Lay the overlay out anew; return the message that tells views of it."""
        return {"type": "places", "places": self._layouter.relayout(layout)}

    def opening(self) -> dict[str, Any]:
        """Return what a view begins with: the end of the film, places, vis's model."""
        scene = self.film.scene()
        return {
            "film": [plain_frame(frame) for frame in self._end()],
            "limit": FILM_ITEMS,
            "places": self.places,
            "model": overlay_model(scene, self.places),
        }

    def named(self) -> dict[Any, str]:
        """Return the name of each node by its id and by its address."""
        nodes = self.film.scene().nodes.values()
        return {node.address: node.name for node in nodes} | {
            node.id: node.name for node in nodes
        }

    def _end(self) -> list[Frame]:
        """Return the last frames, as many as a view is given, from a scene on."""
        first_s, last_s = self.film.span()
        frames = self.film.between(first_s, last_s)
        items = 0
        for place in range(len(frames) - 1, -1, -1):
            items += frames[place].items
            if items > OPENING_ITEMS:
                first_s = frames[place].at_s
                break
        base = self.film.scene(first_s).frame()
        return [base, *(frame for frame in frames if frame.number > base.number)]
