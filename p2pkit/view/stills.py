"""Stills: the overlay as it is now, with a lookup's path drawn in.

In a notebook a still shows itself as an SVG inside an image, so that it is there
offline, in a saved and untrusted notebook, and on a page without a kernel, for a few
kilobytes. `Still.save` writes the same picture as a page to drag and zoom.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2pkit.core import Finished, LocalProtocolError, Record
from p2pkit.view.circles import Place
from p2pkit.view.picture import ColorBy, Picture, picture
from p2pkit.view.svg import write_svg

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]


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
        """Write the picture: a page if `path` ends in ``.html``, else an ``.svg``.

        Raises
        ------
        LocalProtocolError
            If the name ends in neither.
        """
        path = Path(path)
        if path.suffix not in (".html", ".svg"):
            reason = f"{path.name} should end in .html for a page or .svg for a picture"
            raise LocalProtocolError(reason)
        text = self.html() if path.suffix == ".html" else self.svg()
        path.write_text(text, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        # An SVG of its own would not be shown by JupyterLab until the reader trusts
        # the notebook; an image always is.
        data = base64.b64encode(self.svg().encode()).decode()
        alt = self.picture.caption
        return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}">'

    def _ipython_display_(self) -> None:
        shell = _notebook()
        if shell is not None and self._shown_in == shell.execution_count:
            return  # the value of the cell, and there already
        from IPython.display import display

        bundle = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return f"<Still: {self.picture.caption}>"


def still(
    overlay: Any,
    path: Finished | Record | None = None,
    layout: str | Mapping[str, Place] | None = None,
    color_by: ColorBy = "state",
    source: str | None = None,
) -> Still:
    """Draw an overlay as it is now.

    Parameters
    ----------
    overlay : Cluster or networkx.DiGraph
        A cluster, or what its ``graph()`` returned. It is not changed.
    path : Record or Finished, optional
        A lookup to draw in, from ``cluster.trace.of(Finished)``: lines run from who
        named a peer to that peer, colored by hop, with the order of asking; what
        did not answer is dashed gray.
    layout : str or mapping, optional
        ``circle`` (by rank of id, the default), ``id-circle`` (by id), ``spring``,
        or places by name.
    color_by : str or mapping
        ``state``, ``in-degree``, or a number for each name.
    source : str, optional
        Name of the node that made the lookup; a `Record` says it itself.

    Raises
    ------
    LocalProtocolError
        If the layout, the coloring or the source is unknown.
    """
    graph: Overlay = overlay.graph() if hasattr(overlay, "trace") else overlay
    if isinstance(path, Record):
        source = source or path.node
        path = path.event if isinstance(path.event, Finished) else None
    return Still(picture(graph, path, layout, color_by, source))


def watch(cluster: Any, **options: Any) -> Still:
    """Show a cluster's overlay: a still picture of this moment, in the cell.

    In a notebook it appears at once, wherever in the cell the call stands; a script
    gets the picture to `Still.save`.

    The picture does not move yet: call it again for the next moment, or run
    ``p2pkit demo`` for a page that follows a cluster. Options are those of `still`.
    """
    shown = still(cluster, **options)
    shell = _notebook()
    if shell is not None:
        shown._ipython_display_()
        shown._shown_in = shell.execution_count
    return shown


def _notebook() -> Any:
    """Return the shell of the notebook that we run in, or None."""
    ipython = sys.modules.get("IPython")  # loaded, if we run in it
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if hasattr(shell, "kernel") else None
