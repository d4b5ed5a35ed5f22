import pytest

from p2pkit.core import (
    Address,
    Contact,
    Counters,
    Event,
    Finished,
    LocalProtocolError,
    Record,
    Step,
)
from p2pkit.observe import NodeSnapshot, Snapshot
from p2pkit.observe.flights import Flight
from p2pkit.observe.paths import Hop, hops_of, labels


class Heard(Event, frozen=True):
    rumor: bytes
    sender: Address | None


class Delivered(Event, frozen=True):
    topic: str
    sender: int | None
    message_id: bytes
    hops: int = 0


NODES = [NodeSnapshot(f"n{i}", i << 8, ("127.0.0.1", i), "alive", (), Counters())
         for i in range(6)]  # fmt: skip
NAMED = labels(Snapshot(0.0, tuple(NODES)))


def lines(hops):
    return [(hop.source, hop.target, hop.depth) for hop in hops]


def lookup(*steps):
    return Record(9.0, "n0", Finished(1, "lookup", 0, True, 1.0, steps))


def test_a_lookup_runs_from_who_named_a_peer():
    record = lookup(
        Step(1 << 8, 1, 1.0, 1.1, "answered", (3 << 8,)),
        Step(2 << 8, 1, 1.0, 6.0, "failed"),
        Step(3 << 8, 2, 1.1, 1.3, "answered"),
    )

    hops = hops_of(record, named=NAMED)

    assert lines(hops) == [("n0", "n1", 1), ("n0", "n2", 1), ("n1", "n3", 2)]
    assert [hop.ok for hop in hops] == [True, False, True]
    assert hops[2].took_s == pytest.approx(0.2)
    assert lines(hops_of(record.event, named=NAMED, source="n0")) == lines(hops)


def test_a_walk_runs_from_peer_to_peer_though_nobody_is_named():
    steps = (Step(i << 8, i, float(i), i + 0.5, "answered") for i in range(1, 5))

    hops = hops_of(lookup(*steps), named=NAMED)

    assert lines(hops) == [(f"n{i - 1}", f"n{i}", i) for i in range(1, 5)]


def news(at_s, node, sender, rumor=b"r"):
    address = None if sender is None else ("127.0.0.1", sender)
    return Record(at_s, f"n{node}", Heard(rumor, address))


RUMOR = [news(0.0, 0, None), news(0.2, 2, 0), news(0.1, 1, 0), news(0.3, 3, 1),
         news(0.4, 3, 2), news(0.1, 5, 4, b"other")]  # fmt: skip


@pytest.mark.parametrize("what", [b"r", RUMOR[0], RUMOR[3]])
def test_a_rumor_is_the_tree_of_who_told_whom_first(what):
    hops = hops_of(what, trace=RUMOR, named=NAMED)

    assert lines(hops) == [("n0", "n1", 1), ("n0", "n2", 1), ("n1", "n3", 2)]
    assert [hop.number for hop in hops] == [1, 2, 3]


def test_a_list_of_events_needs_no_trace():
    assert hops_of(RUMOR[:5], named=NAMED) == hops_of(b"r", RUMOR, NAMED)


def test_news_of_one_moment_is_in_order_of_hops():
    records = [
        Record(1.0, "n2", Delivered("", 1 << 8, b"7", hops=2)),
        Record(1.0, "n1", Delivered("", 0, b"7", hops=1)),
        Record(1.0, "n0", Delivered("", None, b"7")),
    ]

    assert lines(hops_of(b"7", records, NAMED)) == [("n0", "n1", 1), ("n1", "n2", 2)]


def test_news_that_nobody_told_is_a_sentence():
    with pytest.raises(LocalProtocolError, match="nobody told of 78"):
        hops_of(b"x", RUMOR)


def test_flights_are_hops_in_order_of_time():
    flights = [
        Flight(2.0, 2.5, "n1", "n2", "Ping", b""),
        Flight(1.0, None, "n0", "n1", "Ping", b"", "loss"),
        Flight(None, 3.0, "n2", "n0", "Pong", b""),
    ]

    hops = hops_of(flights)

    assert [(hop.at_s, hop.took_s, hop.ok) for hop in hops] == [
        (1.0, 0.0, False), (2.0, 0.5, True), (3.0, 0.0, True)
    ]  # fmt: skip
    assert hops_of(hops) == hops


def test_several_lookups_are_one_path_in_order_of_time():
    late = lookup(Step(1 << 8, 1, 5.0, 5.1, "answered"))
    early = lookup(Step(2 << 8, 1, 2.0, 2.1, "answered"))

    assert [hop.target for hop in hops_of([late, early], named=NAMED)] == ["n2", "n1"]
    assert [hop.number for hop in hops_of([late, early], named=NAMED)] == [1, 2]


def test_who_has_no_name_is_shown_by_id_or_address():
    record = lookup(Step(0xABCDEF12 << 128, 1, 1.0, 1.1, "answered"))
    told = [Record(1.0, "n0", Heard(b"r", ("10.0.0.1", 6881)))]

    assert hops_of(record)[0].target == "abcdef12"
    assert hops_of(b"r", told)[0].source == "10.0.0.1:6881"


def test_a_sender_may_be_named_by_id_address_contact_or_name():
    class Told(Event, frozen=True):
        what: str
        sender: object

    known = ("127.0.0.1", 1)
    senders = [1 << 8, (1 << 8).to_bytes(2, "big"), known, list(known),
               Contact(1 << 8, ("x", 1)), Contact(9, known), "n1"]  # fmt: skip
    for sender in senders:
        told = Record(1.0, "n2", Told("news", sender))
        assert lines(hops_of(told, named=NAMED)) == [("n1", "n2", 1)], sender


@pytest.mark.parametrize("what", [None, 1.5, ["x"], {}])
def test_what_is_no_path_is_a_sentence(what):
    with pytest.raises(LocalProtocolError, match="no path can be made"):
        hops_of(what)


def test_no_messages_are_no_hops():
    assert hops_of([]) == []
    assert isinstance(hops_of(RUMOR[:3], named=NAMED)[0], Hop)
