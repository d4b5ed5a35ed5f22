"""Averaging: the sum of all values stays, whatever a peer or the network does."""

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.averaging import PairwiseAveraging, PushSum
from p2pkit.protocols.averaging.pairing import Roster, partner
from p2pkit.protocols.averaging.pairwise import Offer, Settle
from p2pkit.protocols.averaging.push_sum import Share
from tests.unit.protocols.gossip.conftest import PEERS

A, B = PEERS[:2]


def test_two_who_meet_both_hold_the_mean(site):
    one, other = (site(PairwiseAveraging, stagger=0.0) for _ in range(2))
    one.node.hold(10.0)
    other.node.hold(4.0)

    one.round()
    peer, offer = one.ctx.take(Offer)
    other.hear(A, offer)
    one.hear(peer, other.ctx.take(Settle)[1])

    assert one.node.estimate() == other.node.estimate() == 7.0


def test_an_exchange_that_overlaps_another_leaves_the_sum_as_it_was(site):
    one = site(PairwiseAveraging, stagger=0.0)
    one.node.hold(8.0)
    one.round()
    peer, offer = one.ctx.take(Offer)

    one.hear(B, Offer(99, 0.0))  # in between: B goes to 4, and so do we
    settled = one.ctx.take(Settle)[1]
    one.hear(peer, Settle(offer.number, 3.0))  # whom we offered 8 took 3

    assert settled == Settle(99, -4.0)
    assert one.node.estimate() == 8.0 - 4.0 - 3.0


def test_an_offer_that_is_not_settled_is_made_again_and_taken_once(site):
    one, other = (site(PairwiseAveraging, stagger=0.0) for _ in range(2))
    one.node.hold(6.0)
    one.round()
    first = one.ctx.take(Offer)
    one.round()
    again = one.ctx.take(Offer)

    for _, offer in (first, again):
        other.hear(A, offer)
    answers = [message for _, message in other.ctx.take_all(Settle)]
    one.hear(first[0], answers[1])

    assert first == again
    assert answers[0] == answers[1]
    assert one.node.estimate() + other.node.estimate() == 6.0


def test_after_some_resends_another_peer_is_asked(site):
    one = site(PairwiseAveraging, stagger=0.0, resends=2)

    for _ in range(4):
        one.round()

    numbers = [offer.number for _, offer in one.ctx.take_all(Offer)]
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]


def test_nobody_settles_what_was_not_offered_to_them(site):
    one = site(PairwiseAveraging, stagger=0.0)
    one.round()
    peer, offer = one.ctx.take(Offer)
    stranger = next(other for other in PEERS if other != peer)

    reasons = {
        one.refuses(stranger, Settle(offer.number, 5.0)),
        one.refuses(peer, Settle(offer.number ^ 1, 5.0)),
    }

    assert reasons == {"settles no offer of ours"}
    assert one.node.estimate() == 0.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e101])
def test_what_cannot_be_averaged_spoils_nothing(site, value):
    one, other = site(PairwiseAveraging), site(PushSum)

    reason = one.refuses(A, Offer(1, value))

    assert (
        reason
        == other.refuses(A, Share(1.0, value))
        == other.refuses(A, Share(value, 1.0))
    )
    assert reason == "a number that cannot be averaged"
    assert one.node.estimate() == other.node.estimate() == 0.0
    with pytest.raises(LocalProtocolError, match="cannot be averaged"):
        one.node.hold(value)


@pytest.mark.parametrize("protocol", [PairwiseAveraging, PushSum])
def test_a_value_that_changes_moves_the_estimate_by_the_change(site, protocol):
    one = site(protocol)
    one.node.hold(3.0)

    one.node.hold(5.0)

    assert one.node.estimate() == 5.0


def test_push_sum_sends_half_of_sum_and_weight(site):
    one, other = site(PushSum), site(PushSum)
    one.node.hold(12.0)

    one.round()
    other.hear(A, one.ctx.take(Share)[1])

    assert one.node.estimate() == 12.0
    assert other.node.estimate() == 6.0 / 1.5


@pytest.mark.parametrize("protocol", [PairwiseAveraging, PushSum])
def test_a_restarted_node_brings_its_part_of_the_sum_along(site, protocol):
    one, again = site(protocol), site(protocol)
    one.node.hold(9.0)

    again.node.restore(one.node.save())

    assert again.node.inspect() == one.node.inspect()


@pytest.mark.parametrize("players", [2, 3, 6, 17, 64])
def test_everybody_meets_one_other_who_meets_them(players):
    for number in range(50):
        met = [partner(player, players, number) for player in range(players)]

        assert met.count(None) == players % 2
        assert all(
            other is None or (met[other] == player != other)
            for player, other in enumerate(met)
        )


def test_all_meet_about_as_often():
    count = [0] * 9
    for number in range(8000):
        count[partner(0, 10, number) - 1] += 1

    # 889 each, with an error of 28.
    assert max(abs(each - 8000 / 9) for each in count) < 130


def test_of_two_partners_one_calls():
    rosters = [Roster(me, PEERS) for me in PEERS]

    for number in range(50):
        calls = [roster.partner_to_call(number) for roster in rosters]
        met = {peer for peer in calls if peer} | {
            me for me, peer in zip(PEERS, calls, strict=True) if peer
        }

        assert met == set(PEERS)
        assert calls.count(None) == len(PEERS) / 2


def test_a_matching_is_called_at_all_nodes_at_once(site):
    nodes = [site(PairwiseAveraging, pairing="matching") for _ in range(2)]

    for one in nodes:
        one.round()

    # Both have the first address of all, so both are the ones who call.
    assert all(one.ctx.take(Offer) for one in nodes)
    assert all(one.ctx.now() == 1.0 for one in nodes)
