"""Answers find the order that they belong to, and descriptors their answer."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack

import pytest

from p2pkit.cluster.orders import Answer, Orders
from p2pkit.core import ControlLost


class Far:
    """The supervisor's end, played by the test."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control

    def answer(self, files: list[int], **said: object) -> None:
        line = json.dumps({"answer": said | {"files": len(files)}}).encode() + b"\n"
        if files:
            socket.send_fds(self.control, [line], files)
        else:
            self.control.sendall(line)


@pytest.fixture
def ends() -> Iterator[tuple[Orders, Far]]:
    ours, theirs = socket.socketpair()
    orders = Orders(ours)
    with theirs:
        yield orders, Far(theirs)
    orders.close()


def same(one: int, other: int) -> bool:
    return os.path.sameopenfile(one, other)


def hear_all(orders: Orders, futures: list[Future[Answer]]) -> list[Answer]:
    while not all(one.done() for one in futures):
        assert orders.hear() == []
    return [one.result() for one in futures]


def test_descriptors_come_with_their_own_answer(ends: tuple[Orders, Far]) -> None:
    orders, far = ends
    with ExitStack() as stack:
        pipes = [end for _ in range(4) for end in os.pipe()]
        for end in pipes:
            stack.callback(os.close, end)
        sizes = [0, 2, 0, 1, 2, 0, 0, 1, 2]
        futures = [orders.ask({"do": "it"}, lambda answer: answer) for _ in sizes]

        left = list(pipes)
        sent = [[left.pop() for _ in range(size)] for size in sizes]
        for number, files in enumerate(sent):  # all of it before anything is heard
            far.answer(files, number=number, filler="x" * 3_000)
        answers = hear_all(orders, futures)

        assert [one.said["number"] for one in answers] == list(range(len(sizes)))
        for answer, files in zip(answers, sent, strict=True):
            assert len(answer.files) == len(files)
            assert all(map(same, answer.files, files))
            assert not any(map(os.get_inheritable, answer.files))
            for one in answer.files:
                stack.callback(os.close, one)


def test_a_line_may_come_in_pieces_and_events_in_between(
    ends: tuple[Orders, Far],
) -> None:
    orders, far = ends
    future = orders.ask({"do": "it"}, lambda answer: answer.said["word"])
    event = {"dead": 3, "generation": 0, "why": "of old age"}
    text = json.dumps(event) + "\n" + json.dumps({"answer": {"word": "yes"}}) + "\n"

    far.control.sendall(text[:10].encode())
    assert orders.hear() == []
    far.control.sendall(text[10:].encode())

    assert orders.hear() == [event]
    assert future.result(0) == "yes"


def test_what_reading_an_answer_raises_goes_to_who_asked(
    ends: tuple[Orders, Far],
) -> None:
    orders, far = ends
    future = orders.ask({"do": "it"}, lambda answer: answer.said["missing"])

    far.answer([])
    orders.hear()

    assert isinstance(future.exception(0), KeyError)


def test_who_still_waits_at_the_end_is_told_and_so_is_who_asks_later(
    ends: tuple[Orders, Far],
) -> None:
    orders, far = ends
    waiting = orders.ask({"do": "it"}, Answer.require)

    far.control.close()

    assert orders.hear() is None
    for future in (waiting, orders.ask({"do": "it"}, Answer.require)):
        with pytest.raises(ControlLost, match="supervisor process has ended"):
            future.result(0)
