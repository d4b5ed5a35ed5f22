from itertools import pairwise

import pytest

from p2pkit.core import (
    Address,
    Counters,
    Event,
    LocalProtocolError,
    Record,
    Tally,
    topologies,
)
from p2pkit.observe.film import Film
from p2pkit.observe.flights import Flight
from p2pkit.observe.frames import Frame, NodeFrame
from p2pkit.view import series
from tests.unit.view.graphs import overlay_of_pairs
from tests.unit.view.test_pictures import snapshot


class Heard(Event, frozen=True):
    rumor: bytes
    sender: Address | None


def flights():
    kinds = ["Ping", "Pong", "Ping", "Ping"]
    return [Flight(i / 10, None, "a", "b", kind, b"x" * 10)
            for i, kind in enumerate(kinds * 25)]  # fmt: skip


@pytest.mark.parametrize("step_s", [None, 0.5, 3.0, 100.0])
@pytest.mark.parametrize(("what", "each"), [("messages", 1), ("bytes", 10)])
def test_rates_of_messages_add_up(step_s, what, each):
    edges_s, by_kind = series.rates(flights(), what, step_s)

    steps = [b - a for a, b in pairwise(edges_s)]
    sums = {
        kind: sum(rate * step for rate, step in zip(row, steps, strict=True))
        for kind, row in by_kind.items()
    }
    assert sums == pytest.approx({"Ping": 75 * each, "Pong": 25 * each})
    assert list(by_kind) == ["Ping", "Pong"]


def test_rates_between_counters_are_exact():
    def at(ping, pong=0):
        return Counters(sent={"Ping": Tally(ping, 9 * ping), "Pong": Tally(pong, pong)})

    edges_s, by_kind = series.rates([(0.0, Counters()), (2.0, at(10)), (3.0, at(4, 7))])

    assert edges_s == [0.0, 2.0, 3.0]
    assert by_kind == {"Pong": [0.0, 7.0], "Ping": [5.0, 0.0]}
    assert series.rates([(0.0, at(0)), (2.0, at(10))], "bytes")[1]["Ping"] == [45.0]


def test_samples_out_of_order_are_refused():
    with pytest.raises(LocalProtocolError, match="in order of time"):
        series.rates([(1.0, Counters()), (1.0, Counters())])


def test_rates_of_a_film_are_those_of_its_nodes():
    film = Film()
    for number in range(1, 102):
        totals = {"sent": 5.0 * number, "sent_bytes": 50.0 * number}
        node = NodeFrame("n00", 1, ("h", 1), "alive", quantities=totals)
        film.append(Frame(number=number, at_s=number / 10, nodes=(node,)))

    edges_s, by_kind = series.rates(film)

    assert by_kind[series.EVERYTHING] == pytest.approx([50.0] * (len(edges_s) - 1))
    assert 40 <= len(edges_s) <= 51


def test_no_messages_have_no_rates():
    assert series.rates([]) == ([], {})


@pytest.mark.parametrize("source", [None, 3, "x"])
def test_what_has_no_rates_is_a_sentence(source):
    with pytest.raises(LocalProtocolError, match="no rates"):
        series.rates(source)
    with pytest.raises(LocalProtocolError, match="messages or bytes"):
        series.rates([], "grams")


TRACE = [
    Record(1.0, "n0", Heard(b"r", None)),
    Record(1.0, "n9", Heard(b"x", None)),
    Record(2.0, "n1", Heard(b"r", ("h", 1))),
    Record(2.0, "n2", Heard(b"r", ("h", 1))),
    Record(5.0, "n3", Heard(b"r", ("h", 2))),
    Record(6.0, "n3", Heard(b"r", ("h", 3))),
]


@pytest.mark.parametrize("news", [b"r", TRACE[0], TRACE[4]])
def test_coverage_counts_each_node_once_and_the_origin_too(news):
    assert series.coverage(TRACE, news) == [(1.0, 1), (2.0, 3), (5.0, 4)]


def test_degrees_count_links_either_way_once():
    graph = overlay_of_pairs(5, [*topologies.ring(5)])
    graph.add_edge("n01", "n00", kind="neighbor", kinds=("neighbor",))
    graph.add_node("10.0.0.1:1", state="foreign")

    assert series.degrees(graph) == {2: 5}


def test_loads_are_sorted_and_named():
    found = series.loads(snapshot([3, 9, 1]))

    assert found == {"n01": 9, "n00": 3, "n02": 1}
    assert list(found) == ["n01", "n00", "n02"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([5, 5, 5], 0.0),
        ([0, 0, 10], 2 / 3),
        ([], 0.0),
        ([0, 0], 0.0),
        ([1, 2, 3, 4], 0.25),
    ],
)
def test_gini_is_that_of_its_definition(values, wanted):
    assert series.gini(values) == pytest.approx(wanted)
    n, whole = len(values), sum(values)
    if whole:
        apart = sum(abs(a - b) for a in values for b in values)
        assert series.gini(values) == pytest.approx(apart / (2 * n * whole))


def test_plots_draw_what_the_series_say():
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    from p2pkit.view import plots

    graph = overlay_of_pairs(40, topologies.erdos_renyi(40, 0.1, 1))
    drawn = [
        plots.traffic(flights()),
        plots.traffic([], "bytes"),
        plots.traffic([Flight(0, 0, "a", "b", f"K{i}", b"") for i in range(20)]),
        plots.coverage(TRACE, b"r", nodes=9),
        plots.coverage(TRACE, b"r", label="again"),
        plots.degrees(graph),
        plots.degrees(graph, log=True),
        *(
            plots.load(snapshot([3, 9, 1]), how=how)
            for how in ("bars", "lorenz", "cdf")
        ),
    ]

    for ax in drawn:
        assert ax.get_title()
        assert ax.get_xlabel()
        assert ax.get_ylabel()
    assert len(drawn[2].get_legend().get_texts()) == plots.MOST_CURVES
    assert drawn[2].get_legend().get_texts()[-1].get_text() == "13 others"
    pyplot.close("all")
    with pytest.raises(LocalProtocolError, match="lorenz"):
        plots.load(snapshot([1]), how="pie")
