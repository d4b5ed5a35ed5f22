"""Space-time diagrams: a lane a node, time to the right, a slanted arrow a message.

Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed
System", CACM 1978. What an arrow's slope shows is how long the message took; what no
arrow connects, nobody knew of in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from p2pkit.core import Codec, LocalProtocolError, Record
from p2pkit.observe.frames import Note
from p2pkit.observe.paths import labels
from p2pkit.view.arrows import arrows_of
from p2pkit.view.lamport_page import write_page
from p2pkit.view.lanes import WIDTH, Diagram
from p2pkit.view.stills import svg_image
from p2pkit.view.strokes import save_png, to_svg


class SpaceTime:
    """A space-time diagram; in a notebook it shows itself.

    Parameters
    ----------
    diagram : Diagram
        What it shows: its `arrows`, `lanes`, `notes`, and `caption`, which says how
        much of what there was is drawn.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram

    def text(self, number: int) -> str:
        """Return all that is known of a message, decoded; counted from 1."""
        arrow = self.diagram.arrows[number - 1]
        sent = "not seen" if arrow.sent_s is None else f"at {arrow.sent_s:.6f} s"
        heard = "not seen" if arrow.heard_s is None else f"at {arrow.heard_s:.6f} s"
        times = f"sent {sent}, heard {heard}"
        return f"{self.diagram.title(number)}\n{times}\n{arrow.text}".rstrip()

    def svg(self) -> str:
        """Return the diagram as SVG."""
        shapes, height = self.diagram.shapes()
        return to_svg(shapes, WIDTH, height, self.diagram.caption)

    def html(self) -> str:
        """Return a self-contained page: choose a message to read it decoded."""
        shapes, height = self.diagram.shapes()
        drawn = to_svg(shapes, WIDTH, height, self.diagram.caption, live=True)
        texts = [self.text(i) for i in range(1, len(self.diagram.arrows) + 1)]
        return write_page(drawn, texts, self.diagram.caption)

    def save(self, path: str | Path) -> Path:
        """Write the diagram: ``.svg``, ``.png``, or a page as ``.html``.

        Raises
        ------
        LocalProtocolError
            If the name ends in none of these.
        """
        path = Path(path)
        if path.suffix == ".png":
            shapes, height = self.diagram.shapes()
            save_png(shapes, WIDTH, height, path)
        elif path.suffix in (".svg", ".html"):
            text = self.svg() if path.suffix == ".svg" else self.html()
            path.write_text(text, encoding="utf-8")
        else:
            reason = f"{path.name} should end in .svg, .png or .html"
            raise LocalProtocolError(reason)
        return path

    def _repr_html_(self) -> str:
        return svg_image(self.svg(), self.diagram.caption)

    def __repr__(self) -> str:
        return f"<SpaceTime: {self.diagram.caption}>"


def space_time(
    what: Any,
    nodes: Sequence[str] | None = None,
    limit: int = 300,
    notes: Iterable[Note] = (),
    codec: Codec | None = None,
    trace: Iterable[Record] = (),
    named: Mapping[Any, str] | None = None,
    cluster: Any = None,
    between: tuple[float, float] | None = None,
) -> SpaceTime:
    """Draw messages as a space-time diagram.

    Parameters
    ----------
    what : window, list of Flight, or a path
        What ``cluster.messages()`` gave, its flights, or a path as
        `observe.paths.hops_of` takes it. A lookup's steps are drawn there and back.
    nodes : sequence of str, optional
        Names of the lanes, from the top. If not given, nodes stand in the order in
        which they took part, the busiest 40 at most.
    limit : int
        Messages drawn at most, the first; the caption says so.
    notes : iterable of Note, optional
        Faults, as a feed's frames have them: shaded bars.
    codec : Codec, optional
        Decodes what a message says, as `Kademlia.codec`; `cluster` knows it.
    trace, named : optional
        For paths, see `observe.paths.hops_of`; `cluster` knows both.
    cluster : Cluster, optional
        Whose messages these are.
    between : (float, float), optional
        Only messages first seen between these moments, in seconds of the run: a burst
        of a millisecond is a stroke on an axis of seconds.

    Raises
    ------
    LocalProtocolError
        If `what` is none of these, or `limit` is less than 1.
    """
    if limit < 1:
        reason = f"a diagram shows at least 1 message, not {limit}"
        raise LocalProtocolError(reason)
    if cluster is not None:
        codec = codec or cluster.protocol_class.codec
        trace = trace or cluster.trace
        named = named or labels(cluster.snapshot())
    codec = codec or getattr(what, "codec", None)
    notes = notes or getattr(what, "notes", ())
    arrows = arrows_of(what, trace, named or {}, codec)
    seen = len(arrows)
    if between is not None:
        first_s, last_s = between
        arrows = [one for one in arrows if first_s <= one.at_s <= last_s]
    let_go = seen - len(arrows) + getattr(what, "let_go", 0)
    return SpaceTime(Diagram(arrows, nodes, limit, notes, let_go))
