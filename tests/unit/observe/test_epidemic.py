"""What became of a rumor, from records and counters alone."""

from math import isnan

import pytest

from p2pkit.core import Counters, Event, Record, Tally
from p2pkit.observe.epidemic import epidemic, first_heard, tellers
from p2pkit.protocols.rumor import Learned

ADDRESSES = {("127.0.0.1", 7000 + i): f"n{i}" for i in range(4)}
AT = {name: address for address, name in ADDRESSES.items()}
RUMOR = b"r"


class Heard(Event, frozen=True):
    """What another protocol may report."""

    rumor: bytes
    sender: tuple[str, int] | None


def heard(at_s, node, teller=None, hops=0, rumor=RUMOR):
    return Record(at_s, node, Learned(rumor, AT[teller] if teller else None, hops))


TRACE = [
    heard(0.3, "n0"),
    heard(1.1, "n1", "n0", 1),
    heard(3.2, "n2", "n1", 2),
    heard(0.0, "n3", rumor=b"another"),
]


def sent(**kinds):
    return Counters(sent={kind: Tally(count, 0) for kind, count in kinds.items()})


def test_all_figures_of_one_rumor():
    found = epidemic(TRACE, RUMOR, list(AT), sent(Tell=7, Feedback=6))

    assert (found.sites, found.heard, found.tells, found.messages) == (4, 3, 7, 13)
    assert (found.coverage, found.residue, found.traffic) == (0.75, 0.25, 1.75)
    assert (found.last_rounds, found.most_hops) == (3, 2)
    assert found.mean_rounds == pytest.approx(4 / 3)
    assert found.last_s == pytest.approx(2.9)
    assert found.duplicates == 5
    assert found.redundancy == 2.5


def test_what_was_sent_before_is_not_counted():
    before = sent(Tell=5, Feedback=5)

    found = epidemic(TRACE, RUMOR, list(AT), sent(Tell=7, Feedback=6), before=before)

    assert (found.tells, found.messages) == (2, 3)
    assert found.redundancy == 0.0


def test_nodes_that_are_not_asked_about_do_not_count():
    found = epidemic(TRACE, RUMOR, ["n0", "n1"], sent(Tell=1))

    assert found.coverage == 1.0
    assert found.last_rounds == 1


def test_rounds_are_those_of_the_clock_though_seconds_are_rounded():
    step = 0.1
    trace = [heard(3 * step, "n0"), heard(6 * step - 1e-12, "n1", "n0")]

    assert epidemic(trace, RUMOR, ["n0", "n1"], sent(), step).last_rounds == 3


def test_a_rumor_that_nobody_heard_has_no_redundancy():
    found = epidemic([], RUMOR, list(AT), sent())

    assert found.coverage == 0.0
    assert isnan(found.redundancy)


def test_the_earliest_record_counts_in_whatever_order_hosts_report():
    trace = [heard(2.0, "n1", "n2"), heard(1.0, "n1", "n0"), heard(0.0, "n0")]

    assert first_heard(trace, RUMOR)["n1"].at_s == 1.0
    assert tellers(trace, RUMOR, ADDRESSES) == {"n0": None, "n1": "n0"}


def test_any_event_with_a_rumor_and_a_sender_will_do():
    trace = [
        Record(0.0, "n0", Heard(RUMOR, None)),
        Record(0.5, "n1", Heard(RUMOR, AT["n0"])),
    ]

    assert epidemic(trace, RUMOR, ["n0", "n1"], sent()).coverage == 1.0
    assert tellers(trace, RUMOR, ADDRESSES)["n1"] == "n0"
