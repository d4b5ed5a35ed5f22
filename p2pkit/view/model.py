"""The picture as vis-network's data: the one door to pyvis, as a model builder only.

pyvis keeps nodes, edges and options in the form that vis-network wants, and ships its
script. Its page templates are not used: each of them asks other machines for scripts.
"""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from p2pkit.observe.extras import load
from p2pkit.view.picture import EDGE_COLOR, Dot, Line, Picture

SCALE = 400
"""Units of vis-network from the middle of the drawing to its rim."""

STATIC = Path(__file__).parent / "static"

OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "edges": {"smooth": False},
    "interaction": {"hover": True, "tooltipDelay": 100, "hideEdgesOnDrag": True},
}


def vis_model(picture: Picture) -> dict[str, Any]:
    """Return nodes, edges, options, legend and caption as plain data.

    Every node and edge has an id of its own that stays the same from one picture of
    an overlay to the next, so that a page can merge changes.
    """
    # Directed and without arrows: for undirected graphs pyvis compares each new edge
    # with all others.
    network = load("pyvis.network", "view").Network(directed=True)
    size = max(3.0, min(10.0, 1000 / max(len(picture.dots), 1)))
    for dot in picture.dots:
        network.add_node(dot.name, **_node(dot, size))
    for a, b in picture.edges:
        network.add_edge(a, b, id=f"{a}-{b}", color=EDGE_COLOR, width=1, arrows="")
    for line in picture.path:
        network.add_edge(line.source, line.target, **_step(line))
    nodes, edges, *_ = network.get_network_data()
    return {
        "nodes": [*nodes, *_target(picture)],
        "edges": edges,
        "options": OPTIONS,
        "legend": [entry._asdict() for entry in picture.legend],
        "caption": picture.caption,
    }


def _node(dot: Dot, size: float) -> dict[str, Any]:
    return {
        "label": dot.label or " ",  # pyvis writes the name where there is none
        "title": dot.title,
        "x": round(dot.place[0] * SCALE, 1),
        "y": round(dot.place[1] * SCALE, 1),
        "size": size,
        "shape": "square" if dot.shape == "square" else "dot",
        "borderWidth": dot.ring_width,
        "color": {"background": dot.fill, "border": dot.ring},
        "shapeProperties": {"borderDashes": [3, 3] if dot.shape == "cross" else False},
    }


def _step(line: Line) -> dict[str, Any]:
    return {
        "id": f"step-{line.number}",
        "label": str(line.number),
        "title": line.title,
        "color": line.color,
        "width": line.width,
        "dashes": line.dashed,
        "arrows": "to",
    }


def _target(picture: Picture) -> list[dict[str, Any]]:
    if picture.target is None:
        return []
    x, y = (round(part * SCALE, 1) for part in picture.target)
    color = {"background": "#cc3311", "border": "#cc3311"}
    look = {"shape": "star", "size": 10, "color": color, "title": "the key"}
    return [{"id": "the key", "label": "key", "x": x, "y": y, **look}]


def write_page(model: dict[str, Any], *, live: bool = False) -> str:
    """Return a whole HTML page that shows a model and asks no other machine.

    Parameters
    ----------
    model : dict
        What `vis_model` returned.
    live : bool
        Whether the page asks its own server for a new model each second.
    """
    page = (STATIC / "page.html").read_text("utf-8")
    parts = {
        "@MODEL@": _json(model | {"live": live}),
        "@LIBRARY@": _library(),
        "@SCRIPT@": (STATIC / "page.js").read_text("utf-8"),
    }
    for mark, text in parts.items():
        before, _, after = page.partition(mark)
        page = before + text + after
    return page


def _json(value: Any) -> str:
    # "<" would let a name end the script element it stands in.
    return json.dumps(value).replace("<", "\\u003c")


@cache
def _library() -> str:
    """Return the script of vis-network that pyvis ships: gzip, then base64."""
    root = Path(str(load("pyvis", "view").__file__)).parent
    script = (root / "lib" / "vis-9.1.2" / "vis-network.min.js").read_bytes()
    return base64.b64encode(gzip.compress(script, mtime=0)).decode()
