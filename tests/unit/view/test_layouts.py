from math import dist

import networkx as nx
import numpy as np
import pytest

from p2pkit.core import topologies
from p2pkit.observe.frames import Frame, NodeFrame, Scene
from p2pkit.view.circles import turn_of
from p2pkit.view.force import force_places, hop_counts
from p2pkit.view.layout import LAYOUTS, choose, place_of_key, places
from p2pkit.view.layouter import Layouter
from p2pkit.view.overlay import id_bits, natural
from p2pkit.view.trees import find_grid, links_of, prefix_branches, prefix_depths
from tests.unit.view.graphs import overlay_of_pairs

SHAPES = {
    "ring": (topologies.ring(32), "loop"),
    "tree": (topologies.tree(32), "tree"),
    "grid": (topologies.grid(4, 8), "grid"),
    "small world": (topologies.small_world(32, 4, 0.1, 7), "loop"),
    "random": (topologies.erdos_renyi(32, 0.15, 7), "force"),
    "regular": (topologies.regular(32, 4, 7), "force"),
    "complete": (topologies.complete(32), "loop"),
    "none": ([], "circle"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_layout_is_chosen_by_the_shape_of_the_overlay(shape):
    pairs, wanted = SHAPES[shape]

    assert choose(overlay_of_pairs(32, pairs)) == wanted


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("bucket", "circle"),
        ("successor", "id-circle"),
        ("finger", "id-circle"),
        ("eager", "tree"),
    ],
)
def test_layout_is_chosen_by_the_kinds_of_edges_first(kind, wanted):
    assert choose(overlay_of_pairs(32, topologies.grid(4, 8), kind)) == wanted


def test_a_large_tree_is_drawn_in_rings():
    assert choose(overlay_of_pairs(99, topologies.tree(99))) == "radial"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nodes", [0, 1, 2, 9, 200])
def test_every_layout_places_every_node_in_the_square(layout, nodes):
    degree = min(4, nodes - 1) if nodes > 2 else 0
    pairs = topologies.regular(nodes, degree, 1) if nodes else []
    graph = overlay_of_pairs(nodes, pairs)

    found = places(graph, layout)

    assert set(found) == set(graph)
    assert all(abs(part) <= 1.0001 for place in found.values() for part in place)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_puts_two_nodes_on_one_place(layout):
    graph = overlay_of_pairs(60, topologies.tree(60, 3))

    assert (
        len({(round(x, 6), round(y, 6)) for x, y in places(graph, layout).values()})
        == 60
    )


def test_places_do_not_depend_on_the_order_of_nodes_and_edges():
    graph = overlay_of_pairs(40, topologies.regular(40, 4, 3))
    turned = nx.DiGraph()
    turned.add_nodes_from(reversed(list(graph.nodes.data())))
    turned.add_edges_from(reversed(list(graph.edges.data())))

    for layout in LAYOUTS:
        there, again = places(graph, layout), places(turned, layout)
        assert all(there[name] == pytest.approx(again[name]) for name in graph), layout


def test_linked_nodes_are_nearer_than_others_by_force():
    graph = overlay_of_pairs(60, topologies.grid(6, 10))
    where = places(graph, "force")
    near = [dist(where[a], where[b]) for a, b in graph.edges]
    every = [dist(where[a], where[b]) for a in graph for b in graph if a < b]

    assert np.mean(near) < np.mean(every) / 3


def test_a_node_without_edges_does_not_make_the_rest_a_speck():
    graph = overlay_of_pairs(41, topologies.regular(40, 4, 3))
    where = places(graph, "force")
    others = [where[name] for name in graph if name != "n40"]

    assert max(abs(x) for x, _ in others) > 0.5
    assert max(abs(y) for _, y in others) > 0.5


def test_hops_are_counted_as_networkx_does():
    graph = overlay_of_pairs(50, topologies.erdos_renyi(50, 0.05, 2))
    pairs = np.array(topologies.erdos_renyi(50, 0.05, 2)).T
    links, names = graph.to_undirected(), list(graph)

    found = hop_counts(50, pairs, np.array([0, 7]))

    for column, start in enumerate((0, 7)):
        wanted = nx.single_source_shortest_path_length(links, names[start])
        assert [wanted.get(name, -1) for name in names] == list(found[:, column])


def test_force_layout_of_nothing_and_of_one_are_in_the_middle():
    none = np.zeros((2, 0), np.int64)

    assert force_places(0, none).shape == (0, 2)
    assert force_places(1, none).tolist() == [[0, 0]]


def test_children_stand_below_their_parent_and_rows_do_not_cross():
    where = places(overlay_of_pairs(31, topologies.tree(31)), "tree")

    for parent, child in topologies.tree(31):
        assert where[f"n{child:02}"][1] > where[f"n{parent:02}"][1]
    leaves = [where[f"n{i:02}"][0] for i in range(15, 31)]
    assert leaves == sorted(leaves)
    assert where["n00"] == (0, -1)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 7), (7, 2), (5, 5), (4, 8)])
def test_a_grid_is_found_under_any_names(rows, columns):
    pairs = topologies.grid(rows, columns)
    links = links_of(overlay_of_pairs(rows * columns, pairs))
    shuffled = nx.relabel_nodes(links, {n: f"x{hash_of(n)}" for n in links})

    cells = find_grid(links)
    assert {cells[f"n{i:02}"] for i in range(columns)} == {
        (0, i) for i in range(columns)
    } or rows == columns
    other = find_grid(shuffled)
    assert {abs(other[a][0] - other[b][0]) + abs(other[a][1] - other[b][1])
            for a, b in shuffled.edges} == {1}  # fmt: skip


def hash_of(name):
    return int(name[1:]) * 7919 % 1009


@pytest.mark.parametrize("pairs", [
    topologies.ring(12),
    topologies.grid(3, 4)[1:],
    [*topologies.grid(3, 4), (0, 5)],
    topologies.grid(1, 12),
])  # fmt: skip
def test_what_is_nearly_a_grid_is_none(pairs):
    assert find_grid(links_of(overlay_of_pairs(12, pairs))) is None


def test_prefix_depths_are_those_of_brute_force():
    ids = sorted(
        overlay_of_pairs(50, []).nodes[n]["id"] for n in overlay_of_pairs(50, [])
    )
    bits = [f"{one:0160b}" for one in ids]

    def depth(i):
        return next(
            d for d in range(161)
            if not any(b[:d] == bits[i][:d] for j, b in enumerate(bits) if j != i)
        )  # fmt: skip

    assert prefix_depths(ids, 160) == [depth(i) for i in range(50)]


def test_every_leaf_hangs_on_a_branch():
    graph = overlay_of_pairs(30, [])
    ends = {end for _, end in prefix_branches(graph)}

    assert set(places(graph, "prefix-tree").values()) <= ends
    assert len(ends) == 2 * 30 - 2


@pytest.mark.parametrize("bits", [8, 32, 160])
def test_ids_of_any_length_go_once_round_the_circle(bits):
    graph = overlay_of_pairs(16, topologies.ring(16), "successor", bits)

    assert id_bits(graph) == bits
    for name, place in places(graph, None).items():
        assert turn_of(place) == pytest.approx(graph.nodes[name]["id"] / 2**bits)
    key = place_of_key(graph, 2 ** (bits - 2), None)
    assert key == pytest.approx((1.16, 0), abs=1e-9)


def test_a_graph_that_says_its_id_bits_is_believed():
    graph = overlay_of_pairs(4, [], id_bits=8)
    graph.graph["id_bits"] = 10

    assert id_bits(graph) == 10


def test_names_sort_as_people_do():
    assert sorted(["n10", "n2", "n1"], key=natural) == ["n1", "n2", "n10"]


# --- a layout that lasts ----------------------------------------------------------


@pytest.mark.parametrize("layout", [None, *LAYOUTS])
@pytest.mark.parametrize("kind", ["neighbor", "bucket", "successor", "eager"])
def test_nodes_stay_put_when_one_joins_and_one_leaves(layout, kind):
    graph = overlay_of_pairs(20, topologies.regular(20, 4, 5), kind)
    late = graph.subgraph([name for name in graph if name != "n07"]).copy()
    layouter = Layouter(layout)
    layouter.update(late)
    before = dict(layouter.places)

    moved = layouter.update(graph)

    assert set(moved) == {"n07"}
    assert {name: layouter.places[name] for name in before} == before
    assert layouter.update(graph) == {}
    layouter.update(late)
    assert layouter.places == before


def test_a_newcomer_on_a_circle_stands_between_its_neighbors_by_id():
    graph = overlay_of_pairs(9, topologies.ring(9), "bucket")
    names = sorted(graph, key=lambda name: graph.nodes[name]["id"])
    layouter = Layouter()
    layouter.update(graph.subgraph([n for n in graph if n != names[4]]).copy())

    layouter.update(graph)

    turns = [turn_of(layouter.places[name]) for name in names]
    assert turns == sorted(turns)
    assert len(set(turns)) == 9


def test_a_newcomer_by_force_stands_near_its_neighbors():
    graph = overlay_of_pairs(60, topologies.grid(6, 10))
    layouter = Layouter("force")
    layouter.update(graph.subgraph([n for n in graph if n != "n25"]).copy())

    (place,) = layouter.update(graph).values()

    middle = np.mean([layouter.places[n] for n in ("n15", "n24", "n26", "n35")], axis=0)
    assert dist(place, middle) < 0.3


def test_layout_stays_open_until_edges_are_seen():
    graph = overlay_of_pairs(16, topologies.ring(16), "successor")
    layouter = Layouter()

    layouter.update(nx.create_empty_copy(graph))
    assert layouter.layout is None
    layouter.update(graph)

    assert layouter.layout == "id-circle"


def test_an_overlay_that_has_doubled_is_laid_out_anew():
    graph = overlay_of_pairs(40, topologies.tree(40))
    layouter = Layouter()
    layouter.update(graph.subgraph([f"n{i:02}" for i in range(5)]).copy())

    layouter.update(graph)

    assert layouter.places == places(graph, "tree")


def test_layout_changes_when_asked_and_only_then():
    graph = overlay_of_pairs(20, topologies.ring(20))
    layouter = Layouter()
    layouter.update(graph)

    moved = layouter.relayout("force")

    assert layouter.layout == "force"
    assert moved
    assert layouter.places == places(graph, "force")
    assert layouter.relayout() == {}


def test_given_places_are_kept_and_others_found():
    graph = overlay_of_pairs(6, topologies.ring(6))
    given = {f"n{i:02}": (i / 5, 0.0) for i in range(5)}
    layouter = Layouter(given)

    layouter.update(graph)

    assert {name: layouter.places[name] for name in given} == given
    assert set(layouter.places) == set(graph)


def test_a_scene_is_laid_out_as_its_graph():
    scene = Scene()
    nodes = tuple(
        NodeFrame(f"n{i}", i << 4, ("127.0.0.1", i + 1), "alive") for i in range(8)
    )
    links = tuple((f"n{i}", f"n{(i + 1) % 8}", "successor") for i in range(8))
    scene.apply(Frame(number=1, at_s=0.0, nodes=nodes, linked=links))
    layouter = Layouter(id_bits=7)

    layouter.update(scene)

    assert layouter.layout == "id-circle"
    assert turn_of(layouter.places["n2"]) == pytest.approx(0.25)


@pytest.mark.parametrize("key", [0, 1, 2**159, 2**160 - 1, 3 * 2**155 + 7])
def test_a_key_stands_in_a_prefix_tree_below_and_between_its_neighbors(key):
    graph = overlay_of_pairs(32, [])
    found = places(graph, "prefix-tree")

    x, y = place_of_key(graph, key, "prefix-tree")

    ids = {name: graph.nodes[name]["id"] for name in graph}
    assert y > max(down for _, down in found.values())
    assert all(found[name][0] < x for name in ids if ids[name] < key)
    assert all(found[name][0] > x for name in ids if ids[name] > key)
    assert all(found[name][0] == x for name in ids if ids[name] == key)
