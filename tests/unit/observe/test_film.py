"""Films and frames: folding them is what happened, whatever was merged or let go."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.observe.film import Film
from p2pkit.observe.frames import (
    MAX_NOTES,
    Frame,
    Mark,
    NodeFrame,
    Note,
    Scene,
    merged,
)

NAMES = st.sampled_from(["n00", "n01", "n02", "127.0.0.1:5"])
EDGES = st.tuples(NAMES, NAMES, st.sampled_from(["bucket", "finger"]))
NODES = st.builds(
    NodeFrame,
    name=NAMES,
    id=st.just(2**159),
    address=st.just(("127.1.0.1", 6881)),
    state=st.sampled_from(["alive", "paused", "dead", "foreign"]),
    quantities=st.dictionaries(st.sampled_from(["sent", "degree"]), st.floats(0, 9)),
)
MARKS = st.builds(
    Mark,
    kind=st.sampled_from(["message", "step", "told"]),
    source=NAMES,
    target=NAMES,
    label=st.just("Ping"),
    at_s=st.floats(0, 9),
)
NOTES = st.builds(
    Note,
    at_s=st.sampled_from([1.0, 2.0]),
    text=st.sampled_from(["loss", "partition"]),
    until_s=st.none() | st.just(3.0),
)


@st.composite
def frame_lists(draw):
    """Frames in order, each a true change of the one before."""
    frames, at_s, edges = [], 0.0, set()
    for number in range(1, draw(st.integers(1, 12)) + 1):
        at_s += draw(st.floats(0, 1))
        nodes = {one.name: one for one in draw(st.lists(NODES, max_size=4))}
        linked = draw(st.sets(EDGES, max_size=5)) - edges
        unlinked = draw(st.sets(EDGES, max_size=5)) & edges
        edges = (edges | linked) - unlinked
        frames.append(
            Frame(
                number=number,
                at_s=at_s,
                nodes=tuple(nodes.values()),
                gone=tuple(draw(st.sets(NAMES, max_size=2)) - set(nodes)),
                linked=tuple(linked),
                unlinked=tuple(unlinked),
                marks=tuple(draw(st.lists(MARKS, max_size=4))),
                notes=tuple(draw(st.lists(NOTES, max_size=2))),
                let_go=draw(st.integers(0, 5)),
            )
        )
    return frames


def folded(frames):
    scene = Scene()
    for one in frames:
        scene.apply(one)
    return scene


def by_hand(frames):
    """The same from the definition: what was last said of each thing holds."""
    nodes, edges, notes = {}, {}, {}
    for frame in frames:
        nodes |= {one.name: one for one in frame.nodes}
        nodes |= dict.fromkeys(frame.gone)
        edges |= dict.fromkeys(frame.unlinked, False) | dict.fromkeys(
            frame.linked, True
        )
        notes |= {(one.at_s, one.text): one for one in frame.notes}
    return (
        {name: one for name, one in nodes.items() if one is not None},
        {edge for edge, is_there in edges.items() if is_there},
        notes,
    )


def messages(frames):
    """Count the messages that frames tell of, as marks or let go."""
    marks = [mark for frame in frames for mark in frame.marks]
    return sum(mark.kind == "message" for mark in marks) + sum(
        frame.let_go for frame in frames
    )


@given(frame_lists())
def test_a_scene_holds_what_was_last_said_of_each_thing(frames):
    scene = folded(frames)

    assert (scene.nodes, set(scene.edges), scene.notes) == by_hand(frames)
    assert scene.at_s == frames[-1].at_s


@given(frame_lists(), st.integers(1, 60), st.floats(0, 12))
def test_a_film_shows_each_moment_of_its_span_as_it_was(frames, limit, at_s):
    film = Film(limit_items=limit)
    for one in frames:
        film.append(one)
    first_s, last_s = film.span()

    seen = film.scene(at_s)

    if at_s >= first_s:
        assert seen == folded([one for one in frames if one.at_s <= at_s])
    assert film.scene() == folded(frames)
    assert last_s == frames[-1].at_s
    assert film.items <= limit


@given(frame_lists(), st.integers(0, 6))
def test_merged_frames_have_the_same_effect_and_count_each_message(frames, most):
    one = frames[0]
    for newer in frames[1:]:
        one = merged(one, newer, most)

    assert folded([one]) == folded(frames)
    assert messages([one]) == messages(frames)
    assert len(frames) == 1 or len(one.marks) <= most


def test_what_came_and_went_is_not_in_a_merged_frame():
    edge = ("n00", "n01", "bucket")

    one = merged(
        Frame(number=1, at_s=1.0, linked=(edge,)),
        Frame(number=2, at_s=2.0, unlinked=(edge,)),
        most_marks=10,
    )

    assert one == Frame(number=2, at_s=2.0)


@given(frame_lists())
def test_a_scene_as_one_frame_is_that_scene(frames):
    scene = folded(frames)

    again = folded([scene.frame()])

    assert again == scene
    assert (again.number, again.at_s) == (scene.number, scene.at_s)


@given(frame_lists())
def test_a_frame_is_the_same_after_json(frames):
    text = msgspec.json.encode(frames)

    assert msgspec.json.decode(text, type=list[Frame]) == frames


def test_a_copy_of_a_scene_does_not_change_with_it():
    scene = folded([Frame(number=1, at_s=1.0, linked=(("a", "b", "bucket"),))])
    copy = scene.copy()

    scene.apply(Frame(number=2, at_s=2.0, unlinked=(("a", "b", "bucket"),)))

    assert list(copy.edges) == [("a", "b", "bucket")]
    assert scene.edges == {}


def test_a_note_told_again_has_ended():
    scene = folded([Frame(number=1, at_s=1.0, notes=(Note(1.0, "loss"),))])

    scene.apply(Frame(number=2, at_s=3.0, notes=(Note(1.0, "loss", 3.0),)))

    assert list(scene.notes.values()) == [Note(1.0, "loss", 3.0)]


def test_old_notes_go_first():
    notes = tuple(Note(float(second), "loss") for second in range(MAX_NOTES + 5))

    scene = folded([Frame(number=1, at_s=1.0, notes=notes)])

    assert [one.at_s for one in scene.notes.values()] == list(range(5, MAX_NOTES + 5))


def test_frames_between_two_moments_can_be_played_again():
    film = Film()
    for number in range(1, 6):
        film.append(Frame(number=number, at_s=float(number)))

    assert [one.number for one in film.between(2.0, 4.0)] == [3, 4]


def test_a_film_keeps_something():
    with pytest.raises(ValueError, match="at least 1 item, not 0"):
        Film(0)
