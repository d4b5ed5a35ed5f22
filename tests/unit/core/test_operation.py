"""Operations end once, and tell."""

import pytest

from p2pkit.core import Finished, Operation, PeerUnreachable, Step


def test_a_result_is_there_when_it_has_ended():
    operation = Operation("get")

    operation.finish(42)

    assert (operation.done, operation.result) == (True, 42)


def test_an_error_is_raised_by_whoever_wants_the_result():
    operation = Operation("get")

    operation.fail(PeerUnreachable("nobody is there"))

    with pytest.raises(PeerUnreachable, match="nobody is there"):
        _ = operation.result


def test_what_comes_after_the_end_changes_nothing():
    operation, told = Operation("get"), []
    operation.then(told.append)

    operation.finish(1)
    operation.finish(2)
    operation.fail(PeerUnreachable("late"))

    assert (operation.result, told) == (1, [operation])


def test_those_who_wait_are_told_in_their_order_and_latecomers_at_once():
    operation, told = Operation("get"), []
    operation.then(lambda _: told.append("first"))
    operation.then(lambda _: told.append("second"))

    operation.finish(None)
    operation.then(lambda _: told.append("latecomer"))

    assert told == ["first", "second", "latecomer"]


def test_asking_for_the_result_too_early_is_our_own_bug():
    with pytest.raises(AssertionError, match="get has not ended yet"):
        _ = Operation("get").result


def test_the_closing_event_carries_the_trace():
    operation = Operation("lookup", target=9, number=3, began_s=1.5)
    operation.steps = (Step(5, 1, 1.5, 1.6, "answered", (6, 7)),)

    operation.finish([])

    assert operation.event() == Finished(3, "lookup", 9, True, 1.5, operation.steps)


def test_the_closing_event_of_a_failure_says_so():
    operation = Operation("ping")

    operation.fail(PeerUnreachable("gone"))

    assert not operation.event().ok
