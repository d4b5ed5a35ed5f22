"""Turns: one thread at a time, in order of asking, and others get in between."""

import threading

import pytest

from p2pkit.cluster.turns import Turns

LIMIT_S = 10.0


def start(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_for_waiters(turns, count):
    seen = threading.Event()
    while len(turns._waiting) < count:
        seen.wait(0.001)


def test_a_thread_may_take_its_turn_again():
    turns = Turns()

    with turns, turns:
        pass

    other = start(lambda: turns.__enter__())
    other.join(LIMIT_S)
    assert not other.is_alive()


def test_who_waits_gets_in_when_the_holder_draws_breath():
    turns, order = Turns(), []

    def other(name):
        with turns:
            order.append(name)

    with turns:
        threads = []
        for name in ("first", "second"):
            threads.append(start(lambda name=name: other(name)))
            wait_for_waiters(turns, len(threads))
        turns.breathe()
        order.append("holder")
    for one in threads:
        one.join(LIMIT_S)

    assert order == ["first", "second", "holder"]


def test_nobody_gets_in_inside_a_turn_of_a_turn():
    turns, order = Turns(), []

    def other():
        with turns:
            order.append("other")

    with turns, turns:
        thread = start(other)
        wait_for_waiters(turns, 1)
        turns.breathe()
        order.append("holder")
    thread.join(LIMIT_S)

    assert order == ["holder", "other"]


def test_a_turn_ends_with_an_error_too():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError

    other = start(lambda: turns.__enter__())
    other.join(LIMIT_S)
    assert not other.is_alive()


def test_counting_by_many_threads_loses_nothing():
    turns, counts = Turns(), [0]

    def count():
        for _ in range(500):
            with turns:
                before = counts[0]
                turns.breathe() if before % 7 == 0 else None
                counts[0] = max(before, counts[0]) + 1

    threads = [start(count) for _ in range(4)]
    for one in threads:
        one.join(LIMIT_S)

    assert counts == [2000]
