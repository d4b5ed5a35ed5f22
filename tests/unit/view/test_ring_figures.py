import math

import pytest

from p2pkit import Cluster
from p2pkit.classroom.model_check import explore
from p2pkit.core import Finished, Id
from p2pkit.protocols import Chord
from p2pkit.protocols.chord.naive import NaiveChord
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


@pytest.fixture(scope="module")
def placed():
    with Cluster(Chord, 12, seed=7, carrier="virtual", progress="none") as ring:
        ring.wait_ready()
        ring[0].lookup(Id((ring[0].id - (1 << 157)) % (1 << 160)))
        yield ring.snapshot(details=True), ring.trace.of(Finished)[-1].event


def test_every_finger_is_an_arrow_and_every_node_a_dot(placed):
    state, _ = placed
    node = state.nodes[0]
    known = set(node.details["positions"][0]["fingers"])

    ax = ring_figures.fingers(node, [one.id for one in state.nodes])

    arrows = [one for one in ax.texts if one.arrow_patch is not None]
    assert len(arrows) == len(known)
    assert len(ax.lines[1].get_xdata()) == 12


def test_a_lookup_is_numbered_in_order_of_asking_and_ends_behind_the_key(placed):
    state, finished = placed
    start = state.nodes[0].id

    ax = ring_figures.lookup(finished, start, [one.id for one in state.nodes], 160)

    said = [one.get_text() for one in ax.texts if one.get_text().isdigit()]
    assert said == [str(number + 1) for number in range(len(finished.steps))]
    (x,), (y,) = ax.lines[-1].get_data()
    expected = ring_figures.place(finished.target / (1 << 160))
    assert math.dist((x, y), expected) < 1e-9


def test_a_story_shows_the_last_moments_in_which_something_changed():
    violation = explore(NaiveChord, "SSN", 2).violation
    assert violation is not None

    drawn = ring_figures.story(violation.story, last=3)

    assert len(drawn) == 3
    assert drawn[-1].get_title() == str(violation.story[-1])
    assert [one.get_title() for one in drawn].count("fail N2") == 1
