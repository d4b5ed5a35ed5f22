"""The picture as vis-network's data: the one door to pyvis, as a model builder only.

pyvis keeps nodes, edges and options in the form that vis-network wants, and ships its
script. Its page templates are not used: each of them asks other machines for scripts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from p2pkit.core import short
from p2pkit.observe.extras import load
from p2pkit.observe.frames import Scene
from p2pkit.view.circles import Place
from p2pkit.view.module import page, policy
from p2pkit.view.palette import EDGE_COLOR
from p2pkit.view.picture import Dot, Line, Picture

SCALE = 400
"""Units of vis-network from the middle of the drawing to its rim."""

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


def overlay_model(scene: Scene, places: Mapping[str, Place]) -> dict[str, Any]:
    """Return what a live view begins with: nodes, edges and options, as pyvis has them.

    Colors, sizes and what changes later are for the view to say.
    """
    network = load("pyvis.network", "view").Network(directed=True)
    for node in scene.nodes.values():
        x, y = places.get(node.name, (0.0, 0.0))
        title = f"{node.name} {short(node.id)}"
        network.add_node(
            node.name, label=" ", title=title, x=round(x * SCALE, 1),
            y=round(y * SCALE, 1),
        )  # fmt: skip
    pairs = dict.fromkeys((min(a, b), max(a, b)) for a, b, _ in scene.edges)
    for a, b in pairs:
        if a in scene.nodes and b in scene.nodes:
            network.add_edge(a, b, id=f"{a} {b}", width=1, arrows="")
    nodes, edges, *_ = network.get_network_data()
    return {"nodes": nodes, "edges": edges, "options": OPTIONS}


def write_page(model: dict[str, Any]) -> str:
    """Return a whole HTML page that shows a picture and asks no other machine."""
    nonce = "p2pkit"
    rules = policy(nonce, connect="'none'")
    return page("showPicture(document.body, opening)", rules, nonce, json.dumps(model))
