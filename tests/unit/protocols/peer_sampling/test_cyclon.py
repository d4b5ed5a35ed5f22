"""One Cyclon node, with the test as everybody else."""

import pytest

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols import Cyclon
from p2pkit.protocols.peer_sampling import messages as m
from tests.membership import address

TID = b"tid!"


class Bench:
    def __init__(self, recorders, **settings):
        self.ctx = recorders(address=address(0), codec=Cyclon.codec)
        self.node = Cyclon(self.ctx, Cyclon.Config.of(**settings))

    def hear(self, number, message):
        codec = Cyclon.codec
        self.node.receive(address(number), codec.decode(codec.encode(message)))

    def know(self, *numbers):
        for number in numbers:
            self.node.view.ages[address(number)] = number

    @property
    def known(self):
        return set(self.node.view.ages)


@pytest.fixture
def bench(recorders):
    return Bench(recorders, view=4, shuffle=3)


def test_the_oldest_entry_is_used_up_and_its_peer_is_offered_us_first(bench):
    bench.know(1, 2, 3, 4)

    bench.node.shuffle()

    to, message = bench.ctx.take(m.Exchange)
    assert to == address(4)
    assert message.entries[0] == (address(0), 0)
    assert len(message.entries) == 3
    assert address(4) not in bench.known


def test_what_comes_back_fills_the_place_of_the_oldest_and_of_what_was_sent(bench):
    bench.know(1, 2, 3, 4)
    bench.node.shuffle()
    to, message = bench.ctx.take(m.Exchange)
    entries = tuple((address(number), 0) for number in (10, 11, 12))

    bench.node.receive(to, m.ExchangeReply(message.tid, entries))

    kept = {address(n) for n in (1, 2, 3)} - {peer for peer, _ in message.entries}
    assert bench.known == kept | {address(number) for number in (10, 11, 12)}


def test_a_peer_that_does_not_answer_is_forgotten(bench):
    bench.know(1)
    bench.node.shuffle()

    bench.ctx.advance(5)
    bench.ctx.take_all(m.Exchange)

    assert bench.known == set()


def test_who_asks_gets_as_many_entries_as_it_brings_and_never_itself(bench):
    bench.know(1, 2, 3, 4)

    bench.hear(1, m.Exchange(TID, ((address(1), 0), (address(9), 5))))

    to, reply = bench.ctx.take(m.ExchangeReply)
    assert to == address(1)
    assert len(reply.entries) == 2
    assert address(1) not in {peer for peer, _ in reply.entries}
    assert len(bench.known) == 4


def test_our_own_address_and_repeats_take_no_place(bench):
    own = (address(0), 0)

    bench.hear(1, m.Exchange(TID, (own, (address(1), 0), (address(1), 3))))

    bench.ctx.take(m.ExchangeReply)
    assert bench.known == {address(1)}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (m.Exchange(TID, ((address(1), 0),) * 4), "oversized shuffle"),
        (m.ExchangeReply(TID, ((address(1), 0),)), "answer to no question"),
        (m.Introduced(TID), "answer to no question"),
        (m.Welcome((address(1), 0)), "answer to no question"),
        (m.Sampled(TID), "answer to no question"),
        (m.Newcomer(address(1), 60), "walk longer"),
        (m.Sample(TID, address(1), 60), "walk longer"),
    ],
)
def test_what_nobody_asked_for_is_refused_and_changes_nothing(bench, message, reason):
    bench.know(7)

    with pytest.raises(RemoteProtocolError, match=reason):
        bench.hear(9, message)

    assert bench.known == {address(7)}


def test_a_flood_of_joins_is_refused_after_a_number(recorders):
    bench = Bench(recorders, max_joins=3)
    for number in range(1, 4):
        bench.hear(number, m.Introduce(TID))
    bench.ctx.take_all()

    with pytest.raises(RemoteProtocolError, match="too many joins"):
        bench.hear(4, m.Introduce(TID))


def test_a_newcomer_gets_the_entry_whose_place_it_takes(bench):
    bench.know(1, 2, 3, 4)
    before = dict(bench.node.view.ages)

    bench.hear(1, m.Newcomer(address(9), 0))

    to, message = bench.ctx.take(m.Welcome)
    peer, age = message.entry
    assert to == address(9)
    assert before[peer] == age
    assert bench.known == set(before) - {peer} | {address(9)}


def test_walks_beyond_their_number_are_the_callers_mistake(recorders):
    bench = Bench(recorders, max_samples=3)

    with pytest.raises(LocalProtocolError, match="too many"):
        bench.node.sample(4)
    with pytest.raises(LocalProtocolError, match="too few"):
        bench.node.sample(0)


def test_walks_that_get_lost_leave_those_that_came(bench):
    bench.know(1, 2)
    operation = bench.node.sample(3)
    walks = bench.ctx.take_all(m.Sample)

    bench.hear(5, m.Sampled(walks[0][1].tid))
    bench.ctx.advance(5)

    assert operation.result == [address(5)]


def test_saved_peers_come_back_and_damaged_ones_say_so(bench):
    bench.know(1, 2)

    bench.node.restore(bench.node.save())

    assert bench.node.remembered == [address(1), address(2)]
    with pytest.raises(LocalProtocolError, match="damaged"):
        bench.node.restore(b"{}")


def test_a_stopped_node_leaves_no_timer(bench):
    bench.node.bootstrap([address(1)])
    bench.ctx.take(m.Introduce)

    bench.node.stop()

    assert bench.ctx.timers == 0
