import base64
import re
from itertools import combinations
from xml.etree import ElementTree

import networkx as nx
import pytest

from p2pkit.core import (
    Address,
    Counters,
    Event,
    LocalProtocolError,
    Record,
    Tally,
    topologies,
)
from p2pkit.observe import NodeSnapshot, Snapshot
from p2pkit.observe.flights import Flight
from p2pkit.observe.frames import Frame, NodeFrame, Scene
from p2pkit.view import still
from p2pkit.view.drawing import MOST_NUMBERS, Drawing
from p2pkit.view.labels import box_of
from p2pkit.view.palette import FAILED_COLOR, STATE_COLORS, WAVE
from p2pkit.view.svg import write_svg
from tests.unit.view.graphs import overlay_of_pairs

SVG = "{http://www.w3.org/2000/svg}"


class Heard(Event, frozen=True):
    rumor: bytes
    sender: Address | None


def rumor(graph, tellings):
    """A rumor that n00 began; `tellings` are pairs of numbers, one a second."""
    names = list(graph)
    host = {name: graph.nodes[name]["address"].split(":")[0] for name in graph}
    records = [Record(0.0, names[0], Heard(b"r", None))]
    for second, (teller, hearer) in enumerate(tellings, start=1):
        sender = (host[names[teller]], 6881)
        records.append(Record(second, names[hearer], Heard(b"r", sender)))
    return records


def texts(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_rumor_is_drawn_as_the_tree_of_who_told_whom():
    graph = overlay_of_pairs(12, topologies.ring(12))
    records = rumor(graph, [(i, i + 1) for i in range(11)])

    shown = still(graph, path=b"r", trace=records)

    lines = [(line.source, line.target) for line in shown.picture.path]
    assert lines == [(f"n{i:02}", f"n{i + 1:02}") for i in range(11)]
    assert [line.color for line in shown.picture.path[::10]] == [WAVE[0], WAVE[-1]]
    said = [entry.text for entry in shown.picture.legend]
    assert said[1] == "hops 1 to 2"
    assert said[-1] == "hop 11"


def test_messages_of_a_window_are_colored_by_time_and_losses_dashed():
    graph = overlay_of_pairs(3, topologies.ring(3))
    flights = [
        Flight(1.0, 1.1, "n00", "n01", "Ping", b""),
        Flight(2.0, None, "n01", "n02", "Ping", b"", "loss"),
    ]

    shown = still(graph, path=flights).picture

    assert [line.color for line in shown.path] == [WAVE[0], FAILED_COLOR]
    assert [line.dashed for line in shown.path] == [False, True]
    assert shown.legend[-1].text == "lost"
    assert "from 1.000 s to 2.000 s" in [entry.text for entry in shown.legend]


def test_a_hop_to_nobody_in_the_picture_is_counted():
    graph = overlay_of_pairs(3, topologies.ring(3))
    flights = [Flight(1.0, 1.1, "n00", other, "P", b"") for other in ("n01", "n77")]

    assert still(graph, path=flights).picture.caption.endswith("1 of 2 hops are drawn")


def test_long_paths_have_no_numbers():
    graph = overlay_of_pairs(60, topologies.ring(60))
    short, long = (rumor(graph, [(0, i) for i in range(1, n)]) for n in (9, 60))

    assert len(Drawing(still(graph, b"r", trace=short).picture).numbers()) == 8
    assert len(still(graph, b"r", trace=long).picture.path) > MOST_NUMBERS
    assert Drawing(still(graph, b"r", trace=long).picture).numbers() == []


def two_kinds():
    graph = overlay_of_pairs(6, topologies.ring(6), "successor")
    graph.add_edges_from(
        ("n00", name, {"kind": "finger", "kinds": ("finger",)})
        for name in ("n02", "n03")
    )
    graph.edges["n00", "n01"]["kinds"] = ("successor", "finger")
    return graph


def test_kinds_of_edges_differ_and_an_edge_of_two_shows_the_rarer():
    strands = still(two_kinds()).picture.strands

    assert {one.kind: len(one.pairs) for one in strands} == {
        "successor": 5,
        "finger": 3,
    }
    assert len({one.color for one in strands}) == 2
    assert {"successor", "finger"} <= set(texts(still(two_kinds()).svg()))


def test_only_the_wanted_kinds_are_drawn():
    drawn = still(two_kinds(), kinds=["finger"]).picture

    assert [one.kind for one in drawn.strands] == ["finger"]
    assert len(drawn.edges) == 3


def test_one_kind_alone_needs_no_legend():
    assert [entry.text for entry in still(overlay_of_pairs(3, [(0, 1)])).picture.legend
            ] == ["alive"]  # fmt: skip


def test_roles_are_shapes_and_a_dot_has_none():
    graph = overlay_of_pairs(4, topologies.ring(4))
    graph.nodes["n01"]["role"] = "leaf"
    graph.nodes["n02"]["role"] = "ultrapeer"

    dots = {dot.name: dot.shape for dot in still(graph).picture.dots}

    assert dots["n00"] == "dot"
    assert len(set(dots.values())) == 3


def test_states_differ_in_shape_too():
    graph = overlay_of_pairs(4, topologies.ring(4))
    for name, state in zip(graph, STATE_COLORS, strict=True):
        graph.nodes[name]["state"] = state

    assert len({dot.shape for dot in still(graph).picture.dots}) == 4


@pytest.mark.parametrize("nodes", [8, 32, 80])
@pytest.mark.parametrize(
    ("layout", "bits"),
    [("circle", 160), ("id-circle", 8), ("id-circle", 160), ("force", 160),
     ("tree", 160), ("grid", 160), ("prefix-tree", 160)],
)  # fmt: skip
def test_no_name_stands_on_another(nodes, layout, bits):
    graph = overlay_of_pairs(nodes, topologies.regular(nodes, 4, 1), "finger", bits)

    drawing = Drawing(still(graph, layout=layout).picture)

    boxes = [box_of(label) for label in drawing.labels]
    assert not [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] + 1 < b[3] and b[1] + 1 < a[3]
    ]
    assert len(boxes) > nodes / 2
    inside = (drawing.left, drawing.top)
    assert all(box[0] >= inside[0] and box[1] >= inside[1] for box in boxes)


def test_names_on_a_circle_are_all_there():
    for bits in (8, 160):
        graph = overlay_of_pairs(60, topologies.ring(60), "successor", bits)
        assert len(Drawing(still(graph).picture).labels) == 60


def snapshot(loads):
    nodes = [
        NodeSnapshot(f"n{i:02}", i, ("127.0.0.1", i + 1), "alive", (),
                     Counters(sent={"Ping": Tally(load, 10 * load)}))
        for i, load in enumerate(loads)
    ]  # fmt: skip
    return Snapshot(0.0, tuple(nodes))


def test_load_is_shown_as_color_and_size():
    shown = still(snapshot([1, 5, 9]), color_by="load", size_by="traffic").picture

    assert len({dot.fill for dot in shown.dots}) == 3
    sizes = [dot.size for dot in shown.dots]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    assert [entry.text for entry in shown.legend] == [
        "messages so far: 1 to 9", "payload bytes so far: 10 to 90"
    ]  # fmt: skip


def test_a_graph_without_counters_has_no_load():
    with pytest.raises(LocalProtocolError, match="no counters"):
        still(overlay_of_pairs(3, []), color_by="load")


def test_a_scene_of_a_film_is_drawn():
    scene = Scene()
    nodes = tuple(
        NodeFrame(f"n{i}", i, ("127.0.0.1", i + 1), "alive", quantities={"sent": i})
        for i in range(3)
    )
    linked = (("n0", "n1", "active"), ("n1", "n0", "active"), ("n0", "n9", "active"))
    scene.apply(Frame(number=1, at_s=0.0, nodes=nodes, linked=linked))

    shown = still(scene, color_by="load").picture

    assert shown.caption == "3 nodes, 2 edges of who knows whom"
    assert shown.edges == (("n0", "n1"),)


@pytest.mark.parametrize("nodes", [0, 1, 30, 300])
def test_a_png_is_the_svg_twice_as_sharp(nodes, tmp_path):
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    graph = overlay_of_pairs(nodes, topologies.ring(nodes) if nodes else [])
    shown = still(graph, color_by="degree", size_by="in-degree")
    root = ElementTree.fromstring(shown.svg())

    pixels = imread(shown.save(tmp_path / "a.png"))

    assert pixels.shape[1] == pytest.approx(2 * float(root.get("width")), abs=1)
    assert pixels.shape[0] == pytest.approx(2 * float(root.get("height")), abs=1)
    assert pixels.min() < 0.5


def test_a_png_shows_paths_kinds_and_names_with_dollar_signs(tmp_path):
    pytest.importorskip("matplotlib")
    graph = nx.relabel_nodes(two_kinds(), {"n05": "$x_1$"})
    flights = [Flight(1.0, None, "n00", "n01", "Ping", b"", "loss")]
    plain = still(graph).save(tmp_path / "a.png").read_bytes()

    with_path = still(graph, path=flights).save(tmp_path / "b.png").read_bytes()

    assert plain != with_path


def test_the_same_overlay_gives_the_same_bytes():
    graph = overlay_of_pairs(60, topologies.regular(60, 4, 1))

    assert write_svg(still(graph).picture) == write_svg(still(graph).picture)
    shown = still(graph)._repr_html_()
    data = re.search(r'base64,([^"]*)"', shown)[1]
    assert base64.b64decode(data).decode() == still(graph).svg()


def test_a_thousand_nodes_are_drawn():
    graph = overlay_of_pairs(1000, topologies.regular(1000, 4, 1))

    shown = still(graph, color_by="degree")

    assert len(shown.picture.dots) == 1000
    assert len(shown.svg()) < 300_000


def test_messages_between_the_same_two_nodes_do_not_cover_each_other():
    graph = overlay_of_pairs(9, topologies.grid(3, 3))
    ways = [("n00", "n01"), ("n01", "n00"), ("n00", "n01")]
    flights = [Flight(i, i + 1, a, b, "P", b"") for i, (a, b) in enumerate(ways)]

    drawing = Drawing(still(graph, path=flights).picture)

    bends = {drawing.curve(line)[1] for line in drawing.picture.path}
    assert len(bends) == 3


def test_the_rarest_kind_of_edge_is_drawn_whole_and_strongest():
    graph = overlay_of_pairs(60, topologies.complete(60), "passive")
    for a, b in topologies.tree(60):
        graph.edges[f"n{a:02}", f"n{b:02}"]["kinds"] = ("passive", "eager")

    drawing = Drawing(still(graph).picture)

    passive, eager = drawing.picture.strands
    assert (eager.kind, eager.dashes, len(eager.pairs)) == ("eager", "", 59)
    assert drawing.opacity(eager) > 3 * drawing.opacity(passive)


def test_ids_are_shown_as_long_as_they_are():
    graph = overlay_of_pairs(9, topologies.ring(9), "successor", 8)
    first = still(graph).picture.dots[0]

    assert f" {graph.nodes['n00']['id']:02x} at " in first.title
