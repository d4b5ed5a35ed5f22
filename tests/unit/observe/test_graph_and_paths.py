from p2pkit.core import Contact, Counters, Edge, Finished, Record, Step, Tally
from p2pkit.observe import NodeSnapshot, Snapshot, Trace, overlay_graph, paths


def node(name, number, *edges, state="alive", counters=None):
    address = ("127.0.0.1", number)
    return NodeSnapshot(name, number, address, state, edges, counters or Counters())


def edge(kind, number):
    return Edge(kind, Contact(number, ("127.0.0.1", number)))


LOOKUP = Finished(
    operation=1,
    verb="lookup",
    target=8,
    ok=True,
    began_s=10.0,
    steps=(
        Step(1, 1, 10.0, 10.2, "answered", (3, 9)),
        Step(2, 1, 10.0, 10.1, "answered", (3,)),
        Step(7, 1, 10.0, 12.0, "failed"),
        Step(3, 2, 10.2, 10.3, "answered", (9,)),
        Step(9, 2, 10.4, 10.5, "answered"),
    ),
)


def test_the_graph_has_names_states_and_kinds():
    snapshot = Snapshot(
        2.0,
        (
            node("n00", 1, edge("successor", 2), edge("finger", 2), edge("finger", 9)),
            node("n01", 2, edge("successor", 1), edge("successor", 2)),
            node("n02", 3, state="dead"),
        ),
    )

    graph = overlay_graph(snapshot)

    assert list(graph) == ["n00", "n01", "n02", "127.0.0.1:9"]
    assert set(graph.edges) == {("n00", "n01"), ("n00", "127.0.0.1:9"), ("n01", "n00")}
    assert graph.edges["n00", "n01"]["kinds"] == ("successor", "finger")
    assert graph.nodes["n02"]["state"] == "dead"
    assert graph.nodes["127.0.0.1:9"]["state"] == "foreign"
    assert "127.0.0.1:9" not in overlay_graph(snapshot, foreign=False)


def test_totals_add_up_by_name():
    one = Counters(sent={"Ping": Tally(2, 20)}, dropped={"loss": 1})
    other = Counters(sent={"Ping": Tally(1, 10), "Put": Tally(1, 5)}, events=3)

    both = Snapshot(0.0, (node("n00", 1, counters=one), node("n01", 2, counters=other)))

    totals = both.totals()
    assert totals.sent == {"Ping": Tally(3, 30), "Put": Tally(1, 5)}
    assert (totals.dropped, totals.events) == ({"loss": 1}, 3)
    assert one.sent["Ping"].messages == 2


def test_the_referrer_is_the_first_to_name_a_peer():
    assert paths.referrers(LOOKUP) == {1: None, 2: None, 7: None, 3: 2, 9: 1}


def test_steps_are_tabulated_from_the_begin_of_the_lookup():
    table = paths.steps(LOOKUP, {1: "n01", 2: "n02"})

    assert list(table.peer[:2]) == ["n01", "n02"]
    assert list(table.named_by) == ["own table"] * 3 + ["n02", "n01"]
    assert list(table.asked_ms) == [0, 0, 0, 200, 400]
    assert list(table.took_ms) == [200, 100, 2000, 100, 100]


def test_operations_are_counted_with_hops_and_failures():
    trace = Trace()
    trace.append(Record(12.0, "n05", LOOKUP))

    (row,) = paths.operations(trace, "lookup")

    assert row["hops"] == 2  # peer 9 is nearest to 8
    assert (row["asked"], row["failed"], row["took_ms"]) == (5, 1, 2000)
    assert paths.operations(trace, "put") == []
