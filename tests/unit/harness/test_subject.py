"""A local subject gives checks what they need, and errors the student's own lines."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit.core import LabError
from p2pkit.harness import LocalSubject, NotWritten, OneNode, StudentError
from tests.echoing import SPEC, Echo, EchoConfig, Ping, Pong


def one_node(kind: type[Any]) -> OneNode:
    protocol = LocalSubject({"Echo": kind}).protocol("Echo", SPEC)
    return OneNode(protocol, EchoConfig(), neighbors=3)


def test_missing_class_is_said_in_a_sentence() -> None:
    with pytest.raises(LabError, match="no class Echo yet: run the cell"):
        LocalSubject({}).protocol("Echo", SPEC)


def test_class_without_a_method_is_told_which() -> None:
    class Silent:
        def bootstrap(self, contacts: Any) -> None: ...

    with pytest.raises(LabError, match="class Silent has no method receive"):
        LocalSubject({"Echo": Silent}).protocol("Echo", SPEC)


def test_node_answers_through_the_examined_class() -> None:
    node = one_node(Echo)

    said = node.hear(2, Ping(7))

    assert [(one.to, one.message) for one in said] == [(node.neighbors[2], Pong(7))]


def test_error_names_the_method_and_shows_only_the_authors_lines() -> None:
    class Broken(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            raise KeyError(message.number)

    with pytest.raises(StudentError, match=r"Broken\.receive raised Key") as told:
        one_node(Broken).hear(0, Ping(7))

    assert "raise KeyError(message.number)" in told.value.own_lines
    assert "examined.py" not in told.value.own_lines


def test_what_is_not_written_yet_is_no_error() -> None:
    class Stub(Echo):
        def answer(self) -> None:
            raise NotImplementedError

        def receive(self, sender: Any, message: Any) -> None:
            self.answer()

    with pytest.raises(NotWritten, match=r"Stub.answer is not written yet"):
        one_node(Stub).hear(0, Ping(7))


def test_a_module_that_a_class_does_not_have_is_answered_with_what_it_has() -> None:
    class Guessing(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            random.random()  # type: ignore[name-defined]  # noqa: F821

    sentence = r"'random' is not defined; chance comes from self\.ctx\.rng"
    with pytest.raises(StudentError, match=sentence):
        one_node(Guessing).hear(0, Ping(7))


@pytest.mark.parametrize(
    ("send", "sentence"),
    [
        (lambda ctx, peer: ctx.send(peer, "hello"), "takes a Ping or a Pong"),
        (lambda ctx, peer: ctx.send("n07", Ping(1)), "the address of a peer first"),
        (lambda ctx, peer: ctx.send(peer, Ping("one")), "cannot be sent"),
        (lambda ctx, peer: ctx.emit(Ping(1)), "ctx.emit takes a Heard"),
        (lambda ctx, peer: ctx.after(1.0, None), "takes a function"),
    ],
)
def test_what_the_context_does_not_take_is_explained(send: Any, sentence: str) -> None:
    class Clumsy(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            send(self.ctx, sender)

    with pytest.raises(StudentError, match=sentence):
        one_node(Clumsy).hear(0, Ping(7))


def test_loop_without_end_is_stopped_by_the_context() -> None:
    class Endless(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            while True:
                self.ctx.send(sender, Ping(1))

    with pytest.raises(StudentError, match="does a loop never end"):
        one_node(Endless).hear(0, Ping(7))


def test_function_is_called_and_its_result_rebuilt() -> None:
    class Liar(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    subject = LocalSubject({"answer": Liar, "value": (1, Liar(5))})

    assert subject.call("answer", 5) != 6
    assert subject.value("value") == [1, 5]
    assert type(subject.value("value")[1]) is int
    assert subject.value("missing") is None


def test_answer_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(LabError, match="not of object"):
        LocalSubject({"value": object()}).value("value")
