"""A balance claims what nodes and kernel said, and nothing that nobody said."""

from __future__ import annotations

from p2pkit.net.wire_count import WireCount
from p2pkit.observe.capture.balance import Balance, weigh
from p2pkit.observe.capture.census import Census
from p2pkit.observe.capture.recorder import Report

NOTHING_SAID = "no node was asked what it sent and received"


def counted(sent: int, received: int) -> WireCount:
    return WireCount(sent=sent, received=received, lives=1, is_there=True)


def weighed(asked: dict[str, WireCount]) -> Balance:
    """Weigh two datagrams from n00 to n01, of nodes that counted what `asked` says."""
    census = Census(packets=2, sent={"n00": 2}, received={"n01": 2})
    report = Report(2, 0, 0, 0, "", census)
    return weigh(report, dict.fromkeys(asked, counted(0, 0)), asked, {"n00", "n01"})


def test_a_balance_closes_by_what_nodes_said():
    found = weighed({"n00": counted(2, 0), "n01": counted(0, 2)})

    assert found.asked == 2
    assert found.closes
    assert NOTHING_SAID not in str(found)


def test_a_balance_of_which_no_node_spoke_does_not_close_and_says_so():
    found = weighed({})

    assert (found.seen, found.kept, found.lost) == (2, 2, 0)
    assert not found.closes
    assert str(found).endswith(f"not asked: n00, n01; {NOTHING_SAID}")


def test_where_only_some_could_be_asked_it_closes_by_them_and_names_the_others():
    found = weighed({"n00": counted(2, 0)})

    assert found.asked == 1
    assert found.closes
    assert str(found).endswith("not asked: n01")


def test_a_capture_of_ports_has_no_nodes_to_ask_and_claims_nothing():
    census = Census(packets=1, sent={}, received={})

    found = weigh(Report(1, 0, 0, 0, "", census), {}, {}, set())

    assert not found.closes
    assert NOTHING_SAID in str(found)
