"""The oracles of search, against graphs small enough to count by hand."""

from __future__ import annotations

from types import SimpleNamespace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core import Counters, Record, Tally
from p2pkit.observe import search
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot
from p2pkit.observe.views import flood_cost
from p2pkit.protocols.gnutella import HitRouted, QueryHeard

HOME = ("127.0.0.1", 1)


def by_hand(graph: nx.Graph, source: int, ttl: int) -> tuple[set[int], int]:
    """Flood by rounds of messages, each with who sent it; nothing is computed ahead."""
    heard, messages = {source}, 0
    waiting = [(source, one, ttl) for one in graph[source]]
    while waiting:
        messages += len(waiting)
        onward = []
        for sender, node, left in waiting:
            if node not in heard:
                heard.add(node)
                onward += [(node, n, left - 1) for n in graph[node] if n != sender]
        waiting = [one for one in onward if one[2] > 0]
    return heard, messages


@given(st.integers(2, 25), st.integers(0, 60), st.integers(1, 9), st.integers(0, 10**6))
def test_a_flood_by_formula_is_the_flood_by_messages(
    n: int, links: int, ttl: int, seed: int
) -> None:
    graph = nx.gnm_random_graph(n, links, seed=seed)

    law = search.flood(graph, 0, ttl)

    assert (set(law.depth), law.messages) == by_hand(graph, 0, ttl)
    assert law.duplicates == law.messages - (len(law.depth) - 1)


@given(st.integers(1, 25), st.integers(0, 60), st.integers(0, 10**6))
def test_without_a_ttl_it_is_the_law_of_the_connected_graph(
    n: int, more: int, seed: int
) -> None:
    graph = nx.random_labeled_tree(n, seed=seed)
    graph.add_edges_from(list(nx.gnm_random_graph(n, more, seed=seed).edges))

    assert search.flood(graph, 0).messages == flood_cost(graph)


def test_no_graph_of_a_degree_lets_a_flood_reach_more_than_a_tree() -> None:
    graph = nx.random_regular_graph(4, 400, seed=1)

    for ttl in range(1, 6):
        others = search.flood(graph, 0, ttl).reached - 1
        assert others <= search.tree_reach(4, ttl)


def hearing(node: str, hops: int, query: bytes = b"q", at_s: float = 0.0) -> Record:
    return Record(at_s, node, QueryHeard(query, HOME if hops else None, hops))


def test_who_heard_is_told_by_question_and_by_the_fewest_hops() -> None:
    trace = [
        hearing("a", 0),
        hearing("b", 2),
        hearing("b", 1),
        hearing("c", 3, query=b"other"),
        Record(1.0, "d", HitRouted(b"q", HOME, 1)),
    ]

    assert search.heard(trace, b"q") == {"a": 0, "b": 1}
    assert search.asked(trace, "a") == [b"q"]
    assert search.asked(trace, "b") == []
    assert search.nearest([{"a": 0, "b": 5}, {"b": 2}]) == {"a": 0, "b": 2}


def test_one_message_too_many_is_not_the_law() -> None:
    graph = nx.cycle_graph(5)

    assert search.cost(graph, 0, 6)
    assert not search.cost(graph, 0, 7)
    assert not search.cost(graph, 0, 5)
    assert search.cost(graph, 0, 4, ttl=2)


@pytest.mark.parametrize(
    ("heard", "hops", "ok"),
    [
        ({0: 0, 1: 1, 2: 2}, True, True),
        ({0: 0, 1: 1, 2: 3}, True, False),  # by a longer way
        ({0: 0, 1: 1, 2: 3}, False, True),
        ({0: 0, 1: 1}, False, False),  # missed
        ({0: 0, 1: 1, 2: 2, 3: 3}, False, False),  # beyond its TTL
        ({0: 0, 1: 1, 2: 2, 9: 1}, True, False),  # not in the graph
    ],
)
def test_reach_is_the_ball_around_the_asker(
    heard: dict[int, int], hops: bool, ok: bool
) -> None:
    verdict = search.reach(nx.path_graph(5), 0, heard, ttl=2, hops=hops)

    assert bool(verdict) is ok


def node(name: str, number: int, *files: str) -> NodeSnapshot:
    address = ("127.0.0.1", number)
    details = {"files": list(files)}
    return NodeSnapshot(name, number, address, "alive", (), Counters(), details)


def hit(number: int, name: str) -> SimpleNamespace:
    return SimpleNamespace(address=["127.0.0.1", number], name=name)


SHARED = Snapshot(
    0.0,
    (
        node("a", 1, "Red Apple.txt"),
        node("b", 2, "red apple.txt", "green apple.txt"),
        node("c", 3, "RED green apple.pdf"),
        node("d", 4),
    ),
)


def test_the_truth_is_every_file_with_all_words_but_the_askers() -> None:
    expected = {("b", "red apple.txt"), ("c", "RED green apple.pdf")}

    assert search.truth(SHARED, "apple RED", asker="a") == expected
    assert search.truth(SHARED, "appl") == set()
    assert search.truth(SHARED, " ") == set()


def test_recall_wants_all_that_is_there_and_nothing_else() -> None:
    full = [hit(2, "red apple.txt"), hit(3, "RED green apple.pdf")]

    assert search.recall(SHARED, "a", "red apple", full)
    lacking = search.recall(SHARED, "a", "red apple", full[:1])
    assert (bool(lacking), lacking.share) == (False, 0.5)
    assert search.recall(SHARED, "a", "red apple", full[:1], part=True)
    assert not search.recall(SHARED, "a", "red apple", [], part=True)
    wrong = [*full, hit(4, "red apple.txt")]
    assert not search.recall(SHARED, "a", "red apple", wrong)
    assert not search.recall(SHARED, "a", "red apple", wrong, part=True)


def test_nothing_is_the_right_answer_where_nothing_is_there() -> None:
    assert search.recall(SHARED, "a", "pear", [])
    assert not search.recall(SHARED, "a", "pear", [hit(2, "red apple.txt")])


def test_load_is_averaged_over_the_nodes_of_one_degree() -> None:
    def counted(sent: int, received: int) -> Counters:
        sent_by = {"Query": Tally(sent), "Ping": Tally(99)}
        return Counters(sent_by, {"QueryHit": Tally(received)})

    nodes = [(3, counted(1, 1)), (1, counted(0, 1)), (3, counted(5, 1))]

    assert search.load_by_degree(nodes) == {1: 1, 3: 4}
    assert search.load_by_degree(nodes, ["Ping"]) == {1: 99, 3: 99}


def test_who_shares_nothing_rides_free() -> None:
    verdict = search.sharing({"a": 0, "b": 3, "c": 0, "d": 1}, top=0.25)

    assert (verdict.exact, verdict.total) == (2, 4)
    assert verdict.evidence == {"free riders": ["a", "c"], "part": 0.75}
    assert not verdict


def test_an_outcome_tells_waste_and_the_first_that_had_it() -> None:
    counts = {"Query": 8, "QueryHit": 2, "Ping": 5}
    outcome = search.outcome(["hit"], counts, {"a": 0, "b": 1, "c": 2}, 0.3)

    assert (outcome.questions, outcome.checks, outcome.answers) == (8, 0, 2)
    assert outcome.wasted == 0.75
    assert outcome.met(["c", "z", "b"]) == 1
    assert outcome.met(["z"]) is None
    assert search.outcome([], {}, {"a": 0}, None).wasted == 0
