import base64
import re
from itertools import pairwise
from xml.etree import ElementTree

import networkx as nx
import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.view import still
from p2pkit.view.circles import circle, on_circle
from p2pkit.view.layout import places
from p2pkit.view.picture import FAILED_COLOR, HOP_COLORS, MOST_EDGES

SVG = "{http://www.w3.org/2000/svg}"


def test_a_still_shows_every_node_and_says_how_many(overlay):
    root = ElementTree.fromstring(still(overlay).svg())

    titles = [one.text for one in root.iter(f"{SVG}title")]
    assert titles[0] == "12 nodes, 13 edges of who knows whom"
    assert sum(" at 127.0.0.1:" in title for title in titles) == 13
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert {"alive", "paused", "dead", "foreign"} <= set(texts)


def test_a_path_runs_from_who_named_a_peer_colored_by_hop(overlay, lookup):
    path = still(overlay, path=lookup).picture.path

    assert [(one.source, one.target, one.number) for one in path] == [
        ("n00", "n04", 1),
        ("n00", "n03", 2),
        ("n04", "n08", 3),
    ]
    assert [one.color for one in path] == [HOP_COLORS[0], FAILED_COLOR, HOP_COLORS[1]]
    assert [one.dashed for one in path] == [False, True, False]


def test_the_legend_explains_the_path_and_the_key(overlay, lookup):
    svg = still(overlay, path=lookup).svg()

    for text in ("hop 1", "hop 2", "no answer", "key 80000000"):
        assert f">{text}</text>" in svg


def test_hops_can_be_told_apart_in_gray_print():
    def lightness(color):
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        return 0.3 * red + 0.59 * green + 0.11 * blue

    grays = [lightness(color) for color in HOP_COLORS]

    assert all(b - a > 20 for a, b in pairwise(grays))


def test_a_path_without_its_node_is_refused(overlay, lookup):
    with pytest.raises(LocalProtocolError, match="source="):
        still(overlay, path=lookup.event)
    with pytest.raises(LocalProtocolError, match="'n99'"):
        still(overlay, path=lookup.event, source="n99")

    assert still(overlay, path=lookup.event, source="n00").picture.path


def test_the_graph_of_the_caller_is_not_changed(overlay, lookup):
    before = (dict(overlay.nodes(data=True)), list(overlay.edges(data=True)))

    still(overlay, path=lookup).html()

    assert before == (dict(overlay.nodes(data=True)), list(overlay.edges(data=True)))


def test_a_notebook_gets_a_small_image_that_needs_no_trust(overlay):
    shown = still(overlay)._repr_html_()

    data = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', shown)[1]
    assert base64.b64decode(data).decode() == still(overlay).svg()
    assert len(shown) < 20_000
    assert repr(still(overlay)) == "<Still: 12 nodes, 13 edges of who knows whom>"


def test_names_cannot_break_out_of_the_picture(overlay):
    evil = '</script><script>alert("1")</script>'
    graph = nx.relabel_nodes(overlay, {"n01": evil})

    ElementTree.fromstring(still(graph).svg())
    assert evil not in still(graph).html()


def test_a_long_label_is_not_cut_off(overlay):
    name = "127.255.255.254:65535"
    graph = nx.relabel_nodes(overlay, {"n03": name})

    root = ElementTree.fromstring(still(graph).svg())

    left, _, width, _ = (float(part) for part in root.get("viewBox").split())
    text = next(one for one in root.iter(f"{SVG}text") if one.text == name)
    x, long = float(text.get("x")), 6 * len(name)
    assert text.get("text-anchor") == "start"
    assert x + long > 640
    assert x + long <= left + width


def test_big_overlays_are_thinned_and_say_so():
    graph = nx.gnp_random_graph(300, 0.3, seed=1, directed=True)
    graph = nx.relabel_nodes(graph, lambda i: f"n{i:03d}")
    for i, name in enumerate(graph):
        graph.nodes[name].update(id=i, address="127.0.0.1:1", state="alive")

    shown = still(graph).picture

    assert len(shown.edges) == MOST_EDGES
    assert "3,000 of" in shown.caption
    assert not any(dot.label for dot in shown.dots)


def test_nodes_are_colored_by_state_degree_or_numbers(overlay):
    overlay.add_edge("n05", "n00")

    for color_by in ("in-degree", {"n00": 1.0, "n01": 5.0}):
        fills = {dot.fill for dot in still(overlay, color_by=color_by).picture.dots}
        assert len(fills) > 1
    with pytest.raises(LocalProtocolError, match="in-degree"):
        still(overlay, color_by="mood")


def test_layouts_place_every_node(overlay):
    assert circle(overlay)["n00"] == on_circle(0.0) == (0.0, -1.0)
    for layout in (None, "circle", "id-circle", "spring"):
        assert set(places(overlay, layout)) == set(overlay)
    with pytest.raises(LocalProtocolError, match="there are circle"):
        places(overlay, "square")
    with pytest.raises(LocalProtocolError, match="no place for n01"):
        places(overlay, {"n00": (0, 0)})


def test_stills_are_saved_as_pages_or_pictures(overlay, tmp_path):
    assert still(overlay).save(tmp_path / "a.svg").read_text().startswith("<svg")
    page = still(overlay).save(tmp_path / "a.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert len(page) < 300_000
    with pytest.raises(LocalProtocolError, match=r"\.svg or \.png"):
        still(overlay).save(tmp_path / "a.gif")


def test_an_empty_overlay_is_an_empty_picture():
    assert "0 nodes" in still(nx.DiGraph()).svg()
