"""Ring arithmetic, lookups and hostile messages, for any ids and any bytes."""

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.observe import check
from p2pkit.protocols import Chord
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.candidates import State
from p2pkit.protocols.chord.fingers import Fingers, Routes
from p2pkit.protocols.chord.lookup import Lookup
from p2pkit.protocols.chord.ring import Ring
from p2pkit.protocols.chord.successors import extend, require_order
from p2pkit.protocols.chord.wire import Peer
from tests.chord_ring import ChordRing

BITS = 6
RING = Ring(BITS)
ids = st.integers(0, 63)
members = st.sets(ids, min_size=1, max_size=20)


def contact(node_id):
    return Contact(node_id, ("127.0.0.1", 1 + node_id))


def clockwise(start, end):
    """Return the places from after `start` up to `end`, one step at a time."""
    places = [(start + 1) % 64]
    while places[-1] != end:
        places.append((places[-1] + 1) % 64)
    return places


@given(ids, ids, ids)
def test_within_is_walking_clockwise(place, start, end):
    assert RING.within(place, start, end) == (place in clockwise(start, end))
    assert RING.between(place, start, end) == (
        place in clockwise(start, end)[:-1] and place != start
    )


@given(members, ids)
def test_every_finger_is_the_true_successor_of_its_start(some, own):
    fingers, index = Fingers(RING, contact(own)), 0
    everyone = some | {own}

    while index < BITS:
        start = fingers.start(index)
        near = min(everyone, key=lambda one: RING.gap(start, one))
        index = fingers.set(index, contact(near))

    for number, one in enumerate(fingers.entries):
        want = min(everyone, key=lambda x: RING.gap((own + 2**number) % 64, x))
        assert one.id == want


@given(members, ids, ids, st.integers(1, 5))
def test_routes_are_sorting_everybody_before_the_key(some, own, key, most):
    found = Routes(RING, own, map(contact, some - {own})).before(key, most)

    before = [one for one in some if RING.between(one, own, key)]
    nearest = sorted(before, key=lambda one: RING.gap(one, key))
    assert [one.id for one in found] == nearest[:most]


@given(st.lists(ids, max_size=12), ids, ids, st.integers(1, 8))
def test_a_list_is_always_in_order_and_never_names_its_owner(tail, own, head, most):
    if own == head:
        return
    found = extend(RING, own, contact(head), [contact(one) for one in tail], most)

    require_order(RING, own, found)
    assert own not in [one.id for one in found]
    assert 1 <= len(found) <= most


def known_before_and_after(some, node, key):
    """Return whom a node that knows everybody names on the way to a key."""
    after = sorted(some - {node}, key=lambda one: RING.gap(node, one)) or [node]
    if RING.within(key, node, after[0]):
        return [], after
    beyond = [one for one in after if not RING.between(one, node, key)]
    return [one for one in reversed(after) if RING.between(one, node, key)], beyond


@given(st.data(), members, ids)
def test_a_lookup_ends_at_the_first_living_node_after_the_key(data, some, key):
    """Any peers may be dead or slow; those alive know whom they should know."""
    own = data.draw(st.sampled_from(sorted(some)))
    dead = data.draw(st.sets(st.sampled_from(sorted(some)))) - {own}
    assume(len(some - dead) > 1)  # with nobody else alive no way is left
    lookup = Lookup(RING, key, contact(own))

    before, after = known_before_and_after(some, node=own, key=key)
    lookup.add([contact(one) for one in before], follows=False)
    lookup.add([contact(one) for one in after], follows=True)
    late = []
    for now in range(500):
        peer = lookup.step(now)
        if peer is None and lookup.done:
            break
        if peer is None:  # it waits: what was late fails or answers now
            peer = late.pop(0)
        elif data.draw(st.booleans()):
            lookup.on_slow(peer)
            late.append(peer)
            continue
        node = peer.contact.id
        if node in dead:
            lookup.on_failure(peer, now)
        elif peer.follows:
            last = min(
                some - dead - {node} or {node}, key=lambda one: RING.gap(one, node)
            )
            lookup.on_links(peer, contact(last), [], now)
        else:
            before, after = known_before_and_after(some, node, key)
            lookup.on_nearer(
                peer, list(map(contact, before)), list(map(contact, after)), now
            )

    want = min(some - dead, key=lambda one: RING.gap(key, one))
    assert lookup.owner == contact(want)
    assert all(one.state is not State.HEARD for one in lookup.asked)


raw = st.one_of(
    st.binary(max_size=22), st.integers(0, 255).map(lambda one: bytes([one]))
)
hosts = st.integers(0, 12).map(lambda one: bytes([127, 1, 0, one]))
peers = st.builds(
    Peer, raw, st.one_of(hosts, st.binary(max_size=17)), st.integers(1, 65535)
)
lists = st.lists(peers, max_size=5).map(tuple)
tids, keys = st.binary(max_size=9), st.lists(raw, max_size=4).map(tuple)
versions = keys.map(lambda some: tuple((key, 1) for key in some))
forged = st.one_of(
    st.builds(m.Notify, tids, raw, raw),
    st.builds(m.Leave, tids, raw, raw),
    st.builds(m.Displaced, tids, raw, raw),
    st.builds(m.FindSuccessor, tids, raw, raw, raw),
    st.builds(m.GetLinks, tids, raw, raw),
    st.builds(m.Relay, tids, raw, raw, raw, peers, tids, keys),
    st.builds(m.Store, tids, raw, raw, raw, st.binary(max_size=20), st.integers(0, 3)),
    st.builds(
        m.Offer, tids, raw, raw, keys.map(lambda some: tuple((k, 1) for k in some))
    ),
    st.builds(m.Links, tids, raw, st.none() | peers, lists),
    st.builds(m.Nearer, tids, raw, lists, lists),
    st.builds(m.Routed, tids, raw, lists, keys),
)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_forged_messages_leave_a_live_ring_as_it_was(data):
    ring = ChordRing(10, id_bits=160)
    ring.settle()
    honest = {name: node.me for name, node in enumerate(ring.nodes)}
    before = ring.snapshot(details=True)
    for _ in range(data.draw(st.integers(1, 25), "how many")):
        message = data.draw(forged, "message")
        victim = honest[data.draw(st.integers(0, 9), "victim")]
        source = data.draw(st.integers(0, 20), "source")
        as_if = (f"127.1.0.{source}", 6881)  # also the addresses of members
        claim = data.draw(st.sampled_from(["as is", "hash", "to"]), "claim")
        message = _dressed(message, claim, as_if, victim)
        data_bytes = Chord.codec.encode(message)
        ring.sim.scheduler.deliver_at(
            ring.sim.now() + 0.01, victim.address, as_if, data_bytes
        )
        ring.sim.advance(data.draw(st.sampled_from([0.0, 0.02, 1.0])))

    ring.sim.advance(30)
    ring.settle(rounds=20)

    assert check.ring(ring), check.ring(ring)
    assert check.symmetry(ring)
    assert check.successor_lists(ring), check.successor_lists(ring)
    after = ring.snapshot(details=True)
    assert [node.id for node in after.alive] == [node.id for node in before.alive]
    keys = [ring.rng.getrandbits(160) for _ in range(10)]
    assert check.owners(ring, keys)


def _dressed(message, claim, source, victim):
    """Make a forged message pass more of the checks than chance would."""
    fields = {}
    if claim != "as is":
        fields["sender_id"] = Chord.choose_id(None, source).to_bytes(20, "big")
    if claim == "to" and isinstance(message, m.Request):
        fields["to"] = victim.id.to_bytes(20, "big")
    return msgspec.structs.replace(message, **fields)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data):
    try:
        message = Chord.codec.decode(data)
    except RemoteProtocolError:
        return
    assert Chord.codec.decode(Chord.codec.encode(message)) == message
