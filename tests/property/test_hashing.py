"""Placements under any changes of nodes: what stays where it is, whatever happens."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from p2pkit.protocols.hashing import (
    Jump,
    Maglev,
    Rendezvous,
    Ring,
    disruption,
    jump,
    mix,
    some_keys,
)

names = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True)
hashes = st.integers(0, (1 << 64) - 1)
KEYS = some_keys(150, seed=7)


@given(names, st.text(min_size=9, max_size=9))
def test_a_newcomer_takes_keys_and_nobody_else_gets_any(nodes, newcomer):
    for before in (Ring(nodes, points=8), Rendezvous(nodes), Jump(nodes)):
        after = before.add(newcomer)

        assert disruption(before, after, KEYS).shuffled == 0
        for key in KEYS:
            assert after.owner(key) in (before.owner(key), newcomer)


@given(names, st.data())
def test_a_ring_and_a_rendezvous_do_not_care_how_they_came_about(nodes, data):
    shuffled = data.draw(st.permutations(nodes))
    ways = {Ring: {"points": 8}, Rendezvous: {}, Maglev: {"places": 101}}
    for way, settings_of in ways.items():
        made = [way(nodes, **settings_of), way(shuffled, **settings_of)]

        assert len({tuple(map(one.owner, KEYS)) for one in made}) == 1


@given(hashes, st.integers(1, 5000))
def test_a_key_that_jumps_goes_to_the_newest_bucket(key, buckets):
    before, after = jump(key, buckets), jump(key, buckets + 1)

    assert 0 <= before < buckets
    assert after in (before, buckets)


@given(hashes, hashes)
def test_mixing_keeps_numbers_apart(a, b):
    assert 0 <= mix(a) < 1 << 64
    assert (mix(a) == mix(b)) == (a == b)


class ComingAndGoing(RuleBasedStateMachine):
    """A ring made step by step against one made at once, and against brute force."""

    def __init__(self):
        super().__init__()
        self.ring = Ring(["first"], points=3)
        self.next = 0

    @rule()
    def come(self):
        self.next += 1
        self.ring = self.ring.add(f"n{self.next}")

    @precondition(lambda self: len(self.ring.nodes) > 1)
    @rule(data=st.data())
    def leave(self, data):
        self.ring = self.ring.remove(data.draw(st.sampled_from(self.ring.nodes)))

    @invariant()
    def owners_are_those_of_a_ring_made_at_once(self):
        fresh = Ring(self.ring.nodes, points=3)

        assert fresh.circle == self.ring.circle
        for key in KEYS[:20]:
            ahead = [((at - key) % (1 << 64), node) for at, node in fresh.circle]
            assert self.ring.owner(key) == min(ahead)[1]


TestComingAndGoing = ComingAndGoing.TestCase
TestComingAndGoing.settings = settings(max_examples=30, stateful_step_count=15)
