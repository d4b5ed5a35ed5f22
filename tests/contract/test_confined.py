"""What both drivers owe everybody else once attackers are let in."""

import pytest

from p2pkit.core import ForbiddenTarget, P2PError, Targets
from p2pkit.core.targets import NO_NODE_OF_OURS
from p2pkit.faults import Constant, Link
from tests.contract.conftest import SocketBench
from tests.contract.protocols import Say, Speaker, SpeakerOfBoth, Talker, TalkerOfBoth

on_sockets_alone = pytest.mark.parametrize(
    "bench", [pytest.param(SocketBench, id="net")], indirect=True
)
"""For what virtual time does not have: somebody outside."""


class Villain(Speaker):
    """Says that it attacks."""

    is_attacker = True


@pytest.fixture(params=[Speaker, SpeakerOfBoth], ids=["alone", "both"])
def speaker(request):
    return request.param


@pytest.fixture(params=[Talker, TalkerOfBoth], ids=["alone", "both"])
def talker(request):
    return request.param


def confine(bench, *nodes):
    bench.driver.confine(Targets(one.me.address for one in nodes))


def test_an_attacker_is_not_let_in_where_nothing_holds_it_back(bench):
    with pytest.raises(ForbiddenTarget, match="Villain is an attacker and runs only"):
        bench.add("n00", Villain)

    confine(bench)
    assert isinstance(bench.add("n00", Villain).protocol, Villain)


def test_a_confined_node_is_heard_by_its_own_and_by_nobody_else(bench, speaker):
    one, two, stranger = (bench.add(f"n0{i}", speaker) for i in range(3))
    confine(bench, one, two)

    one.protocol.say(stranger.me.address, 5)
    one.protocol.say(two.me.address, 6)

    assert bench.until(lambda: two.protocol.heard)
    assert two.protocol.heard[0][2] == Say(6)
    assert stranger.protocol.heard == []
    assert one.counters.dropped == {NO_NODE_OF_OURS: 1}


def test_an_answer_to_a_stranger_stays_inside(bench, speaker):
    one, stranger = bench.add("n00", speaker), bench.add("n01", speaker)
    stranger.protocol.say(one.me.address, -1)
    confine(bench, one)

    assert bench.until(lambda: one.protocol.heard)
    bench.turn()
    assert stranger.protocol.heard == []
    assert one.counters.dropped == {NO_NODE_OF_OURS: 1}


@on_sockets_alone
def test_who_ends_is_no_target_for_what_faults_still_hold_back(bench, speaker):
    bench.faults.link = Link(latency=Constant(0.03))
    one, two = bench.add("n00", speaker), bench.add("n01", speaker)
    confine(bench, one, two)
    one.protocol.say(two.me.address, 5)

    address = two.me.address
    two.kill()
    confine(bench, one)
    newcomer = bench.add("n02", Speaker, address)
    bench.turn()

    assert newcomer.protocol.heard == []
    assert one.counters.dropped == {NO_NODE_OF_OURS: 1}


def test_a_confined_node_opens_streams_to_its_own_and_to_nobody_else(bench, talker):
    one, two, stranger = (bench.add(f"n0{i}", talker) for i in range(3))
    confine(bench, one, two)

    one.protocol.connect(stranger.me.address)
    one.protocol.connect(two.me.address)

    assert bench.until(lambda: two.protocol.peers() and one.protocol.closed())
    assert one.protocol.closed() == [stranger.me.address]
    assert stranger.protocol.news == []
    assert one.counters.dropped == {NO_NODE_OF_OURS: 1}


@on_sockets_alone
def test_a_strangers_stream_is_cut_when_attackers_come_in(bench, talker):
    one, stranger = bench.add("n00", talker), bench.add("n01", talker)
    stranger.protocol.connect(one.me.address)
    assert bench.until(lambda: one.protocol.peers())

    confine(bench, one)

    assert bench.until(lambda: stranger.protocol.closed())
    stranger.protocol.connect(one.me.address)
    assert bench.until(lambda: len(stranger.protocol.closed()) == 2)
    assert len(one.protocol.peers()) == 1


def test_a_refusal_is_a_sentence_that_says_what_to_do(bench):
    with pytest.raises(P2PError, match=r"let it in with cluster\.add_attackers"):
        bench.add("n00", Villain)
