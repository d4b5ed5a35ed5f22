"""`watch`: a cluster's overlay while it lives, in a cell or in the browser.

The same view falls back to a still picture where nobody could click: under nbclient,
nbval and nbconvert. So a notebook runs everywhere, and a saved one shows something.
"""

from __future__ import annotations

import atexit
import sys
import warnings
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from p2pkit.core import LocalProtocolError
from p2pkit.observe.extras import load
from p2pkit.view.cell import Cell
from p2pkit.view.circles import Place
from p2pkit.view.keepsake import Keepsake
from p2pkit.view.layout import layout_name
from p2pkit.view.messages import encoded
from p2pkit.view.module import page, policy
from p2pkit.view.page import Page
from p2pkit.view.session import Session
from p2pkit.view.settings import DEFAULTS, Settings
from p2pkit.view.stills import Still, still
from p2pkit.view.surroundings import has_front_end, has_screen, notebook

Where = Literal["auto", "cell", "browser", "still"]


def watch(
    cluster: Any,
    path: Any = None,
    layout: str | Mapping[str, Place] | None = None,
    color_by: str = "state",
    size_by: str | None = None,
    where: Where = "auto",
    port: int = 0,
    speed: float = 1.0,
    show: bool = True,
    **settings: Any,
) -> LiveView:
    """Show a cluster's overlay, live: nodes, edges and messages while they come and go.

    Parameters
    ----------
    cluster : Cluster
        What to watch, on either carrier. A graph, as ``cluster.graph()`` returns it,
        does not live: it gives a still.
    path : optional
        A lookup, a rumor, ... to play at once, see `LiveView.play`.
    layout : str or mapping, optional
        As for `still`; chosen by the kinds of edges if not given.
    color_by, size_by : str
        What colors and sizes nodes: ``state`` (colors alone), ``load`` (messages a
        second), ``traffic`` (bytes a second), ``degree`` (how full its table is),
        ``in-degree`` (how many know it).
    where : {"auto", "cell", "browser", "still"}
        In the notebook's cell, on a page of its own, or as a still picture. By itself
        it is the cell where a front end shows it, a still where a program runs the
        notebook, and elsewhere a page whose address is printed.
    port : int
        The page's port; 0 takes any free one.
    speed : float
        For virtual time: how many of its seconds pass in one of ours while it runs.
    show : bool
        Whether it is shown at once; else `LiveView.show` does it.
    **settings
        What else the view begins with: `kinds`, `paused`, `at_s`, `selected`,
        `show_dead`.

    Raises
    ------
    LocalProtocolError
        If a choice makes no sense; the sentence says what would.
    ClusterError
        If the cluster is closed.
    TransportError
        If the page's port is taken.
    """
    chosen = Settings(color_by=color_by, size_by=size_by, **settings)
    form = _form(where) if hasattr(cluster, "frames") else "still"
    view = LiveView(cluster, layout, chosen, form, port, speed)
    if path is not None:
        view.play(path)
    if show:
        view.show()
    return view


def _form(where: str) -> str:
    if where not in ("auto", "cell", "browser", "still"):
        reason = f"a view cannot be {where!r}: say auto, cell, browser or still"
        raise LocalProtocolError(reason)
    if where != "auto":
        return where
    shell = notebook()
    if shell is None:
        return "browser"
    return "cell" if has_front_end(shell) and _has_widgets() else "still"


def _has_widgets() -> bool:
    try:
        load("anywidget", "notebook")
    except ModuleNotFoundError as error:
        warnings.warn(f"a still picture, since {error}", stacklevel=4)
        return False
    return True


class LiveView:
    """An overlay that is watched; `watch` makes it.

    Its settings are attributes, to read and to set: `color_by`, `size_by`, `kinds`,
    `paused`, `at_s`, `selected` and `show_dead`, see `watch`. Every control of the
    view is one of these, or a call of the cluster.
    """

    def __init__(
        self,
        cluster: Any,
        layout: str | Mapping[str, Place] | None,
        settings: Settings,
        form: str,
        port: int,
        speed: float,
    ) -> None:
        self._cluster, self._form = cluster, form
        self._layout, self._settings = layout, settings
        self._session: Session | None = None
        self._page: Page | None = None
        self._cell = Cell(self.__repr__, self._still)
        self._path: Any = None  # what was played last
        if form == "still":
            return
        self._session = Session(cluster, layout, settings, speed)
        self._session.start()
        try:
            self._open(port)
        except BaseException:
            self._session.close()
            raise

    def _open(self, port: int) -> None:
        assert self._session is not None
        if self._form == "browser":
            self._page = Page(self._session, port).__enter__()
        else:
            load("anywidget", "notebook")
            from p2pkit.view.widget import OverlayWidget

            self._cell.widget = OverlayWidget(self._session)
            self._session.follow(Keepsake(self._cell.name, self._cell.html))
            # The kernel's end is the end of the widget: leave a picture behind.
            atexit.register(self.freeze)

    @property
    def widget(self) -> Any:
        """The ipywidget of a view in a cell, else None."""
        return self._cell.widget

    @property
    def url(self) -> str | None:
        """The page's address, token included; None for a view in a cell."""
        return self._page.url if self._page is not None else None

    def show(self) -> None:
        """Show the view: in this cell, or in a browser if there is one."""
        if self._page is not None:
            sys.stdout.write(f"The overlay is at {self._page.url}\n")
            sys.stdout.flush()
            if has_screen():
                webbrowser.open(self._page.url)
            return
        self._cell.show()

    def play(self, what: Any, speed: float | None = None, step: bool = False) -> Self:
        """Play a path on the overlay: a lookup, a walk, a rumor, a flood, messages.

        Parameters
        ----------
        what : Record, id, window or list
            What `observe.paths.hops_of` takes, such as a record of
            ``cluster.trace``.
        speed : float, optional
            1 is real time, 0.01 a hundredth of it; so that it takes some seconds if
            not given.
        step : bool
            Whether it waits for the view's buttons, hop by hop.
        """
        if self._session is not None:
            self._session.play(what, speed, step=step)
        self._path = what
        if self._form == "still" and self._cell.is_shown:
            self.show()
        return self

    def relayout(self, layout: str | None = None) -> Self:
        """Lay the overlay out anew, by another layout if one is named, see `watch`."""
        if self._session is not None:
            self._session.catch_up()
            self._session.relayout(layout)
        elif layout is not None:
            self._layout = layout_name(layout)
        return self

    def still(self) -> Still:
        """Return the picture of this moment, or of the last one."""
        if self._session is not None:
            self._session.catch_up()
        return self._still()

    def freeze(self) -> Self:
        """Put a still picture in the view's place in the notebook; close the view."""
        atexit.unregister(self.freeze)
        if self._session is not None:
            self._session.catch_up()
        if self.widget is not None and self._cell.is_shown:
            self._cell.freeze()
        self.close()
        return self

    def close(self) -> None:
        """Stop watching; what is on the screen stays, and can still be scrubbed."""
        atexit.unregister(self.close)
        if self._session is not None:
            self._session.close()
        if self.widget is not None:
            self.widget.end()
        if self._page is not None:
            self._page.close()

    def save(self, path: str | Path) -> Path:
        """Write the run so far as a page to scrub and play, or a picture.

        Parameters
        ----------
        path : str or Path
            Ends in ``.html`` for a page that asks nobody, or in ``.svg`` or ``.png``
            for a still.

        Raises
        ------
        LocalProtocolError
            If the name ends in none of these.
        """
        path = Path(path)
        if path.suffix in (".svg", ".png") or not hasattr(self._cluster, "frames"):
            return self.still().save(path)
        _check_page(path)
        rules = policy("p2pkit", connect="'none'")
        start = "mount(document.body, filePort(opening))"
        path.write_text(
            page(start, rules, "p2pkit", encoded(self._run_so_far())), "utf-8"
        )
        return path

    def __getattr__(self, name: str) -> Any:
        if name in DEFAULTS:
            return self.__dict__["_settings"][name]
        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(message)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in DEFAULTS:
            super().__setattr__(name, value)
        elif self._session is not None:
            self._session.set({name: value})
        else:
            self._settings.change({name: value})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        kind = getattr(self._cluster, "protocol_class", None)
        name = kind.__name__ if kind is not None else "overlay"
        place = {"cell": "in a cell", "browser": "on a page", "still": "as a still"}
        return f"<LiveView of {len(self._cluster)} {name} nodes, {place[self._form]}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._cell.bundle()

    def _ipython_display_(self) -> None:
        self._cell.show_value()

    def _still(self) -> Still:
        shown = self._settings.plain()
        looks = {name: shown[name] for name in ("color_by", "size_by", "kinds")}
        if self._session is None:
            return still(self._cluster, self._path, self._layout, **looks)
        reel = self._session.reel
        scene = reel.film.scene(shown["at_s"])
        places = {name: reel.places.get(name, (0.0, 0.0)) for name in scene.nodes}
        trace = getattr(self._cluster, "trace", ())
        return still(scene, self._path, places, trace=trace, **looks)

    def _run_so_far(self) -> dict[str, Any]:
        if self._session is not None:
            self._session.catch_up()
            return self._session.hello(live=False)
        session = Session(self._cluster, self._layout, self._settings)
        try:
            session.take_first()
            return session.hello(live=False)
        finally:
            session.close()


def _check_page(path: Path) -> None:
    if path.suffix != ".html":
        reason = (
            f"{path.name} should end in .html for a page, or in .svg or .png for a "
            "picture"
        )
        raise LocalProtocolError(reason)
