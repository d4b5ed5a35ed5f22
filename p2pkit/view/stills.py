"""Stills: the overlay as it is now, with a path of any kind drawn in.

In a notebook a still shows itself as an SVG inside an image, so that it is there
offline, in a saved and untrusted notebook, and on a page without a kernel, for a few
kilobytes. `Still.save` writes the same picture as a file, or a page to drag and zoom.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from p2pkit.core import LocalProtocolError, Record
from p2pkit.view.circles import Place
from p2pkit.view.overlay import overlay_of
from p2pkit.view.picture import ColorBy, Picture, picture
from p2pkit.view.svg import write_svg


class Still:
    """A picture of an overlay at one moment.

    Parameters
    ----------
    picture : Picture
        What it shows.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._shown_in: int | None = None  # the cell that `watch` showed it in

    def svg(self) -> str:
        """Return the picture as SVG, sharp at any size."""
        return write_svg(self.picture)

    def html(self) -> str:
        """Return a self-contained page to drag and zoom, about 170 KB. Needs pyvis."""
        from p2pkit.view.model import vis_model, write_page

        return write_page(vis_model(self.picture))

    def save(self, path: str | Path) -> Path:
        """Write the picture: ``.svg``, ``.png``, or a page as ``.html``.

        Raises
        ------
        LocalProtocolError
            If the name ends in none of these.
        """
        path = Path(path)
        if path.suffix == ".png":
            from p2pkit.view.png import save_png

            save_png(self.picture, path)
        elif path.suffix in (".html", ".svg"):
            text = self.html() if path.suffix == ".html" else self.svg()
            path.write_text(text, encoding="utf-8")
        else:
            reason = (
                f"{path.name} should end in .html for a page, or in .svg or .png for "
                "a picture"
            )
            raise LocalProtocolError(reason)
        return path

    def _repr_html_(self) -> str:
        # An SVG of its own would not be shown by JupyterLab until the reader trusts
        # the notebook; an image always is.
        return svg_image(self.svg(), self.picture.caption)

    def _ipython_display_(self) -> None:
        shell = _notebook()
        if shell is not None and self._shown_in == shell.execution_count:
            return  # the value of the cell, and there already
        from IPython.display import display

        bundle = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return f"<Still: {self.picture.caption}>"


def svg_image(svg: str, alt: str) -> str:
    """Return an SVG as an image element, which a notebook shows untrusted too."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def still(
    overlay: Any,
    path: Any = None,
    layout: str | Mapping[str, Place] | None = None,
    color_by: ColorBy = "state",
    source: str | None = None,
    size_by: ColorBy | None = None,
    trace: Iterable[Record] | None = None,
    kinds: Sequence[str] | None = None,
) -> Still:
    """Draw an overlay as it is now.

    Parameters
    ----------
    overlay : Cluster, Snapshot, Scene or networkx.DiGraph
        A cluster, or what its ``snapshot()`` or ``graph()`` returned, or a scene of a
        film. It is not changed.
    path : optional
        What to draw in, as `observe.paths.hops_of` takes it. Of a lookup, from
        ``cluster.trace.of(Finished)``, lines run from who named a peer to that peer,
        colored by hop, with the order of asking; what did not answer is dashed gray.
        Of a rumor, by its id or one of its events, from who told to who heard. Of a
        window of messages, from sender to receiver, colored by time.
    layout : str or mapping, optional
        See `view.layout.places`; chosen by what the overlay is if not given.
    color_by, size_by : str or mapping
        ``in-degree``, ``degree``, ``load`` (messages so far), ``traffic`` (payload
        bytes so far), a number for each name, or of colors ``state``.
    source : str, optional
        Name of the node that made the lookup; a `Record` says it itself.
    trace : iterable of Record, optional
        Where the rest of a rumor's events is found; a cluster's own if not given.
    kinds : sequence of str, optional
        The kinds of edges to draw; all if not given.

    Raises
    ------
    LocalProtocolError
        If the layout, the coloring, the path or its source is unknown.
    """
    events = list(getattr(overlay, "trace", ()) if trace is None else trace)
    graph = overlay_of(overlay)
    drawn = picture(
        graph, path, layout, color_by, source, size_by, events if path is not None
        else (), kinds,
    )  # fmt: skip
    return Still(drawn)


def _notebook() -> Any:
    """Return the shell of the notebook that we run in, or None."""
    ipython = sys.modules.get("IPython")  # loaded, if we run in it
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if hasattr(shell, "kernel") else None
