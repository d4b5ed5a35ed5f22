"""The view in a notebook: an anywidget with the page's module, messages and settings.

Its settings are synced traits, so ``jslink``, ``observe`` and Python can drive it.
Everything else travels as custom messages, which reach the page while a cell runs.
"""

from __future__ import annotations

import secrets
from typing import Any

import anywidget
import traitlets

from p2pkit.view.messages import encoded
from p2pkit.view.module import module, style
from p2pkit.view.session import Session
from p2pkit.view.settings import DEFAULTS, QUANTITIES

RENEWALS = frozenset({20, 60, 160, 400})
"""Messages after which a view that never said hello is told everything once more.

While a cell blocks, its hello waits in the kernel, and what was sent before the module
was loaded is lost; a synced trait is not.
"""


class OverlayWidget(anywidget.AnyWidget):
    """A live overlay in a cell; `watch` makes it.

    Attributes
    ----------
    color_by, size_by : str
        What colors and sizes nodes, see `watch`; sizes are alike if None.
    kinds : list of str or None
        Kinds of edges that are drawn; all if None.
    paused : bool
        Whether the picture stands.
    at_s : float or None
        The moment that is shown, in seconds of the run; now if None.
    selected : str or None
        Name of the selected node, or two names with a space: an edge.
    show_dead : bool
        Whether dead nodes are drawn as ghosts.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    opening = traitlets.Unicode().tag(sync=True)
    view_id = traitlets.Unicode().tag(sync=True)
    color_by = traitlets.Enum(QUANTITIES, "state").tag(sync=True)
    size_by = traitlets.Enum(QUANTITIES[1:], None, allow_none=True).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode(), None, allow_none=True).tag(sync=True)
    paused = traitlets.Bool(False).tag(sync=True)
    at_s = traitlets.Float(None, allow_none=True).tag(sync=True)
    selected = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    show_dead = traitlets.Bool(False).tag(sync=True)

    def __init__(self, session: Session) -> None:
        self._session, self._sent, self._greeted = session, 0, False
        opening = session.opening()  # what is missed until `join` is asked for
        view_id = secrets.token_hex(8)
        super().__init__(
            _esm=module(), _css=style(), opening=opening, view_id=view_id,
            **session.settings.plain(),
        )  # fmt: skip
        self.on_msg(self._on_message)
        self.observe(self._on_trait, list(DEFAULTS))
        session.listeners.append(self._on_settings)
        self._port = _Port(self)
        session.follow(self._port)

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        if not isinstance(content, dict):
            return
        if content.get("type") == "hello":
            self._greeted = True
            self._session.join(self._port)
        else:
            self._session.hear(content, self.tell)

    def _on_trait(self, change: Any) -> None:
        name, value = change["name"], change["new"]
        if self._session.settings[name] != value:
            self._session.set({name: value})

    def _on_settings(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def tell(self, text: str) -> None:
        """Send a message to every view of this widget."""
        self._sent += 1
        if not self._greeted and self._sent in RENEWALS:
            self.opening = self._session.opening()
        self.send({"text": text})

    def end(self) -> None:
        """Keep the last state, for views that open later."""
        self.opening = encoded(self._session.hello(live=False))

    def __repr__(self) -> str:
        return "<OverlayWidget>"


class _Port:
    """The widget as a port: its `send` is that of ipywidgets."""

    def __init__(self, widget: OverlayWidget) -> None:
        self._widget = widget

    def send(self, text: str) -> None:
        self._widget.tell(text)
