import msgspec
import pytest

from p2pkit.core import Counters
from p2pkit.observe import NodeSnapshot
from p2pkit.view import figures

matplotlib = pytest.importorskip("matplotlib")
pandas = pytest.importorskip("pandas")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


def texts(ax):
    return [one.get_text().strip() for one in ax.texts]


def test_buckets_say_how_many_they_hold_of_how_many_there_are():
    far = {"low": 8, "high": 16, "contacts": [8, 9], "replacements": [15]}
    near = {"low": 0, "high": 8, "contacts": [3], "replacements": []}
    details = {"buckets": [far, near], "k": 2, "id_bits": 4}
    node = NodeSnapshot("n00", 1, ("h", 1), "alive", (), Counters(), details)

    ax = figures.buckets(node, [1, 3, 8, 9, 15])

    assert texts(ax) == ["holds 2 of 3, full", "holds 1 of 1", "n00 is here"]
    assert [one.get_text() for one in ax.get_yticklabels()] == ["bucket 0", "bucket 1"]


def test_timeline_names_each_peer_with_its_hop_and_distance(lookup):
    ax = figures.timeline(lookup.event, {8 << 156: "n08"})

    assert texts(ax)[2] == "n08, hop 2, 0 bits"
    assert len(ax.patches) == len(lookup.event.steps)


def test_what_never_answered_is_hatched(lookup):
    bars = figures.timeline(lookup.event).patches

    assert [bool(bar.get_hatch()) for bar in bars] == [False, True, False]


def test_no_bar_is_too_short_to_see_and_the_legend_says_what_hatched_means(lookup):
    ax = figures.timeline(lookup.event)

    ends = max(bar.get_x() + bar.get_width() for bar in ax.patches)
    said = [one.get_text() for one in ax.get_legend().get_texts()]
    assert all(bar.get_width() >= 0.99 * figures.MIN_BAR * ends for bar in ax.patches)
    assert "hatched = no answer" in said


def test_time_line_of_no_request_is_empty(lookup):
    ax = figures.timeline(msgspec.structs.replace(lookup.event, steps=()))

    assert not ax.patches


def test_curve_runs_through_the_medians_of_its_seeds():
    rows = [(x, seed, x * seed) for x in (1, 2) for seed in (1, 2, 9) for _ in range(3)]
    table = pandas.DataFrame(rows, columns=["x", "seed", "y"])

    ax = figures.curve(table, "x", "y")

    dots, line = ax.lines
    assert len(dots.get_xdata()) == 2 * 3
    assert list(line.get_ydata()) == [2, 4]
    assert [one.get_text() for one in ax.get_xticklabels()] == ["1", "2"]


def test_second_curve_on_the_same_axes_differs_without_color():
    rows = [(x, 1, x) for x in (1, 2)]
    table = pandas.DataFrame(rows, columns=["x", "seed", "y"])

    ax = figures.curve(table, "x", "y", label="one")
    figures.curve(table, "x", "y", label="two", ax=ax)

    first, second = ax.lines[1], ax.lines[3]
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()


def test_a_figure_says_finding_axes_and_small_print():
    ax = figures.say(figures.axes(), "More is slower", "nodes", "ms", "n = 9, seed 7")

    assert ax.get_title(loc="left") == "More is slower"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("nodes", "ms")
    assert texts(ax) == ["n = 9, seed 7"]
