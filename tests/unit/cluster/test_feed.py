"""Feeds: each reader at its own speed, bounded, and every message told or counted."""

import threading
import time

import pytest

from p2pkit.cluster import beat
from p2pkit.cluster.feed import MAX_FRAMES, MAX_MARKS, Feed
from p2pkit.core import ClusterError
from p2pkit.observe.frames import Frame, Mark, Scene


def marks(count, at_s):
    return tuple(Mark("message", "n00", "n01", "Ping", at_s) for _ in range(count))


def feed(marks_hz=1e9):
    closed = []
    made = Feed(Frame(number=1, at_s=0.0), marks_hz, closed.append)
    made.closed = closed
    return made


def told(frames):
    return sum(len(one.marks) + one.let_go for one in frames)


def test_the_first_frame_is_the_scene_and_stays_as_it_is():
    one = feed()

    one.push(Frame(number=2, at_s=0.01, marks=marks(1, 0.0)))

    assert [frame.number for frame in one.take(0)] == [1, 2]


def test_frames_that_follow_at_once_are_one():
    one = feed()
    one.take(0)

    for number in range(10):
        one.push(Frame(number=2 + number, at_s=1 + number * 0.01, let_go=1))

    assert [(f.number, f.let_go) for f in one.take(0)] == [(6, 5), (11, 5)]


@pytest.mark.parametrize("seed", range(5))
def test_a_feed_that_nobody_reads_stays_bounded_and_forgets_no_edge(seed):
    one, truth = feed(), Scene()
    edges = [("n00", f"n{i:02d}", "bucket") for i in range(7)]
    total = 0
    for number in range(2, 3000):
        edge = edges[(number * (seed + 3)) % 7]
        is_there = edge in truth.edges
        frame = Frame(
            number=number,
            at_s=number * 0.06,
            linked=() if is_there else (edge,),
            unlinked=(edge,) if is_there else (),
            marks=marks(3, number * 0.06),
        )
        truth.apply(frame)
        one.push(frame)
        total += 3

    frames = one.take(0)

    assert len(frames) <= MAX_FRAMES
    assert max(len(frame.marks) for frame in frames) <= MAX_MARKS
    assert told(frames) == total
    scene = Scene()
    for frame in frames:
        scene.apply(frame)
    assert scene == truth


def test_marks_beyond_the_rate_are_counted_and_not_shown():
    one = feed(marks_hz=20)
    one.take(0)

    for number in range(10):
        at_s = 0.1 * (number + 1)
        one.push(Frame(number=2 + number, at_s=at_s, marks=marks(50, at_s)))

    frames = one.take(0)
    assert told(frames) == 500
    assert 0 < sum(len(frame.marks) for frame in frames) <= 21


def test_a_wait_ends_with_the_first_frame():
    one = feed()
    one.take(0)
    taken = []
    reader = threading.Thread(target=lambda: taken.extend(one.take(10)))
    reader.start()

    one.push(Frame(number=2, at_s=1.0, let_go=1))
    reader.join(5)

    assert [frame.number for frame in taken] == [2]


def test_calls_in_a_row_return_once_a_beat():
    one = feed()
    beats = []

    for number in range(2, 8):
        one.push(Frame(number=number, at_s=float(number), let_go=1))
        assert one.take(5)
        beats.append((time.monotonic() - beat.SETTLE_S) // beat.PACE_S)

    assert sorted(set(beats)) == beats


def test_nothing_new_is_an_empty_list():
    one = feed()
    one.take(0)

    assert one.take(0.01) == []


def test_a_closed_feed_gives_what_is_left_and_then_says_so():
    one = feed()

    one.close("this cluster is closed")

    assert one.is_closed
    assert one.closed == [one]
    assert len(one.take(0)) == 1
    with pytest.raises(ClusterError, match="this cluster is closed"):
        one.take(5)
    one.close()
    assert one.closed == [one]


def test_iterating_ends_when_the_feed_is_closed():
    with feed() as one:
        seen = []
        for frame in one:
            seen.append(frame.number)
            one.close()

    assert seen == [1]
