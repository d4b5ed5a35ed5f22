"""What claims change at whoever hears them, and what they cannot."""

from __future__ import annotations

import pytest

from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.door import MAX_NAMES
from p2pkit.protocols.swim.members import LEAST_LEAD, STATES, State
from p2pkit.protocols.swim.suspicion import shortest_s
from tests.one_member import HERE, STRANGER, OneMember, at

ME = f"{1 << 159:040x}"


@pytest.fixture
def one():
    member = OneMember()
    member.know("m1", "m2", "m3")
    member.ctx.take_all()
    return member


def put(one: OneMember, name: str, state: State) -> None:
    """Have the node believe this of m1, at incarnation 1."""
    member = one.node.members.by_name[name]
    if state is State.SUSPECT:
        one.hear(at(2), m.Suspect(1, name, "m2"))
    elif state is not State.ALIVE:
        by = name if state is State.LEFT else "m2"
        one.node.beliefs._bury(member, m.Dead(1, name, by))
    assert member.state is state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", LEAST_LEAD)
@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_a_claim_outweighs_what_the_table_says_it_does(state, kind, ahead):
    one = OneMember(hearsay=True)
    one.know("m1", "m2")
    put(one, "m1", state)
    claim = (
        one.alive("m1", 1 + ahead) if kind is m.Alive else kind(1 + ahead, "m1", "m2")
    )

    one.hear(at(2), claim)

    lead = LEAST_LEAD[kind].get(state)
    becomes = {m.Alive: "alive", m.Suspect: "suspect", m.Dead: "dead"}[kind]
    wins = lead is not None and ahead >= lead
    assert one.state("m1") == (becomes if wins else str(state))
    assert one.incarnation("m1") == (1 + ahead if wins else 1)


def test_the_table_is_the_papers():
    paper = {
        (m.Alive, State.ALIVE): 1, (m.Alive, State.SUSPECT): 1,
        (m.Suspect, State.ALIVE): 0, (m.Suspect, State.SUSPECT): 1,
        (m.Dead, State.ALIVE): 0, (m.Dead, State.SUSPECT): 0,
        # not in the paper, where the dead stay dead:
        (m.Alive, State.DEAD): 1, (m.Alive, State.LEFT): 1,
    }  # fmt: skip

    assert {
        (kind, state): lead
        for kind, row in LEAST_LEAD.items()
        for state, lead in row.items()
    } == paper


def test_a_suspected_node_refutes_at_a_higher_incarnation(one):
    one.hear(at(1), m.Suspect(4, ME, "m1"))
    one.node.gossip.send(at(1))

    assert [c.incarnation for _, c in one.said(m.Alive) if c.node == ME] == [5]


def test_old_news_of_us_is_not_refuted(one):
    one.node.own.incarnation = 9

    one.hear(at(1), m.Suspect(8, ME, "m1"))

    assert one.node.own.incarnation == 9


def test_one_forged_obituary_of_a_stranger_does_nothing_and_is_counted(one):
    one.hear(STRANGER, m.Dead(1, "m1", "m2"))

    assert one.state("m1") == "alive"
    assert one.rejected == ["claim of a stranger"]


@pytest.mark.parametrize(
    "parts",
    [
        [m.Dead(1, "m1", "m2")],
        [m.Suspect(1, "m1", "m2"), m.Dead(1, "m1", "m3")],
        [m.Dead(1, "m1", "m1"), m.Dead(1, "m1", "m1")],
        [m.Dead(99, "m1", "m3")] * 20,
    ],
    ids=["dead", "suspect and dead", "goodbye", "many"],
)
@pytest.mark.parametrize("sender", [at(2), STRANGER], ids=["member", "stranger"])
def test_no_single_datagram_buries_a_member_that_can_object(one, parts, sender):
    one.hear(sender, *parts)
    assert one.state("m1") in ("alive", "suspect")

    one.hear(at(1), one.alive("m1", one.incarnation("m1") + 1))
    one.ctx.advance(60.0)

    changes = [e for e in one.ctx.events if isinstance(e, m.ViewChanged)]
    assert one.state("m1") == "alive"
    assert {change.state for change in changes} <= {"alive", "suspect"}


def test_a_stranger_that_introduces_itself_is_called_before_it_is_believed(one):
    intro = m.Alive(1, "m66", STRANGER)

    one.hear(STRANGER, intro, m.Suspect(1, "m1", "m66"))

    assert one.state("m1") == "alive"
    assert one.state("m66") is None
    assert one.rejected == ["claim of a stranger"]
    assert one.ctx.connected == [STRANGER]


def test_strangers_by_the_thousand_cost_one_call_a_period(one):
    for number in range(3000):
        intro = m.Alive(1, f"s{number}", ("127.66.7.7", number + 1))
        one.hear(intro.address, intro)

    assert len(one.ctx.connected) == 1
    assert len(one.node.members.order) == 3


def test_an_address_has_few_names(one):
    one.hear(at(1), *(m.Alive(1, f"m1{letter}", at(1)) for letter in "abcdef"))

    assert one.node.members.at[at(1)] == MAX_NAMES
    assert one.rejected == ["too many names at one address"]


def test_former_names_at_an_address_make_room_for_new_ones(one):
    names = [f"again{number}" for number in range(2 * MAX_NAMES)]

    for name in names:
        one.hear(at(1), m.Alive(1, name, at(9)))
        assert one.state(name) == State.ALIVE
        put(one, name, State.DEAD)

    assert one.rejected == []
    assert [one.state(name) for name in names].count(None) == MAX_NAMES


def test_of_newcomers_that_nobody_asked_about_only_so_many_enter_a_period():
    one = OneMember(max_joins=10)
    one.know("m1")
    crowd = [one.alive(f"m{number}") for number in range(2, 30)]

    for newcomer in crowd:
        one.hear(at(1), newcomer)
    assert len(one.node.members.order) == 10
    assert set(one.rejected) == {"too many newcomers"}
    one.ctx.advance(one.node.config.probe_s)
    for newcomer in crowd:
        one.hear(at(1), newcomer)

    assert len(one.node.members.order) == 20
    table = m.PushPull(
        False, tuple(m.Entry(e.node, e.address, b"", 1, 0, e.vsn) for e in crowd)
    )
    one.node.sync.merge(table, asked=True)
    assert len(one.node.members.order) == 29


def test_a_goodbye_is_believed_of_whoever_does_not_object(one):
    one.hear(at(1), m.Dead(1, "m1", "m1"))
    assert one.state("m1") == "suspect"

    one.ctx.advance(shortest_s(one.node.config, 4) + 0.01)

    assert one.state("m1") == "left"


def test_a_forged_goodbye_harms_nobody(one):
    one.hear(at(1), m.Dead(1, "m1", "m1"))  # its address, and another's hand

    one.hear(at(1), one.alive("m1", 2))
    one.ctx.advance(60.0)

    changes = [e.state for e in one.ctx.events if isinstance(e, m.ViewChanged)]
    assert one.state("m1") == "alive"
    assert set(changes) <= {"alive", "suspect"}


def test_an_obituary_is_believed_once_the_suspect_had_a_period_to_object(one):
    one.hear(at(2), m.Suspect(1, "m1", "m2"))
    one.ctx.advance(one.node.config.probe_s)

    one.hear(at(3), m.Dead(1, "m1", "m3"))

    assert one.state("m1") == "dead"


@pytest.mark.parametrize("name", ["m1", ME])
@pytest.mark.parametrize("kind", [m.Suspect, m.Dead])
def test_an_incarnation_that_could_never_be_refuted_is_refused(one, name, kind):
    one.hear(at(2), kind(0xFFFF_FFFF, name, "m2"))

    assert one.state("m1") == "alive"
    assert one.node.own.incarnation == 1
    assert one.rejected == ["incarnation jumps too far"]


def test_a_sign_of_life_with_a_far_incarnation_is_refused(one):
    one.hear(at(2), one.alive("m1", 0xFFFF_FFFF), one.alive("m4", 0xFFFF_FFFF))

    assert one.incarnation("m1") == 1
    assert one.state("m4") is None


def test_nobody_takes_the_name_of_a_member_that_is_up(one):
    one.hear(at(2), m.Alive(7, "m1", at(2)))

    assert one.node.members.by_name["m1"].address == at(1)
    assert one.rejected == ["name of a member elsewhere"]


def test_a_member_that_was_dead_may_come_back_elsewhere(one):
    put(one, "m1", State.DEAD)

    one.hear(at(2), m.Alive(2, "m1", at(9)))

    assert one.state("m1") == "alive"
    assert one.node.members.by_name["m1"].address == at(9)


def test_another_node_with_our_name_is_refused_and_starts_no_race(one):
    one.hear(at(2), m.Alive(5, ME, at(2)))

    assert one.node.own.incarnation == 1
    assert one.rejected == ["another node has our name"]


def test_a_flood_of_joins_is_bounded_and_the_dead_make_room():
    one = OneMember(max_members=10)
    one.know("m1", "m2")
    for number in range(3, 60):
        one.hear(at(2), one.alive(f"m{number}"))
    assert len(one.node.members.order) == 10
    assert one.rejected == ["too many members"] * 49

    put(one, "m1", State.DEAD)
    one.hear(at(2), one.alive("m99"))

    assert one.state("m1") is None
    assert one.state("m99") == "alive"


def test_a_member_without_a_port_or_at_our_own_address_is_refused(one):
    one.hear(at(1), m.Alive(1, "x", ("127.9.9.9", 0)), m.Alive(1, "y", HERE))

    assert one.state("x") is one.state("y") is None
    assert one.rejected == ["member at an impossible address"]


def test_the_dead_are_forgotten_in_the_end():
    one = OneMember(forget_s=100.0)
    one.node.bootstrap([])
    one.know("m1", "m2")
    put(one, "m1", State.DEAD)

    one.ctx.advance(150.0)

    assert one.state("m1") is None
