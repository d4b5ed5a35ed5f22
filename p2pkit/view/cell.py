"""The place of a view in a notebook: its output, and the still that takes its place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from typing import Any

from p2pkit.view.stills import Still
from p2pkit.view.surroundings import notebook


class Cell:
    """Shows a view in the notebook's cell, once, and can show something else there.

    Parameters
    ----------
    said : callable
        Returns what the view is in words.
    draw : callable
        Returns the still of this moment.
    """

    def __init__(self, said: Callable[[], str], draw: Callable[[], Still]) -> None:
        self._said, self._draw = said, draw
        self.widget: Any = None
        self.name = f"p2pkit-{secrets.token_hex(8)}"
        self._shown_in: int | None = None  # the cell that `show` was called in

    @property
    def is_shown(self) -> bool:
        """Whether the view has a place in the notebook."""
        return self._shown_in is not None

    def show(self) -> None:
        """Show the view where we are."""
        shell = notebook()
        if shell is not None:
            self._display(self.bundle())
            self._shown_in = shell.execution_count

    def show_value(self) -> None:
        """Show the view as the value of a cell, unless it is there already."""
        shell = notebook()
        if shell is None or self._shown_in != shell.execution_count:
            self._display(self.bundle())

    def freeze(self) -> None:
        """Put the still in the view's place."""
        self._display(self._still(), update=True)

    def bundle(self) -> dict[str, Any]:
        """Return the view by MIME type: the widget, the still, and words."""
        bundle = self._still()
        if self.widget is not None:
            shown: Any = self.widget._repr_mimebundle_()
            live = shown[0] if isinstance(shown, tuple) else shown
            bundle = {**bundle, **live, "text/plain": self._said()}
        return bundle

    def html(self) -> str:
        """Return the still as HTML."""
        # `p2pkit lab` tells by these marks whose picture it is, and whether its kernel
        # still runs; a still that never was alive needs none.
        image = self._draw()._repr_html_()
        if self.widget is None:
            return image
        marks = f'data-view="{self.name}" data-process="{os.getpid()}"'
        return f'<div class="p2pkit-still" {marks}>{image}</div>'

    def _still(self) -> dict[str, Any]:
        return {"text/html": self.html(), "text/plain": self._said()}

    def _display(self, bundle: dict[str, Any], *, update: bool = False) -> None:
        from IPython.display import display, update_display

        show: Any = update_display if update else display
        show(bundle, raw=True, display_id=self.name)
