"""Rumor mongering: whom a site tells, what it answers, and when it stops."""

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.rumor import Cooled, Learned, Rumor, RumorConfig, rumor_id
from p2pkit.protocols.rumor.mongering import Ask, Feedback
from p2pkit.protocols.rumor.news import Tell
from tests.unit.protocols.gossip.conftest import PEERS

NEWS = b"the news"
ID = rumor_id(NEWS)
A, B, C = PEERS[:3]


def told(one):
    """Take what was told, and return to whom."""
    return [peer for peer, _ in one.ctx.take_all(Tell)]


def answer(one, peers, was_news):
    for peer in peers:
        one.hear(peer, Feedback(ID, was_news))


def test_what_is_published_is_told_to_one_peer_from_the_next_round_on(site):
    one = site(Rumor)

    assert one.node.publish(NEWS) == ID
    assert one.ctx.sent == []
    one.round()

    peer, message = one.ctx.take(Tell)
    assert peer in PEERS
    assert message == Tell(NEWS, 1)
    assert one.ctx.events == [Learned(ID, None, 0)]


def test_what_is_heard_is_passed_on_with_one_hop_more(site):
    one = site(Rumor)
    one.round()

    one.hear(A, Tell(NEWS, 4))
    one.ctx.take(Feedback)
    one.round()

    assert one.ctx.take(Tell)[1] == Tell(NEWS, 5)
    assert one.ctx.events == [Learned(ID, A, 4)]
    assert one.node.knows(ID)


def test_peers_hear_whether_it_was_news_as_of_the_beginning_of_the_round(site):
    one = site(Rumor)
    one.round()

    for sender in (A, B):
        one.hear(sender, Tell(NEWS, 0))
    in_the_same_round = one.ctx.take_all(Feedback)
    one.round()
    told(one)
    one.hear(C, Tell(NEWS, 0))

    assert in_the_same_round == [(A, Feedback(ID, True)), (B, Feedback(ID, True))]
    assert one.ctx.take_all(Feedback) == [(C, Feedback(ID, False))]


def test_without_synchronous_rounds_the_second_teller_of_a_round_comes_too_late(site):
    one = site(Rumor, synchronous=False)
    one.round()

    for sender in (A, B):
        one.hear(sender, Tell(NEWS, 0))

    assert [m.was_news for _, m in one.ctx.take_all(Feedback)] == [True, False]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_a_counter_ends_it_after_k_useless_tellings(site, k):
    one = site(Rumor, k=k)
    one.node.publish(NEWS)

    for _ in range(k):
        one.round()
        answer(one, told(one), was_news=False)
    one.round()

    assert one.ctx.events[-1] == Cooled(ID)
    assert one.node.inspect() == {"known": 1, "hot": []}


@pytest.mark.parametrize(("reset", "left"), [(True, 1), (False, 0)])
def test_a_useful_telling_sets_the_counter_back_if_so_set(site, reset, left):
    one = site(Rumor, k=2, reset=reset)
    one.node.publish(NEWS)

    for was_news in (False, True, False):
        one.round()
        answer(one, told(one), was_news)
    one.round()
    told(one)

    assert len(one.node.inspect()["hot"]) == left


def test_blind_tellers_ask_for_no_answer_and_stop_after_k_rounds(site):
    one = site(Rumor, feedback=False, k=3)
    one.hear(A, Tell(NEWS, 0))
    rounds = []

    for _ in range(6):
        one.round()
        rounds.append(len(told(one)))

    assert rounds == [1, 1, 1, 0, 0, 0]


def test_a_coin_ends_it_with_odds_of_one_in_k(recorders, site):
    lengths = []
    for _ in range(400):
        one = site(Rumor, feedback=False, forget="coin", k=4)
        one.ctx.rng.seed(len(lengths))
        one.node.publish(NEWS)
        rounds = 0
        while one.node.hot:
            one.round()
            rounds += len(told(one))
        lengths.append(rounds)

    # A geometric distribution: mean 4, spread 3.5, so 0.17 of error over 400.
    assert sum(lengths) / len(lengths) == pytest.approx(4, abs=0.6)


def test_never_means_never_but_for_the_bound_on_rounds(site):
    one = site(Rumor, feedback=False, forget="never", max_rounds=7)
    one.node.publish(NEWS)
    rounds = []

    for _ in range(12):
        one.round()
        rounds.append(len(told(one)))

    assert rounds == [1] * 7 + [0] * 5


def test_silence_counts_for_nothing(site):
    one = site(Rumor, k=1)
    one.node.publish(NEWS)

    for _ in range(10):
        one.round()

    assert len(told(one)) == 10


def test_who_pulls_asks_every_round_and_tells_only_who_asks(site):
    one = site(Rumor, mode="pull")
    one.node.publish(NEWS)

    one.round()
    one.hear(A, Ask())

    assert len(one.ctx.take_all(Ask)) == 1
    assert told(one) == [A]


def test_a_question_is_not_answered_with_what_was_learned_in_the_same_round(site):
    one = site(Rumor, mode="pull", feedback=False)
    one.round()
    one.ctx.take(Ask)
    one.hear(A, Tell(NEWS, 0))

    one.hear(B, Ask())
    one.round()
    one.ctx.take(Ask)
    one.hear(B, Ask())

    assert told(one) == [B]


def test_all_who_ask_in_one_round_are_one_contact(site):
    one = site(Rumor, mode="pull", k=1)
    one.node.publish(NEWS)
    one.round()
    for peer in (A, B, C):
        one.hear(peer, Ask())
    told(one)

    answer(one, (A, B), was_news=False)
    answer(one, (C,), was_news=True)
    one.round()

    assert one.node.inspect()["hot"] == [ID]
    one.ctx.take_all(Ask)


def test_push_pull_does_both_with_one_peer(site):
    one = site(Rumor, mode="push-pull")
    one.node.publish(NEWS)

    one.round()

    assert [peer for peer, _ in one.ctx.take_all(Ask)] == told(one)


def test_without_peers_nothing_is_sent_and_nothing_fails(site):
    one = site(Rumor, view=[])
    alone = site(Rumor, view=[one.ctx.me.address])
    for each in (one, alone):
        each.node.publish(NEWS)
        each.round()

    assert one.ctx.sent == alone.ctx.sent == []
    assert list(alone.node.neighbors()) == []


def test_a_forged_answer_does_not_end_a_rumor(site):
    one = site(Rumor, k=1)
    one.node.publish(NEWS)
    one.round()
    (peer,) = told(one)
    stranger = next(other for other in PEERS if other != peer)

    reasons = {one.refuses(stranger, Feedback(ID, False)) for _ in range(5)}
    one.hear(peer, Feedback(ID, True))
    again = one.refuses(peer, Feedback(ID, False))
    one.round()

    assert reasons == {again} == {"feedback on what it was not told"}
    assert told(one)
    one.hear(peer, Feedback(bytes(16), False))  # of what is cold: no offense


def test_questions_of_one_round_are_answered_up_to_a_bound(site):
    one = site(Rumor, mode="pull", max_asks=3)
    one.node.publish(NEWS)
    one.round()
    one.ctx.take_all(Ask)

    for _ in range(3):
        one.hear(A, Ask())

    assert one.refuses(A, Ask()) == "too many questions in one round"
    assert told(one) == [A, A, A]
    one.round()
    one.hear(B, Ask())
    one.ctx.take_all(Ask)
    assert told(one) == [B]


def test_the_oldest_rumor_makes_room_for_a_new_one(site):
    one = site(Rumor, max_hot=2)

    ids = [one.node.publish(b"%d" % i) for i in range(3)]

    assert one.node.inspect()["hot"] == ids[1:]
    assert Cooled(ids[0]) in one.ctx.events


def test_what_is_known_is_no_news_after_a_restart_either(site):
    one, again = site(Rumor), site(Rumor)
    one.node.publish(NEWS)

    again.node.restore(one.node.save())
    again.hear(A, Tell(NEWS, 0))

    assert again.ctx.take(Feedback)[1].was_news is False
    assert again.ctx.events == []


def test_a_stopped_site_says_nothing_more(site):
    one = site(Rumor, feedback=False, forget="never")
    one.node.publish(NEWS)

    one.node.stop()
    one.round()

    assert one.ctx.sent == []
    assert one.ctx.timers == 0


def test_joining_twice_does_not_double_the_rounds(site):
    one = site(Rumor, feedback=False, forget="never")
    one.node.publish(NEWS)

    one.node.bootstrap(PEERS[:4])
    one.round()

    assert len(told(one)) == 1
    assert {edge.to.address for edge in one.node.neighbors()} == set(PEERS[:4])


def test_a_text_that_fits_no_telling_is_refused(site):
    with pytest.raises(LocalProtocolError, match="1001 bytes does not fit"):
        site(Rumor).node.publish(bytes(1001))


@pytest.mark.parametrize(
    "change", [{"k": 0}, {"mode": "shout"}, {"round_s": 0.0}, {"stagger": 1.5}]
)
def test_settings_have_bounds(change):
    with pytest.raises(LocalProtocolError):
        RumorConfig.of(**change)


def test_a_peer_may_answer_late_and_as_often_as_it_was_told(site):
    one = site(Rumor, view=[A], k=9)
    one.node.publish(NEWS)
    for _ in range(3):
        one.round()
    assert told(one) == [A, A, A]

    answer(one, [A, A, A], was_news=False)

    assert one.refuses(A, Feedback(ID, False)) == "feedback on what it was not told"


def test_a_site_that_knows_nobody_is_asked_and_loses_interest_like_any_other(site):
    one = site(Rumor, view=[], mode="pull", feedback=False, k=1)
    one.node.publish(NEWS)
    one.round()

    one.hear(A, Ask())
    one.round()
    one.hear(A, Ask())

    assert told(one) == [A]
    assert one.ctx.events[-1] == Cooled(ID)
