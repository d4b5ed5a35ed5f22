import pytest

from p2pkit.core import Counters, Tally
from p2pkit.observe import Trace
from p2pkit.view import plots

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture
def trace(lookup):
    trace = Trace()
    for _ in range(5):
        trace.append(lookup)
    return trace


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("draw", [plots.hops, plots.latency])
def test_plots_of_lookups_say_how_many_there_are(draw, trace):
    ax = draw(trace, "lookup")

    assert "n = 5" in ax.get_title()
    assert ax.get_xlabel()
    assert "n = 0" in draw(Trace(), "lookup").get_title()


def test_bytes_are_drawn_by_message_largest_on_top():
    counters = Counters(
        sent={"Ping": Tally(1, 50), "Reply": Tally(1, 900)},
        received={"Reply": Tally(1, 900)},
    )

    ax = plots.bytes_by_message(counters)

    assert [label.get_text() for label in ax.get_yticklabels()] == ["Ping", "Reply"]
