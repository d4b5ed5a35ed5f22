import re
from xml.etree import ElementTree

import pytest

from p2pkit.core import (
    Finished,
    LocalProtocolError,
    Message,
    MsgpackCodec,
    Record,
    Step,
)
from p2pkit.observe.flights import Flight
from p2pkit.observe.frames import Note
from p2pkit.view.arrows import MOST_LANES
from p2pkit.view.lamport import SpaceTime, space_time
from p2pkit.view.lanes import LANE, Diagram, nice_step
from p2pkit.view.strokes import Words

SVG = "{http://www.w3.org/2000/svg}"


class Ping(Message, frozen=True):
    said: str


CODEC = MsgpackCodec(Ping)


def flight(at_s, source, target, took_s=0.01, lost="", said="hi"):
    heard_s = None if took_s is None else at_s + took_s
    data = CODEC.encode(Ping(said))
    return Flight(at_s, heard_s, source, target, "Ping", data, lost)


class Window:
    """What `space_time` takes of a cluster's window."""

    def __init__(self, flights, let_go=0):
        self.flights, self.let_go = flights, let_go


def lines(svg):
    return [one.get("d") for one in ElementTree.fromstring(svg).iter(f"{SVG}path")]


def titles(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def test_lanes_are_in_the_order_of_taking_part():
    flights = [flight(0.02, "n01", "n00"), flight(0.0, "n07", "n01")]

    assert space_time(flights).diagram.lanes == ["n07", "n01", "n00"]
    assert space_time(flights, nodes=["n00", "n01", "n07"]).diagram.lanes == [
        "n00", "n01", "n07"
    ]  # fmt: skip


def test_an_arrow_runs_from_lane_to_lane_and_from_sent_to_heard():
    shown = space_time([flight(0.0, "n00", "n01", 0.1), flight(0.1, "n01", "n02", 0.1)])

    (first,) = [
        group for group in shown.diagram.shapes()[0] if getattr(group, "number", 0) == 1
    ]
    (x1, y1), (x2, y2) = first.shapes[0].points
    assert y2 - y1 == LANE
    assert (x1, x2) == pytest.approx((shown.diagram.x(0.0), shown.diagram.x(0.1)))


def test_later_is_further_right():
    shown = space_time([flight(i / 10, "n00", "n01") for i in range(9)])

    xs = [shown.diagram.x(i / 10) for i in range(9)]
    assert xs == sorted(xs)
    assert len(set(xs)) == 9


def test_a_lost_message_ends_in_a_cross_with_its_reason():
    shown = space_time(
        [flight(0.0, "n00", "n01"), flight(0.1, "n00", "n01", None, "loss")]
    )

    assert "2: Ping from n00 to n01, lost: loss" in titles(shown.svg())
    assert ">loss</text>" in shown.svg()
    assert "1 lost (crosses)" in shown.svg()
    assert len(lines(shown.svg())) > len(lines(space_time([flight(0, "a", "b")]).svg()))


def test_a_message_seen_at_one_end_is_dashed():
    one_end = Flight(None, 1.0, "10.0.0.1:1", "n00", "Ping", b"")
    shown = space_time([flight(0.0, "n00", "n01"), one_end])

    assert "not seen at both ends" in titles(shown.svg())[-1]
    assert shown.svg().count("stroke-dasharray") == 1
    assert "sent not seen, heard at 1.000000 s" in shown.text(2)


@pytest.mark.parametrize("let_go", [0, 1000])
def test_too_many_messages_are_capped_and_it_says_so(let_go):
    window = Window([flight(i / 100, "n00", "n01") for i in range(204)], let_go)

    shown = space_time(window, limit=50)

    assert len(shown.diagram.arrows) == 50
    assert shown.diagram.caption == f"50 of {204 + let_go:,} messages shown, 2 nodes"
    assert shown.diagram.caption in shown.svg()
    assert repr(shown) == f"<SpaceTime: {shown.diagram.caption}>"


def test_too_many_lanes_are_capped_to_the_busiest_and_it_says_so():
    flights = [flight(i / 100, "hub", f"n{i:02}") for i in range(60)]
    flights += [flight(1.0, "n59", "hub")]

    shown = space_time(flights)

    assert len(shown.diagram.lanes) == MOST_LANES
    assert {"hub", "n59"} <= set(shown.diagram.lanes)
    assert f"{MOST_LANES} of 61 nodes" in shown.diagram.caption


def test_only_messages_between_the_lanes_asked_for_are_shown():
    flights = [flight(0, "n00", "n01"), flight(0.1, "n01", "n02")]

    shown = space_time(flights, nodes=["n00", "n01"])

    assert shown.diagram.caption == "1 of 2 messages shown, 2 of 3 nodes"


def test_faults_are_bars_over_all_lanes_or_over_one():
    flights = [flight(i / 10, "n00", "n01") for i in range(9)]
    notes = [
        Note(0.2, "partition"),
        Note(0.2, "partition", 0.4),
        Note(0.3, "n01 killed"),
        Note(7.0, "too late"),
        Note(-2.0, "too early", -1.0),
    ]

    shown = space_time(flights, notes=notes)

    assert [note.text for note in shown.diagram.notes] == ["partition", "n01 killed"]
    bars = {one[0].text: float(one.get("height"))
            for one in ElementTree.fromstring(shown.svg()).iter(f"{SVG}rect")
            if len(one)}  # fmt: skip
    assert bars["partition"] > 2 * LANE > LANE > bars["n01 killed"]


def test_a_message_is_decoded_and_nothing_breaks_out_of_the_page():
    evil = "</script><script>@SVG@"
    shown = space_time([flight(0.0, "@TEXTS@", evil, said=evil)], codec=CODEC)

    assert evil in shown.text(1)
    assert "said = " in shown.text(1)
    page = shown.html()
    assert page.count("</script>") == 1
    assert "@TEXTS@ to" in page
    assert not re.search(r"(?:src|href)=", page)
    ElementTree.fromstring(shown.svg())


def test_without_a_codec_the_size_is_said():
    assert "bytes of payload" in space_time([flight(0, "n00", "n01")]).text(1)


def test_a_lookup_is_drawn_there_and_back():
    steps = (Step(1, 1, 1.0, 1.2, "answered", (2,)), Step(2, 1, 1.0, 6.0, "failed"))
    record = Record(6.0, "n00", Finished(1, "lookup", 1, True, 1.0, steps))

    shown = space_time(record, named={1: "n01", 2: "n02"})

    assert [(one.source, one.target, one.kind) for one in shown.diagram.arrows] == [
        ("n00", "n01", "lookup"), ("n00", "n02", "lookup"), ("n01", "n00", "answer")
    ]  # fmt: skip
    assert shown.diagram.arrows[1].lost == "no answer"


def test_nothing_is_an_empty_diagram():
    assert "0 messages, 0 nodes" in space_time([]).svg()
    assert space_time([]).html().startswith("<!doctype html>")


def test_diagrams_are_saved_as_pages_and_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    flights = [flight(0, "n00", "n01"), flight(0.1, "n00", "n01", None, "loss")]
    shown = space_time(flights, notes=[Note(0.0, "partition", 0.05)])

    assert shown.save(tmp_path / "a.svg").read_text() == shown.svg()
    assert shown.save(tmp_path / "a.html").read_text() == shown.html()
    assert shown.save(tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(LocalProtocolError, match=r"\.png"):
        shown.save(tmp_path / "a.gif")


def test_a_limit_of_none_is_refused():
    with pytest.raises(LocalProtocolError, match="at least 1"):
        space_time([], limit=0)


def test_messages_of_one_instant_do_not_divide_by_zero():
    at_once = [flight(1.0, "n00", "n01", 0.0), flight(1.0, "n01", "n00", 0.0)]

    assert len(space_time(at_once).diagram.arrows) == 2


def test_the_notebook_gets_an_image():
    shown = SpaceTime(Diagram([]))

    assert shown._repr_html_().startswith('<img alt="0 messages, 0 nodes"')


@pytest.mark.parametrize("least", [1e-9, 0.03, 0.99, 1, 5.0, 731.0])
def test_ticks_are_round_numbers(least):
    step = nice_step(least)

    assert least <= step * (1 + 1e-9) <= 10 * least
    assert f"{step:e}"[0] in "125"


def test_notes_of_one_moment_stand_above_each_other():
    flights = [flight(i / 10, "n00", "n01") for i in range(9)]
    texts = ("link: loss 0.3", "partition", "n77 killed")

    shown = space_time(flights, notes=[Note(0.8, text) for text in texts])

    words = [one for one in shown.diagram.shapes()[0] if isinstance(one, Words)]
    heights = {one.y for one in words if one.text in texts}
    assert len(heights) == 3
    assert min(heights) > 8


def test_a_stretch_of_time_is_enlarged_and_the_rest_counted():
    flights = [flight(i / 10, "n00", "n01") for i in range(9)]

    shown = space_time(flights, between=(0.25, 0.55))

    assert [one.sent_s for one in shown.diagram.arrows] == [0.3, 0.4, 0.5]
    assert shown.diagram.caption == "3 of 9 messages shown, 2 nodes"
