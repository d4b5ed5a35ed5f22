"""Who is asked for a place, who is refused, and who is not."""

import pytest

from p2pkit.protocols import HyParView
from p2pkit.protocols.hyparview import messages as m
from tests.membership import OneStreamNode, StreamRecorder, address


@pytest.fixture
def one():
    return OneStreamNode(HyParView, lambda **named: StreamRecorder(**named))


def fill(one, count=5):
    """Give the node so many neighbors; return their streams."""
    streams = []
    for number in range(1, count + 1):
        streams.append(one.arrive(number))
        one.hear(streams[-1], m.Join())
    one.ctx.take_all()
    return streams


def answers(one, kind=m.NeighborReply):
    return [message for _, message in one.ctx.take_all(kind)]


def test_a_full_node_refuses_who_has_others_and_takes_who_has_nobody(one):
    fill(one)
    first, second = one.arrive(10), one.arrive(11)

    one.hear(first, m.Neighbor(urgent=False))
    one.hear(second, m.Neighbor(urgent=True))

    assert answers(one) == [m.NeighborReply(False), m.NeighborReply(True)]
    assert address(11) in one.node.views.active
    assert len(one.node.views.active) == 5


def test_whoever_makes_room_is_told_and_kept_in_reserve(one):
    fill(one)

    one.hear(one.arrive(11), m.Neighbor(urgent=True))

    ((to, _),) = one.ctx.take_all(m.Disconnect)
    assert to in one.ctx.closed
    assert [peer[0] for peer in one.node.views.passive] == [to[0]]


def test_a_lost_neighbor_is_replaced_from_the_reserve_and_forgotten(one):
    streams = fill(one)
    one.node.views.keep(address(30))

    one.node.on_closed(streams[0])

    assert one.ctx.dialed == [address(30)]
    one.accept()
    assert one.ctx.take(m.Neighbor) == (address(30), m.Neighbor(urgent=False))
    one.hear(address(30), m.NeighborReply(accepted=True))
    assert address(30) in one.node.views.active
    assert address(1) not in one.node.views.passive


def test_whoever_lost_the_last_neighbor_asks_urgently(one):
    (stream,) = fill(one, 1)
    one.node.views.keep(address(30))

    one.node.on_closed(stream)
    one.accept()

    assert one.ctx.take(m.Neighbor) == (address(30), m.Neighbor(urgent=True))


def test_a_dead_spare_is_forgotten_and_the_next_one_asked(one):
    (stream,) = fill(one, 1)
    one.node.views.keep(address(30))
    one.node.views.keep(address(31))

    one.node.on_closed(stream)
    dead = one.ctx.dialed.pop()
    one.node.on_closed(dead)

    assert dead not in one.node.views.passive
    assert set(one.ctx.dialed) == {address(30), address(31)} - {dead}


def test_after_some_refusals_a_node_waits_for_its_next_shuffle(one):
    streams = fill(one)
    for number in range(30, 50):
        one.node.views.keep(address(number))

    one.node.on_closed(streams[0])
    refused = 0
    while one.ctx.dialed:
        peer = one.accept()
        one.ctx.take(m.Neighbor)
        one.hear(peer, m.NeighborReply(accepted=False))
        refused += 1

    assert refused == one.node.config.refusals
    one.node.look_after()
    assert one.ctx.dialed or one.ctx.take_all(m.Neighbor)


def test_two_that_ask_each_other_for_their_last_place_both_get_it(one):
    streams = fill(one)
    one.node.views.keep(address(30))
    one.node.on_closed(streams[0])
    one.accept()
    one.ctx.take(m.Neighbor)

    one.hear(address(30), m.Neighbor(urgent=False))
    one.hear(address(30), m.NeighborReply(accepted=True))

    assert one.ctx.take(m.NeighborReply) == (address(30), m.NeighborReply(True))
    assert address(30) in one.node.views.active
    assert one.ctx.take_all(m.Disconnect) == []


def test_with_repair_switched_off_nobody_is_asked(one):
    streams = fill(one)
    one.node.views.keep(address(30))

    one.node.switch_repair(False)
    one.node.on_closed(streams[0])

    assert one.ctx.dialed == []


def lose(one, streams):
    """Break the links to these neighbors, and take what follows off the wire."""
    for stream in streams:
        one.node.on_closed(stream)
    one.ctx.take_all()
    one.ctx.dialed.clear()


def test_a_lost_neighbor_is_called_again_and_must_take_us_back(one):
    streams = fill(one)
    lose(one, streams[:1])
    one.hear(one.arrive(9), m.Join())
    one.ctx.take_all()
    before = set(one.node.views.active)

    one.node.look_after()
    one.ctx.take_all()
    (called,) = one.ctx.dialed
    one.accept()

    assert called[0] == streams[0][0]
    assert one.ctx.take(m.Neighbor) == (called, m.Neighbor(urgent=True))
    one.hear(called, m.NeighborReply(accepted=True))
    assert called in one.node.views.active
    assert len(before & set(one.node.views.active)) == 4
    one.ctx.take_all()
    one.node.look_after()
    assert one.node.inspect()["lost"] == []


def test_whoever_said_goodbye_is_not_called_again(one):
    streams = fill(one)

    one.hear(streams[0], m.Disconnect())

    assert one.node.inspect()["lost"] == []


def test_no_more_of_the_lost_are_remembered_than_the_setting_says(one):
    for number in range(1, 30):
        stream = one.arrive(number)
        one.hear(stream, m.Neighbor(urgent=True))
        lose(one, [stream])

    lost = one.node.inspect()["lost"]
    assert [peer[0] for peer in lost] == [address(n)[0] for n in range(22, 30)]


def test_the_lost_are_forgotten_in_the_end(one):
    lose(one, fill(one)[:1])

    one.ctx.advance(one.node.config.forget_s + 1)
    one.ctx.take_all()
    one.node.look_after()

    assert one.node.inspect()["lost"] == []


def test_with_repair_switched_off_the_lost_are_not_called(one):
    one.node.switch_repair(False)
    lose(one, fill(one)[:1])

    one.node.look_after()

    assert one.ctx.dialed == []
