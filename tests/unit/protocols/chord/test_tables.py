"""Fingers, routes and successor lists, against the definition."""

import pytest

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.chord.fingers import Fingers, Routes
from p2pkit.protocols.chord.ring import Ring
from p2pkit.protocols.chord.successors import extend, require_order
from tests.one_position import place

RING = Ring(6)
PAPER = [1, 8, 14, 21, 32, 38, 42, 48, 51, 56]  # ToN 2003, figures 2 to 4


def successor(key):
    return min(PAPER, key=lambda one: RING.gap(key, one))


def test_the_finger_table_is_the_one_of_the_paper():
    fingers = Fingers(RING, place(8))
    index = 0
    while index < 6:
        index = fingers.set(index, place(successor(fingers.start(index))))

    assert [one.id for one in fingers.entries] == [14, 14, 14, 21, 32, 42]  # figure 4
    assert [one.id for one in fingers.distinct()] == [14, 21, 32, 42]


def test_one_lookup_fills_every_finger_up_to_the_node_it_found():
    fingers = Fingers(RING, place(8))

    assert fingers.set(0, place(14)) == 3  # 8 + 4 is before 14, 8 + 8 is not
    assert fingers.set(5, place(8)) == 6  # nobody is half a ring away


def test_a_node_that_is_forgotten_leaves_no_finger():
    fingers = Fingers(RING, place(8))
    fingers.set(0, place(14))

    assert fingers.forget(14)
    assert not fingers.forget(14)
    assert fingers.entries == [None] * 6


def test_routes_name_the_nearest_before_a_key_first():
    routes = Routes(RING, 8, [place(one) for one in (14, 21, 32, 42, 1)])

    assert [one.id for one in routes.before(54, 2)] == [42, 32]  # figure 5
    assert [one.id for one in routes.before(14, 9)] == []  # 14 itself is not before it
    assert [one.id for one in routes.before(8, 1)] == [1]  # once around


def test_a_list_is_the_head_and_the_list_of_the_head_without_the_last():
    tail = [place(one) for one in (21, 32, 38)]

    found = extend(RING, 8, place(14), tail, most=3)

    assert [one.id for one in found] == [14, 21, 32]


def test_a_list_ends_where_it_comes_around_to_its_owner():
    tail = [place(one) for one in (56, 8, 14, 21)]

    found = extend(RING, 8, place(48), tail, most=8)

    assert [one.id for one in found] == [48, 56]


@pytest.mark.parametrize("wrong", [[21, 14], [14, 14], [14, 8], [8]])
def test_a_list_that_does_not_go_clockwise_is_nonsense(wrong):
    with pytest.raises(RemoteProtocolError, match="out of order"):
        require_order(RING, 8, [place(one) for one in wrong])
