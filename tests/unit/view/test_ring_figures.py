import math

import pytest

from p2pkit.protocols.hashing import Modulo, Rendezvous, Ring, some_keys

pytest.importorskip("matplotlib")
ring_figures = pytest.importorskip("p2pkit.view.ring_figures")

NAMES = ["ada", "ben", "cleo", "dan"]


@pytest.fixture(autouse=True)
def closed_figures():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield
    pyplot.close("all")


def test_ids_run_clockwise_from_the_top():
    quarters = [ring_figures.place(at) for at in (0, 0.25, 0.5, 0.75)]

    expected = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    assert all(math.dist(a, b) < 1e-9 for a, b in zip(quarters, expected, strict=True))


def test_every_share_is_an_arc_as_long_as_the_share():
    ring = Ring(NAMES, points=3)

    ax = ring_figures.shares(ring, some_keys(5, seed=7))

    arcs: dict[tuple[float, ...], float] = {}
    for wedge in ax.patches:
        color = wedge.get_facecolor()
        arcs[color] = arcs.get(color, 0) + (wedge.theta2 - wedge.theta1) / 360
    assert sorted(arcs.values()) == pytest.approx(sorted(ring.shares().values()))
    assert len(ax.lines[-1].get_xdata()) == 5


def test_names_stand_on_small_rings_only():
    few = ring_figures.shares(Ring(NAMES, points=1))
    many = ring_figures.shares(Ring(NAMES, points=20))

    assert sorted(one.get_text() for one in few.texts) == NAMES
    assert not many.texts


def test_moves_are_counted_beside_their_row():
    modulo, rendezvous = Modulo("ab"), Rendezvous("ab")
    changes = {"none": (modulo, modulo), "some": (rendezvous, rendezvous.add("c"))}

    ax = ring_figures.moves(changes, some_keys(100, seed=7))

    assert ax.texts[0].get_text() == " 0% move"
    assert 20 <= int(ax.texts[1].get_text().strip(" %move")) <= 46
    assert [one.get_text() for one in ax.get_yticklabels()] == ["none", "some"]
