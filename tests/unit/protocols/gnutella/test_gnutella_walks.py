"""Walkers at one servent: where they go, when they ask at home, and how they end."""

from __future__ import annotations

import pytest

from p2pkit.protocols.gnutella import RandomWalk
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.checks import ANSWERED, GO_ON_OR_END, MAY_I_GO_ON, say
from p2pkit.protocols.gnutella.random_walk import Walker
from p2pkit.protocols.gnutella.trailer import read_steps
from tests.one_servent import CODEC, HOME, OneServent, guid, hit, query, stream


@pytest.fixture
def servent() -> OneServent:
    """Return a servent with three links."""
    one = OneServent(max_routes=16)
    for number in (1, 2, 3):
        one.link(number)
    one.ctx.advance(1)  # what neighbors tell each other at once
    return one


class Walk:
    """A walker that comes to a servent."""

    def __init__(self, servent: OneServent, steps: int, **fields: object) -> None:
        known = {"home": HOME, "number": 3, "most": 100, "check_every": 4, "bias": 0.0}
        self.servent = servent
        self.walker = Walker(**(known | {"steps": steps} | fields))  # type: ignore[arg-type]
        ext = servent.node.courses.write(self.walker)
        servent.hear(stream(1), query(ttl=1, ext=ext))

    def asked(self) -> m.Vendor:
        ((to, question),) = self.servent.ctx.sent
        assert (to, question.selector) == (HOME, MAY_I_GO_ON)
        self.servent.ctx.sent.clear()
        return question

    def answer(self, goes_on: bool, sender: object = HOME) -> None:
        word = say(guid(1), GO_ON_OR_END, ANSWERED.pack(3, goes_on))
        message = CODEC.decode(CODEC.encode(word))
        self.servent.guard(self.servent.node.receive, sender, message)

    def went(self) -> list[int]:
        """Return the steps of the walkers that were sent on, and see where."""
        went = []
        for to, message in self.servent.ctx.said:
            assert to != stream(1), "straight back"
            assert (message.ttl, message.hops) == (1, 0)
            went.append(self.servent.node.courses.read(message).steps)
        self.servent.ctx.said.clear()
        return went


def test_a_walker_takes_one_step_and_never_straight_back(servent: OneServent) -> None:
    for _ in range(50):
        assert Walk(servent, steps=2).went() == [3]


def test_a_walker_turns_at_a_dead_end() -> None:
    servent = OneServent()
    servent.link(1)

    Walk(servent, steps=2)

    assert [to for to, _ in servent.ctx.said] == [stream(1)]


@pytest.mark.parametrize("goes_on", [True, False])
def test_every_fourth_step_a_walker_asks_at_home(servent, goes_on) -> None:
    walk = Walk(servent, steps=4)
    walk.asked()
    assert walk.went() == []

    walk.answer(goes_on)

    assert walk.went() == [5] * goes_on
    assert servent.ctx.timers == 0


def test_a_walker_without_an_answer_asks_twice_and_ends(servent: OneServent) -> None:
    walk = Walk(servent, steps=4)
    walk.asked()
    servent.ctx.advance(1.1)
    walk.asked()
    servent.ctx.advance(1.1)

    walk.answer(True)

    assert walk.went() == []
    assert servent.rejected == ["word for no walker"]


def test_nobody_but_its_home_sends_a_walker_on(servent: OneServent) -> None:
    walk = Walk(servent, steps=4)
    walk.asked()

    walk.answer(True, sender=("127.66.6.6", 666))

    assert servent.rejected == ["word for no walker"]
    assert walk.went() == []


def test_a_walker_ends_when_it_has_taken_its_steps(servent: OneServent) -> None:
    assert Walk(servent, steps=100).went() == []


def test_home_says_no_to_walkers_that_it_never_sent(servent: OneServent) -> None:
    search = servent.node.search("x", rule=RandomWalk(walkers=2))
    first = servent.ctx.said[0][1]
    for name, wanted in ((first.guid, True), (guid(8), False)):
        question = say(name, MAY_I_GO_ON, b"\1\0")
        servent.node.receive(HOME, CODEC.decode(CODEC.encode(question)))
        ((_, answer),) = servent.ctx.sent
        assert ANSWERED.unpack(answer.data) == (1, wanted)
        servent.ctx.sent.clear()

    servent.ctx.advance(61)
    servent.node.receive(HOME, say(first.guid, MAY_I_GO_ON, b"\1\0"))

    assert search.done
    assert ANSWERED.unpack(servent.ctx.sent.pop()[1].data) == (1, False)
    servent.ctx.said.clear()


def test_the_hits_of_a_walk_say_how_far_it_came_and_go_back_further_than_seven(servent):
    walk = Walk(servent, steps=31)
    walk.went()
    far = hit(ttl=1, hops=6, trailer=b"P2PK\2\x20\x20")

    servent.hear(stream(2), far)

    assert servent.taken(stream(1)) == [far]
    servent.node.share("small world")
    answerer = OneServent()
    answerer.link(1)
    answerer.node.share("a small world")
    Walk(answerer, steps=31)
    (answer,) = answerer.taken(stream(1), m.QueryHit)
    assert (answer.ttl, answer.hops, read_steps(answer.trailer)) == (1, 0, 31)
    answerer.ctx.said.clear()


def test_a_walk_with_a_bias_prefers_neighbors_with_many_links() -> None:
    servent = OneServent()
    servent.link(1)
    servent.link(2, x_degree="1")
    servent.link(3, x_degree="50")

    walks = [Walk(servent, steps=2, bias=1.0) for _ in range(200)]

    to_large = sum(to == stream(3) for to, _ in servent.ctx.said)
    assert len(servent.ctx.said) == len(walks)
    assert to_large > 180
