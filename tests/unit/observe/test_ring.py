"""The oracles of a ring see what is wrong with it, and nothing else."""

import pytest

from p2pkit.core import Contact, Counters, Edge
from p2pkit.observe import NodeSnapshot, Snapshot, check, gaps

IDS = (10, 50, 120, 200)


class Still:
    """A ring of four that a test bends: what each position knows, as data."""

    def __init__(self):
        count = len(IDS)
        self.places = [
            {
                "id": one,
                "predecessor": IDS[index - 1],
                "successors": [IDS[(index + 1 + i) % count] for i in range(3)],
                "fingers": [after((one + 2**i) % 256) for i in range(8)],
                "items": {},
            }
            for index, one in enumerate(IDS)
        ]
        self.dead, self.successors = set(), 3

    def snapshot(self, details=False):
        return Snapshot(0.0, tuple(map(self._node, range(len(IDS)))))

    def _node(self, index):
        place = self.places[index]
        edges = [Edge("successor", contact(one)) for one in place["successors"]]
        edges.append(Edge("predecessor", contact(place["predecessor"])))
        known = dict.fromkeys(one for one in place["fingers"] if one != place["id"])
        edges += [Edge("finger", contact(one)) for one in known if one is not None]
        shared = {"id_bits": 8, "successors": self.successors, "replicas": 2}
        state = "dead" if index in self.dead else "alive"
        return NodeSnapshot(
            f"n0{index}", place["id"], contact(place["id"]).address, state,
            tuple(edges), Counters(), {"positions": [place], **shared},
        )  # fmt: skip


def contact(node_id):
    return Contact(node_id, ("127.0.0.1", node_id))


def after(key):
    return min(IDS, key=lambda one: (one - key) % 256)


@pytest.fixture
def ring():
    return Still()


EVERY = (
    check.ring, check.symmetry, check.successor_lists, check.fingers, check.appendages,
)  # fmt: skip


def test_a_ring_in_order_passes_them_all(ring):
    assert [bool(examine(ring)) for examine in EVERY] == [True] * 5
    assert gaps(ring.snapshot(), 8) == gaps(ring.snapshot(), 8, id_bits=8) == {}


def test_nothing_passes_where_nobody_is_alive(ring):
    ring.dead = {0, 1, 2, 3}

    assert [bool(examine(ring)) for examine in (*EVERY, check.load)] == [False] * 6


def test_who_is_skipped_hangs_beside_the_ring(ring):
    ring.places[0]["successors"] = [120, 200]

    assert check.ring(ring).evidence["wrong"] == {"n00": "is followed by 78, not by 32"}
    assert check.appendages(ring).evidence["appendages"] == ["n01"]
    assert set(check.symmetry(ring).evidence["wrong"]) == {"n00"}
    assert gaps(ring.snapshot(), 8)["n00"] == "n00 lacks 00000000 as successor 1"


def test_two_rings_are_two_cycles(ring):
    for index, successor in enumerate((50, 10, 200, 120)):
        ring.places[index]["successors"] = [successor]

    verdict = check.appendages(ring)

    assert (bool(verdict), verdict.evidence["cycles"]) == (False, 2)


def test_a_dead_successor_is_passed_over_by_the_next_alive_one(ring):
    ring.dead = {1}

    assert check.appendages(ring)  # the cycle holds
    assert not check.ring(ring)  # and yet somebody follows the dead


def test_one_wrong_finger_is_named(ring):
    ring.places[2]["fingers"][6] = 10

    assert check.fingers(ring).evidence["wrong"] == {
        "n02": "has 0a as finger 6, not c8"
    }


@pytest.mark.parametrize(
    ("fingers", "said"),
    [
        ([120] * 8, "n01 lacks c8 as a finger"),
        ([120] * 6 + [10, 200], "n01 has 0a as a finger, wrongly"),
        ([None] * 8, "n01 lacks 78 as a finger"),
    ],
)
def test_a_gap_is_a_wrong_finger_once_all_stand_where_they_should(ring, fingers, said):
    assert ring.places[1]["fingers"] == [120] * 7 + [200]
    ring.places[1]["fingers"] = fingers

    assert gaps(ring.snapshot(), 8, id_bits=8) == {"n01": said}
    assert gaps(ring.snapshot(), 8) == {}  # who does not know how wide ids are

    ring.places[3]["predecessor"] = 50
    assert list(gaps(ring.snapshot(), 8, id_bits=8)) == ["n03"]


def test_nobody_needs_fingers_where_nobody_has_any(ring):
    for place in ring.places:
        place["fingers"] = [None] * 8

    assert gaps(ring.snapshot(), 8, id_bits=8) == {}


def test_copies_are_asked_of_nobody_beyond_a_successor_list(ring):
    ring.places[1]["items"] = ring.places[2]["items"] = {40: 1}
    assert check.replicas(ring)
    assert check.replicas(ring, 3).evidence["missing"] == ["n03"]

    ring.successors, ring.places[2]["items"] = 0, {}
    assert check.replicas(ring)
    assert check.replicas(ring, 2).evidence["missing"] == ["n02"]


def test_a_key_needs_its_owner_and_the_next(ring):
    ring.places[1]["items"] = {40: 1}
    assert check.keys(ring)
    assert check.replicas(ring).evidence["missing"] == ["n02"]

    ring.places[1]["items"], ring.places[3]["items"] = {}, {40: 1}
    assert check.keys(ring).evidence["missing"] == ["n01"]
    assert not check.replicas(ring, among=[40, 41])


def test_load_is_the_arc_before_each_position(ring):
    parts = check.load(ring).evidence["parts"]

    assert parts == {
        "n00": 4 * 66 / 256,
        "n01": 4 * 40 / 256,
        "n02": 4 * 70 / 256,
        "n03": 4 * 80 / 256,
    }
    assert not check.load(ring, most=1.2)


def test_a_gap_is_a_wrong_predecessor_as_well(ring):
    ring.places[3]["predecessor"] = 50

    assert list(gaps(ring.snapshot(), 8)) == ["n03"]
