"""Fixing fingers, one message at a time."""

import pytest

from p2pkit.protocols.chord import messages as m
from tests.one_position import OnePosition, place


@pytest.fixture
def one(recorders):
    """Return a node at 100 of 256 whose finger 5, the first from 132 on, is 140."""
    one = OnePosition(recorders, successors=3)
    one.stand(90, [110])
    one.position.set_finger(5, place(140))
    one.position.fixer._next = 5
    return one


def fix(one):
    ended = []
    one.position.fixer.fix_next(lambda: ended.append(True))
    return ended


def test_a_finger_whose_predecessor_stands_before_the_start_stays(one):
    ended = fix(one)

    to = one.reply(m.GetLinks, m.Links, one.names(131)[0], one.names(150))
    assert (to.id, ended) == (140, [True])
    assert one.position.fingers.entries[5].id == 140


@pytest.mark.parametrize("before", [132, 139, None])
def test_a_finger_with_somebody_nearer_or_nobody_before_it_is_looked_up(one, before):
    ended = fix(one)
    named = None if before is None else one.names(before)[0]
    one.reply(m.GetLinks, m.Links, named, one.names(150))

    one.reply(m.FindSuccessor, m.Nearer, (), one.names(135, 140))
    to = one.reply(m.GetLinks, m.Links, one.names(110)[0], one.names(140))

    assert (to.id, ended) == (135, [True])
    assert one.position.fingers.entries[5].id == 135


def test_a_dead_finger_leaves_the_table_and_is_looked_up(one):
    ended = fix(one)
    one.ctx.advance(one.node.config.timeout_s)
    one.ctx.take_all(m.GetLinks)
    one.reply(m.FindSuccessor, m.Nearer, (), one.names(150))
    one.reply(m.GetLinks, m.Links, one.names(110)[0], ())

    assert ended == [True]
    assert one.position.fingers.entries[5].id == 150
