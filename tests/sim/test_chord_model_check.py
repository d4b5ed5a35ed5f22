"""Every interleaving of joins, failures and repair on small rings: ours and the twin.

Two that stay, or three, are Zave's r + 1 for lists of one successor, or of two.
"""

import pytest

from p2pkit.classroom.model_check import PATIENT, explore
from p2pkit.classroom.model_node import Machine
from p2pkit.classroom.model_rules import Place, is_ideal, what_is_broken
from p2pkit.core import Contact, LocalProtocolError
from p2pkit.protocols.chord import Chord
from p2pkit.protocols.chord.naive import NaiveChord


@pytest.mark.parametrize(
    ("layout", "events", "at_once"),
    [
        ("SSSN", 2, 2),  # a join and its end, while any two repair
        ("SSSF", 1, 3),
        ("SSSFN", 3, 1),  # five places, and all that can happen to them
        ("SSFSN", 2, 1),
    ],
)
def test_no_interleaving_breaks_the_ring(layout, events, at_once):
    seen = explore(Chord, layout, events, at_once=at_once, successors=2)

    assert seen, seen
    assert seen.states > 100 * events


def test_the_naive_twin_breaks_although_every_failure_spares_a_successor():
    seen = explore(NaiveChord, "SSN", 2)

    assert not seen
    assert seen.violation is not None
    assert "no living successor" in seen.violation.reason
    steps = [str(moment) for moment in seen.violation.story]
    assert "fail N2" in steps
    # It breaks after the failure, when hearsay of the dead newcomer is believed.
    assert steps.index("fail N2") < len(steps) - 1
    assert seen.violation.story[-1].ring[1].successors == ("N2",)


def test_one_crash_of_a_successor_breaks_the_naive_twin():
    seen = explore(NaiveChord, "SSSF", 1, spares=False)

    assert seen.violation is not None
    assert [str(moment) for moment in seen.violation.story] == ["begin", "fail F3"]


def test_the_naive_twin_is_right_while_nobody_fails():
    assert explore(NaiveChord, "SSN", 1)


class SetInItsWays(NaiveChord):
    """A twin that keeps its first predecessor: who joins is never let in between."""

    def receive(self, sender, message):
        before = self.predecessor
        super().receive(sender, message)
        self.predecessor = before or self.predecessor


def test_a_ring_that_is_whole_and_can_never_be_brought_into_order_is_found():
    seen = explore(SetInItsWays, "SSN", 1)

    assert seen.violation is not None
    assert "no repair ever leads back" in seen.violation.reason


def test_what_was_not_seen_is_not_called_in_order():
    seen = explore(Chord, "SSSN", 1, limit=50, successors=2)

    assert not seen
    assert seen.violation is None
    assert "not all there are" in str(seen)


def test_the_same_question_has_the_same_answer():
    first, second = (explore(Chord, "SSSN", 1, successors=2) for _ in range(2))

    assert first == second


def test_other_letters_make_no_layout():
    with pytest.raises(LocalProtocolError, match="S, F and N"):
        explore(Chord, "SSX")
    with pytest.raises(LocalProtocolError, match="at least one S"):
        explore(Chord, "NN")


def test_a_frozen_node_goes_on_where_it_was_with_its_callbacks():
    config = Chord.Config.of(**PATIENT)
    me, other = (Contact(at, (f"127.0.0.{at}", 6881)) for at in (1, 2))
    machine = Machine(Chord, config, me, 1)

    asked = machine.react(0, "bootstrap", (other.address,))
    gave_up = machine.react(asked.state, "time-out")

    assert len(asked.sent) == 1
    assert machine.react(0, "bootstrap", (other.address,)) == asked
    assert gave_up.state != asked.state
    assert not gave_up.sent


def places(*rows):
    return tuple(
        Place(name, number, after, None) for number, (name, after) in enumerate(rows)
    )


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        (places(("a", ("b",)), ("b", ("a",))), ""),
        (places(("a", ("x", "b")), ("b", ("a",))), ""),
        (places(("a", ("b",)), ("b", ("x",))), "b has no living successor"),
        (places(("a", ("b",)), ("b", ("a",)), ("c", ("a",))), ""),
        (
            places(("a", ("b",)), ("b", ("a",)), ("c", ("d",)), ("d", ("c",))),
            "two rings: a -> b -> a and c -> d -> c",
        ),
        (
            places(("a", ("c",)), ("b", ("a",)), ("c", ("b",))),
            "goes around 2 times",
        ),
        (places(("a", ("b",)), ("b", ("n",))), "b follows n, which is no member"),
    ],
)
def test_rules_name_what_is_broken(ring, reason):
    found = what_is_broken(ring, frozenset("abcdn"))

    assert reason in found
    assert bool(reason) == bool(found)


def test_a_ring_is_ideal_when_all_know_their_neighbors():
    good = (Place("a", 0, ("b",), "b"), Place("b", 1, ("a", "x"), "a"))
    skips = (Place("a", 0, ("x", "b"), "b"), Place("b", 1, ("a",), "a"))

    assert is_ideal(good, frozenset("ab"))
    assert not is_ideal(skips, frozenset("ab"))
    assert not is_ideal((good[0]._replace(predecessor="x"), good[1]), frozenset("ab"))
