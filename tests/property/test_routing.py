"""Ids, tables and walks, against dictionaries and brute force."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from p2pkit.core import Contact, Id
from p2pkit.protocols.kademlia.bucket import KBucket
from p2pkit.protocols.kademlia.distance import (
    branch,
    distance,
    k_closest,
    neighborhood,
    prefix_length,
)
from p2pkit.protocols.kademlia.lookup import Lookup, State
from p2pkit.protocols.kademlia.table import RoutingTable

ids = st.integers(0, (1 << 160) - 1)
OWN = 0b1010 << 156


def contact(node_id: int) -> Contact:
    return Contact(node_id, ("127.0.0.2", 1 + node_id % 60_000))


@given(ids, ids, ids)
def test_xor_is_a_metric_with_one_point_at_each_distance(a, b, c):
    assert distance(a, a) == 0
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)
    assert distance(a, distance(a, b)) == b


@given(ids, ids)
def test_an_id_is_in_the_branch_of_its_shared_bits_and_in_no_other(own, other):
    shared = prefix_length(own, other)

    depths = [d for d in range(160) if other in branch(own, d)]
    around = [d for d in range(161) if other in neighborhood(own, d)]

    assert depths == ([shared] if own != other else [])
    assert around == list(range(shared + 1))


@given(st.lists(ids, max_size=40), ids, st.integers(1, 50))
def test_k_closest_is_sorting_everybody(some, target, k):
    found = k_closest(some, target, k)

    assert found == sorted(set(some), key=lambda node_id: node_id ^ target)[:k]


@given(ids)
def test_an_id_is_the_same_from_number_bytes_and_digits(number):
    assert Id.parse(number) == Id.parse(number.to_bytes(20, "big")) == number
    assert Id.parse(Id(number).hex()) == number
    assert repr(Id(number)) == f"Id({Id(number).hex()[:8]}…)"


near_or_far = st.one_of(ids, st.integers(1, 300).map(lambda i: OWN ^ i))


@given(st.lists(near_or_far, max_size=120), near_or_far, st.integers(1, 9))
def test_a_table_names_the_closest_of_all_it_holds(heard, target, k):
    table = RoutingTable(OWN, k, max_misses=5)
    for node_id in heard:
        if node_id != OWN:
            table.heard(contact(node_id), 0.0)
    everybody = [entry.contact.id for entry in table]

    assert [c.id for c in table.closest(target, k)] == k_closest(everybody, target, k)


class Buckets(RuleBasedStateMachine):
    """A table beside a model: who is in each range, oldest first, and who waits."""

    contacts = Bundle("contacts")

    def __init__(self):
        super().__init__()
        self.table = RoutingTable(OWN, 3, max_misses=2)
        self.ever, self.now = set(), 0.0

    @rule(target=contacts, node_id=near_or_far.filter(lambda node_id: node_id != OWN))
    def meets(self, node_id):
        return node_id

    @rule(node_id=contacts)
    def answers(self, node_id):
        self.now += 1
        bucket = self.table.bucket(node_id)
        may_split = bucket is self.table.buckets[-1]
        had_room = not bucket.full or node_id in bucket.entries
        self.table.heard(contact(node_id), self.now)
        self.ever.add(node_id)
        bucket = self.table.bucket(node_id)
        if had_room and not may_split:
            assert list(bucket.entries)[-1] == node_id
        assert node_id in bucket.entries or node_id in bucket.replacements

    @rule(node_id=contacts)
    def lets_a_request_fail(self, node_id):
        bucket = self.table.bucket(node_id)
        before = dict(bucket.entries)
        waiting = [i for i in bucket.replacements if i != node_id]
        gone = self.table.missed(node_id)
        assert gone == (node_id in before and node_id not in bucket.entries)
        if gone and waiting:
            assert waiting[-1] in bucket.entries
        assert node_id not in bucket.replacements

    @precondition(lambda self: len(self.table))
    @rule(data=st.data())
    def asks_us(self, data):
        entry = data.draw(st.sampled_from(list(self.table)))
        self.now += 1
        bucket = self.table.bucket(entry.contact.id)
        bucket.touch(entry.contact.id, self.now)
        assert list(bucket.entries)[-1] == entry.contact.id

    @invariant()
    def buckets_are_bounded_ordered_and_in_range(self):
        for index, bucket in enumerate(self.table.buckets):
            covered = self.table.range(index)
            heard = [entry.heard_s for entry in bucket.entries.values()]
            assert len(bucket.entries) <= 3
            assert len(bucket.replacements) <= 3
            assert not bucket.entries.keys() & bucket.replacements.keys()
            assert all(node_id in covered for node_id in bucket.entries)
            assert all(node_id in covered for node_id in bucket.replacements)
            assert bucket.full or not bucket.replacements
            assert heard == sorted(heard) or len(self.table.buckets) > 1

    @invariant()
    def only_those_who_answered_are_in(self):
        assert {entry.contact.id for entry in self.table} <= self.ever


TestBuckets = Buckets.TestCase
TestBuckets.settings = settings(max_examples=60, stateful_step_count=60)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
def test_a_bucket_is_never_over_k(steps):
    bucket = KBucket(4, 0.0)

    for number, (node_id, answered) in enumerate(steps):
        if answered:
            bucket.heard(contact(node_id), float(number))
        else:
            bucket.missed(node_id, max_misses=3)

        assert len(bucket.entries) <= 4
        assert len(bucket.replacements) <= 4


@given(
    st.randoms(use_true_random=False),
    st.integers(1, 60),
    st.integers(1, 9),
    st.integers(1, 5),
    st.floats(0, 1),
)
def test_a_walk_ends_with_the_closest_that_answer(rng, n, k, alpha, dead_odds):
    world = [contact(rng.getrandbits(160)) for _ in range(n)]
    dead = {c.id for c in world if rng.random() < dead_odds}
    own = contact(OWN)
    lookup = Lookup(rng.getrandbits(160), own, k, alpha)
    lookup.add(rng.sample(world, min(n, k)))
    flying = lookup.step(0.0)

    while flying:
        peer = flying.pop(rng.randrange(len(flying)))
        if peer.contact.id in dead:
            if peer.state is State.ASKED and rng.random() < 0.5:
                lookup.on_slow(peer)
                flying.append(peer)
            else:
                lookup.on_failure(peer, 1.0)
        else:
            nearest = sorted(world, key=lambda c: c.id ^ lookup.target)[:k]
            lookup.on_reply(peer, nearest, 1.0)
        flying += lookup.step(0.0)
        assert lookup.in_flight <= alpha

    heard = {c.contact.id for c in lookup.candidates.values()}
    answering = k_closest(heard - dead, lookup.target, k)
    assert lookup.done
    assert [c.contact.id for c in lookup.closest()] == answering


@given(st.randoms(use_true_random=False), st.integers(1, 20), st.integers(1, 5))
def test_a_walk_among_liars_ends_and_stays_bounded(rng, k, alpha):
    lookup = Lookup(rng.getrandbits(160), contact(OWN), k, alpha)
    lookup.add([contact(1)])
    flying, asked = lookup.step(0.0), 0

    while flying:
        peer = flying.pop(rng.randrange(len(flying)))
        asked += 1
        gap = peer.contact.id ^ lookup.target
        lies = [rng.randrange(gap + 1) ^ lookup.target for _ in range(70)]
        if rng.random() < 0.3:
            lookup.on_failure(peer, 1.0)
        else:
            lookup.on_reply(peer, [contact(lie) for lie in lies], 1.0)
        flying += lookup.step(0.0)

    assert lookup.done
    assert asked <= lookup.limit
    assert len(lookup.candidates) <= 2 * lookup.limit + 2 * k
