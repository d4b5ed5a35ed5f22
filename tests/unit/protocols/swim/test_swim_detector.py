"""Probes: who is asked, what an answer is, and when somebody is suspected."""

from __future__ import annotations

import pytest

from p2pkit.core import PeerUnreachable
from p2pkit.protocols.swim import messages as m
from tests.one_member import STRANGER, OneMember, at

ME = f"{1 << 159:040x}"


def started(*names: str, **settings: object) -> OneMember:
    one = OneMember(gossip_s=0.0, push_pull_s=1e6, dead_probe_s=1e6, **settings)
    one.know(*names)
    one.node.bootstrap([])
    one.ctx.take_all()
    return one


def first_probe(one: OneMember) -> tuple[tuple[str, int], m.Ping]:
    pings: list[tuple[tuple[str, int], m.Ping]] = []
    one.until(lambda: bool(pings.extend(one.said(m.Ping)) or pings))
    return pings[0]


def test_a_ping_names_whom_it_means_and_who_asks():
    to, ping = first_probe(started("m1"))

    assert (to, ping.node) == (at(1), "m1")
    assert (ping.source, ping.source_node) == (("127.9.0.1", 7946), ME)


def test_an_answered_probe_raises_no_suspicion():
    one = started("m1")
    to, ping = first_probe(one)

    one.hear(to, m.Ack(ping.seq))
    one.ctx.advance(0.95)

    assert one.state("m1") == "alive"
    assert one.said(m.IndirectPing) == []


def test_helpers_are_asked_before_anybody_is_suspected():
    one = started("m1", "m2", "m3", "m4", "m5")
    to, ping = first_probe(one)

    one.ctx.advance(0.55)
    asked = one.said(m.IndirectPing)

    assert len({helper for helper, _ in asked}) == 3
    assert to not in {helper for helper, _ in asked}
    assert {(q.seq, q.node, q.target) for _, q in asked} == {(ping.seq, ping.node, to)}
    assert one.state(ping.node) == "alive"
    one.ctx.advance(0.5)
    assert one.state(ping.node) == "suspect"


def test_an_answer_through_a_helper_counts():
    one = started("m1", "m2", "m3", "m4")
    _, ping = first_probe(one)
    one.ctx.advance(0.55)
    helper = one.said(m.IndirectPing)[0][0]

    one.hear(helper, m.Ack(ping.seq))
    one.ctx.advance(0.5)

    assert one.state(ping.node) == "alive"


def test_nobody_answers_for_another():
    one = started("m1", "m2")
    to, ping = first_probe(one)

    for sender in (at(3 - int(ping.node[1:])), STRANGER):
        one.hear(sender, m.Ack(ping.seq))
    one.hear(to, m.Ack(ping.seq ^ 1))
    one.ctx.advance(1.0)

    assert one.rejected == ["answer from somebody else"] * 2 + [
        "answer nobody waits for"
    ]
    assert one.state(ping.node) == "suspect"


def test_every_member_is_probed_once_in_each_round():
    one = started(*[f"m{i}" for i in range(1, 8)])
    asked = []

    def answer() -> bool:
        for to, ping in one.said(m.Ping):
            asked.append(ping.node)
            one.hear(to, m.Ack(ping.seq))
        return len(asked) >= 21

    one.until(answer)

    for start in (0, 7, 14):
        assert len(set(asked[start : start + 7])) == 7


def test_a_suspect_is_told_with_the_very_ping():
    one = started("m1")
    one.hear(at(1), one.alive("m2"))
    one.hear(at(2), m.Suspect(1, "m1", "m2"))
    one.ctx.take_all()

    one.until(lambda: bool(one.ctx.sent) and one.ctx.sent[-1][0] == at(1))

    whole = [w for to, w in one.ctx.take_all() if to == at(1)][-1]
    assert isinstance(whole, m.Compound)
    kinds = [type(part) for part in whole.parts]
    assert kinds[:2] == [m.Ping, m.Suspect]


def test_a_ping_for_another_name_is_not_answered():
    one = started("m1")

    one.hear(at(1), m.Ping(7, "somebody else"))

    assert one.said(m.Ack) == []
    assert one.rejected == ["ping for another node"]


def test_a_stranger_is_answered_without_our_claims_and_met_over_a_stream():
    one = started("m1")  # what we know of m1 waits to be told
    assert len(one.node.gossip.queue)

    one.hear(STRANGER, m.Ping(7, ME))
    one.hear(STRANGER, m.Ping(8, ME))

    assert [w for _, w in one.ctx.take_all()] == [m.Ack(7), m.Ack(8)]
    assert one.ctx.connected == [STRANGER]  # once a period, however often it asks


def test_a_helper_relays_the_answer():
    one = started("m1", "m2")

    one.hear(at(1), m.IndirectPing(9, "m2", at(2)))
    ((to, ping),) = one.said(m.Ping)
    one.hear(to, m.Ack(ping.seq))

    assert (to, ping.node) == (at(2), "m2")
    assert one.said(m.Ack) == [(at(1), m.Ack(9))]


def test_a_helper_says_when_it_had_no_answer_in_time_for_the_asker():
    one = started("m1", "m2")
    one.hear(at(1), m.IndirectPing(9, "m2", at(2)))

    one.ctx.advance(0.45)

    assert one.said(m.Nack) == [(at(1), m.Nack(9))]


@pytest.mark.parametrize(
    "asked", [m.IndirectPing(9, "m2", STRANGER), m.IndirectPing(9, "x", at(2))]
)
def test_a_helper_pings_members_alone(asked):
    one = started("m1", "m2")

    one.hear(at(1), asked)

    assert one.ctx.sent == []
    assert one.rejected == ["asked to ping a stranger"]


def test_pings_for_others_are_bounded():
    one = started("m1", "m2", max_relays=5)

    for seq in range(9):
        one.hear(at(1), m.IndirectPing(seq, "m2", at(2)))

    assert len(one.said(m.Ping)) == 5
    assert one.rejected == ["too many pings for others"] * 4
    one.ctx.advance(1.0)
    assert one.node.pings.relayed == 0


def test_a_slow_node_probes_more_rarely_and_a_healthy_helper_clears_it():
    one = started("m1", "m2", "m3", "m4", "m5")
    first_probe(one)
    one.ctx.advance(0.55)
    helpers = [helper for helper, _ in one.said(m.IndirectPing)]
    ping = next(iter(one.node.pings.waiting))
    for helper in helpers:
        one.hear(helper, m.Nack(ping))
    one.ctx.advance(0.5)
    assert one.node.health.score == 0  # the helpers heard us: it is not our fault

    one.ctx.advance(20.0)

    assert one.node.health.score == one.node.config.health_max


def test_the_verb_ping_measures_the_way_or_says_that_nobody_is_there():
    one = started()
    answered, silent = one.node.ping(at(1)), one.node.ping(at(2))
    (_, ping), _ = one.said(m.Ping)
    one.ctx.advance(0.02)
    one.hear(at(1), m.Ack(ping.seq))
    one.ctx.advance(1.0)

    assert answered.result == pytest.approx(0.02)
    with pytest.raises(PeerUnreachable, match=r"127\.9\.1\.2:7946 does not answer"):
        _ = silent.result
    assert one.node.pings.waiting == {}


def test_what_belongs_on_a_stream_is_refused_in_a_datagram():
    one = started("m1")

    one.hear(at(1), m.PushPull(False, ()))

    assert one.rejected == ["belongs on a stream"]


def test_stopping_says_goodbye_and_leaves_no_timer():
    one = started("m1", "m2")
    one.hear(at(2), m.Suspect(1, "m1", "m2"))

    one.node.stop()

    goodbyes = one.said(m.Dead)
    assert {to for to, _ in goodbyes} == {at(1), at(2)}
    assert {(dead.node, dead.by) for _, dead in goodbyes} == {(ME, ME)}
    one.ctx.advance(60.0)
    assert one.ctx.sent == []
