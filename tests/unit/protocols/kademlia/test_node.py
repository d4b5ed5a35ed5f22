"""One node's verbs: joining, pinging, looking up, and ending."""

import pytest

from p2pkit.core import (
    Finished,
    Joined,
    LocalProtocolError,
    P2PError,
    PeerUnreachable,
    RemoteProtocolError,
)
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.refresh import refresh
from tests.one_node import OWN, OneNode, peer, peers


@pytest.fixture
def one(recorders):
    return OneNode(recorders)


def closing(one, verb):
    """Return the closing events of a verb."""
    events = [event for event in one.ctx.events if isinstance(event, Finished)]
    return [event for event in events if event.verb == verb]


def test_the_first_node_joins_alone_and_at_once(one):
    operation = one.node.bootstrap([])

    assert operation.result == 0
    assert one.ctx.events == [Joined(0), operation.event()]


def test_joining_looks_up_our_own_id_and_ends_with_the_size_of_the_table(one):
    operation = one.node.bootstrap([peer(5).address])
    to, query = one.ctx.take(m.FindNode)
    assert (to, query.target) == (peer(5).address, OWN)

    while not operation.done:
        one.reply(peer(5), query, nodes=())
        _, query = one.ctx.take(m.FindNode) if one.ctx.sent else (None, query)

    assert (operation.result, one.known()) == (1, [5])
    assert Joined(1) in one.ctx.events


# Pitfall: "which address do I join through? Nothing connects."
def test_when_nobody_answers_joining_fails_with_the_addresses_tried(one):
    operation = one.node.bootstrap([("127.0.0.8", 1), ("127.0.0.9", 2)])

    one.silence()

    with pytest.raises(PeerUnreachable, match=r"127\.0\.0\.8:1, 127\.0\.0\.9:2: check"):
        _ = operation.result
    assert [event.ok for event in closing(one, "bootstrap")] == [False]


# Pitfall: a node that joins through itself finds itself.
def test_joining_through_our_own_address_is_joining_alone(one):
    operation = one.node.bootstrap([one.ctx.me.address])

    assert (operation.result, one.known()) == (0, [])


def test_somebody_with_our_id_is_nobody_to_join_through(one):
    operation = one.node.bootstrap([peer(5).address])
    _, query = one.ctx.take(m.FindNode)

    one.hear(peer(5).address, m.Reply(query.tid, OWN, nodes=()))

    with pytest.raises(PeerUnreachable):
        _ = operation.result
    assert one.known() == []


def test_a_ping_returns_the_id_of_who_answers(one):
    operation = one.node.ping(peer(5).address)
    _, query = one.ctx.take(m.Ping)

    one.reply(peer(5), query)

    assert operation.result == 5
    assert [event.ok for event in closing(one, "ping")] == [True]


def test_a_ping_that_nobody_answers_fails_with_the_address(one):
    operation = one.node.ping(("127.0.0.8", 1))

    one.silence()

    with pytest.raises(PeerUnreachable, match=r"127\.0\.0\.8:1 does not answer"):
        _ = operation.result


def test_a_lookup_ends_with_those_that_answered_nearest_first(one):
    one.know(*peers([4, 1]))
    operation = one.node.lookup(0)
    queries = [query for _, query in one.ctx.take_all(m.FindNode)]

    one.reply(peers([4, 1])[1], queries[0], nodes=tuple(peers([4, 1])))
    one.reply(peers([4, 1])[0], queries[1], nodes=())

    assert [contact.id for contact in operation.result] == [1, 4]
    assert [step.peer for step in operation.steps] == [1, 4]
    assert closing(one, "lookup") == [operation.event()]


# Pitfall: an empty table or a table of the dead ends in an error out of max().
def test_a_lookup_with_nobody_to_ask_finds_nobody(one):
    assert one.node.lookup(0).result == []


def test_with_everybody_dead_a_lookup_finds_nobody_and_storing_only_ourselves(one):
    one.know(*peers(range(1, 5)))

    found, put = one.node.lookup(0), one.node.put(b"a")
    one.ctx.advance(6)  # the fourth is asked when the first three are late
    one.ctx.take_all()

    assert found.result == []
    assert put.result in one.node.storage.items


def test_a_read_only_node_with_everybody_dead_cannot_store(recorders):
    one = OneNode(recorders, read_only=True)
    one.know(peer(1))

    operation = one.node.put(b"a")
    one.silence()

    with pytest.raises(P2PError, match=r"no node near .* took it"):
        _ = operation.result


def test_a_black_hole_delays_a_lookup_by_one_timeout_and_no_more(one):
    one.know(*peers([1, 2]))
    operation = one.node.lookup(0)
    for to, query in one.ctx.take_all(m.FindNode):
        if to == peers([1, 2])[1].address:
            one.reply(peers([1, 2])[1], query, nodes=())

    one.ctx.advance(4.9)
    before = operation.done
    one.ctx.advance(0.2)
    one.ctx.take_all()

    assert (before, operation.done) == (False, True)
    assert [contact.id for contact in operation.result] == [2]


def test_garbage_in_a_reply_to_a_get_is_refused_and_the_walk_goes_on(one):
    one.know(*peers([1, 2]))
    operation = one.node.get(0)
    queries = dict(one.ctx.take_all(m.Get))
    liar, honest = peers([1, 2])

    with pytest.raises(RemoteProtocolError, match="does not fit its key"):
        one.reply(liar, queries[liar.address], nodes=(), item=m.Item(b"1:x"))
    one.reply(honest, queries[honest.address], nodes=())

    assert operation.result is None
    assert [s.outcome for s in operation.steps] == ["failed", "answered"]


def test_operations_are_numbered_from_one(one):
    one.node.bootstrap([])
    one.node.lookup(0)

    numbers = [e.operation for e in one.ctx.events if isinstance(e, Finished)]
    assert numbers == [1, 2]


# Pitfall: a refresh throttled by a time that is never written.
def test_a_full_bucket_is_refreshed_when_idle_and_not_again_soon_after(one):
    far = range(OWN)
    one.know(*peers(range(1, 9)), peer(OWN + 1))
    one.ctx.advance(1000)
    walks = []

    for _ in range(2):
        refresh(one.node, lambda: None, near=False)
        walks.append(any(q.target in far for _, q in one.ctx.take_all(m.FindNode)))
    one.ctx.take_all()

    assert walks == [True, False]


def test_neighbors_are_the_contacts_of_the_table_from_far_to_near(one):
    one.know(peer(OWN + 1), *peers(range(1, 9)), peer(OWN + 2))

    edges = list(one.node.neighbors())

    assert {edge.kind for edge in edges} == {"bucket"}
    assert [edge.to.id for edge in edges] == [*range(1, 9), OWN + 1, OWN + 2]


def test_inspect_shows_buckets_that_cover_the_id_space(one):
    one.know(*peers(range(1, 9)), peer(OWN + 1))
    one.node.peers.heard(peer(20))

    shown = one.node.inspect()

    assert [(b["low"], b["high"]) for b in shown["buckets"]] == [
        (0, OWN), (OWN, 1 << 160),
    ]  # fmt: skip
    assert shown["buckets"][0]["contacts"] == list(range(1, 9))
    assert shown["buckets"][0]["replacements"] == [20]
    assert (shown["k"], shown["id_bits"], shown["items"]) == (8, 160, [])


def test_after_stop_no_timer_is_left(one):
    one.node.bootstrap([])
    one.know(peer(1))
    one.node.lookup(0)
    one.ctx.take_all()

    one.node.stop()

    assert one.ctx.timers == 0
    one.ctx.advance(10_000)


def test_a_node_that_runs_already_may_join_through_others(one):
    one.node.bootstrap([])

    operation = one.node.bootstrap([peer(5).address])
    one.silence()

    assert operation.done


def test_we_are_not_in_our_own_table_even_if_told_to_ask_ourselves(one):
    one.node.sample_infohashes(one.ctx.me)
    for _ in range(2):
        if one.ctx.sent:
            to, message = one.ctx.take()
            one.hear(to, message)
    one.ctx.take_all()

    assert one.known() == []


@pytest.mark.parametrize("verb", ["lookup", "get", "announce", "get_peers"])
def test_a_key_of_more_than_160_bits_is_the_callers_mistake(one, verb):
    one.know(peer(1))

    with pytest.raises(LocalProtocolError, match="160 bits"):
        getattr(one.node, verb)(1 << 160)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_out_of_range_is_the_callers_mistake(one, port):
    with pytest.raises(LocalProtocolError, match="port"):
        one.node.announce(5, port)


@pytest.mark.parametrize("key", ["abc", "zz" * 20, b"short", 1 << 160, -1])
def test_a_key_that_is_no_key_is_refused_with_a_sentence(one, key):
    one.node.bootstrap([])

    with pytest.raises(LocalProtocolError, match="a key has 160 bits"):
        one.node.lookup(key)


def test_the_highest_sequence_number_has_no_successor(one):
    one.node.bootstrap([])
    secret = bytes(32)
    one.node.put_mutable(secret, b"last", seq=(1 << 63) - 1)

    operation = one.node.put_mutable(secret, b"one more")

    assert isinstance(operation.error, LocalProtocolError)
