"""Anti-entropy: two copies are compared in pages, and differences made up."""

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.anti_entropy import AntiEntropy, Updated
from p2pkit.protocols.anti_entropy.messages import (
    BUCKETS,
    Digest,
    Part,
    Summary,
    Version,
    Versions,
    Want,
)
from tests.unit.protocols.gossip.conftest import PEERS

A, B = PEERS[:2]
WRITER = b"writer01"


def exchange(caller, called):
    """Let one node call the other, and both say all they have to say."""
    caller.node.view, called.node.view = (A,), ()
    caller.round()
    called.round()
    while caller.ctx.sent or called.ctx.sent:
        for _, message in caller.ctx.take_all():
            called.hear(B, message)
        for _, message in called.ctx.take_all():
            caller.hear(A, message)


def data(one):
    return one.node.inspect()["data"]


def two(site, **settings):
    one, other = site(AntiEntropy, **settings), site(AntiEntropy, **settings)
    for each in (one, other):
        each.node.view = ()
    return one, other


def fill(one, name, count):
    for number in range(count):
        one.node.put(b"%s%d" % (name, number), b"value" * 20)


@pytest.mark.parametrize(
    ("mode", "caller_has", "called_has"),
    [("push", 1, 2), ("pull", 2, 1), ("push-pull", 2, 2)],
)
def test_data_goes_the_way_the_mode_says(site, mode, caller_has, called_has):
    caller, called = two(site, mode=mode)
    caller.node.put(b"mine", b"1")
    called.node.put(b"yours", b"2")

    exchange(caller, called)

    assert len(data(caller)) == caller_has
    assert len(data(called)) == called_has


def test_copies_that_agree_cost_one_message(site):
    caller, called = two(site)
    for one in (caller, called):
        one.hear(A, Versions(((b"k", Version(b"v", ((WRITER, 1),))),)))
    caller.node.view = (A,)

    caller.round()
    called.hear(B, caller.ctx.take(Summary)[1])

    assert caller.ctx.sent == called.ctx.sent == []


def test_a_thousand_keys_come_across_in_datagrams(site):
    caller, called = two(site, max_pages=64)
    fill(caller, b"a", 500)
    fill(called, b"b", 500)

    rounds = 0
    while data(caller) != data(called):
        exchange(caller, called)
        rounds += 1

    assert len(data(caller)) == 1000
    assert rounds <= 3


def test_an_answer_has_a_bounded_number_of_pages_and_later_rounds_do_the_rest(site):
    caller, called = two(site, max_pages=2)
    fill(called, b"b", 500)

    called.hear(B, Summary(bytes(BUCKETS * 8)))
    pages = called.ctx.take_all(Digest)
    rounds = 0
    while data(caller) != data(called):
        exchange(caller, called)
        rounds += 1

    assert len(pages) == 2
    assert rounds < 100


def test_a_page_that_is_lost_takes_no_other_along(site):
    caller, called = two(site)
    keys = [key for key in (b"%064d" % i for i in range(3000)) if _bucket(key) == 5]
    for key in keys[:30]:
        called.node.put(key, b"v")
    pages = list(called.node.store.parts(5))
    caller.node.asked = [A]

    caller.hear(A, Digest((pages[1],)))

    assert len(pages) > 2
    wanted = [key for _, message in caller.ctx.take_all(Want) for key in message.keys]
    assert wanted == [key for key, _ in pages[1].clocks]


def _bucket(key):
    from p2pkit.protocols.anti_entropy.store import bucket_of

    return bucket_of(key)


def test_the_later_writer_wins_wherever_it_wrote(site):
    one, other = two(site)
    one.node.put(b"k", b"first")
    other.ctx.advance(1.0)
    other.node.put(b"k", b"second")

    exchange(one, other)

    assert one.node.get(b"k") == other.node.get(b"k") == (b"second",)


def test_writers_who_did_not_know_of_each_other_both_stand(recorders, site):
    one, other = two(site, merge="versions")
    other.node.store.writer = WRITER
    one.node.put(b"k", b"mine")
    other.node.put(b"k", b"yours")

    exchange(one, other)
    disagreement = set(one.node.get(b"k"))
    one.node.put(b"k", b"ours")
    exchange(other, one)

    assert disagreement == {b"mine", b"yours"}
    assert other.node.get(b"k") == (b"ours",)


def test_a_deletion_travels_like_a_value(site):
    one, other = two(site)
    one.node.put(b"k", b"v")
    exchange(one, other)

    other.ctx.advance(1.0)
    other.node.delete(b"k")
    exchange(one, other)

    assert one.node.get(b"k") == ()
    assert one.ctx.events[-1] == Updated(b"k", A)


def test_a_digest_that_nobody_asked_for_gets_nothing(site):
    one, _ = two(site)
    one.node.put(b"k", b"v")

    reason = one.refuses(B, Digest((Part(_bucket(b"k"), b"", None, ()),)))

    assert reason == "digest that nobody asked for"


def test_a_version_from_the_future_does_not_stand_for_ever(site):
    one, _ = two(site, max_skew_s=60.0)
    late = Version(b"evil", ((WRITER, 61_000_000),))

    reason = one.refuses(A, Versions(((b"k", late),)))
    one.hear(A, Versions(((b"k", Version(b"early", ((WRITER, 59_000_000),))),)))

    assert reason == "version from the future"
    assert one.node.get(b"k") == (b"early",)


def test_a_full_store_takes_no_new_keys_but_still_new_values(site):
    one, _ = two(site, max_keys=2)
    fill(one, b"k", 2)

    version = Version(b"x", ((WRITER, 5_000_000),))
    reason = one.refuses(A, Versions(((b"other", version),)))
    one.hear(A, Versions(((b"k0", version),)))

    assert reason == "store is full"
    assert one.node.get(b"k0") == (b"x",)
    with pytest.raises(LocalProtocolError, match="full with 2 keys"):
        one.node.put(b"other", b"")


def test_calls_of_one_round_are_answered_up_to_a_bound(site):
    one, _ = two(site, max_calls=2, max_pages=1)
    fill(one, b"k", 1)
    call, want = Summary(bytes(BUCKETS * 8)), Want((b"k0",))

    for message in (call, call, want, want):
        one.hear(A, message)

    assert one.refuses(A, call) == "too many calls in one round"
    assert one.refuses(A, want) == "too many wants in one round"
    assert len(one.ctx.take_all(Digest)) == len(one.ctx.take_all(Versions)) == 2


def test_who_comes_back_without_its_disk_writes_under_another_name(recorders):
    first = recorders(codec=AntiEntropy.codec)
    later = recorders(codec=AntiEntropy.codec)
    later.advance(10.0)

    config = AntiEntropy.Config()
    nodes = [AntiEntropy(ctx, config) for ctx in (first, later)]
    writers = [node.store.writer for node in nodes]
    nodes[0].put(b"k", b"v")
    nodes[1].restore(nodes[0].save())

    assert writers[0] != writers[1]
    assert nodes[1].store.writer == writers[0]
    assert nodes[1].get(b"k") == (b"v",)


@pytest.mark.parametrize(("key", "value"), [(bytes(65), b""), (b"k", bytes(401))])
def test_what_fits_no_datagram_is_refused(site, key, value):
    one, _ = two(site)

    with pytest.raises(LocalProtocolError, match="does not fit"):
        one.node.put(key, value)
