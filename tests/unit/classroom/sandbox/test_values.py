"""What comes out of a sandbox is plain data, or nothing."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from p2pkit.classroom.labs.lab1_gossip import Digest, Learned, Tell
from p2pkit.classroom.sandbox import frames, seccomp
from p2pkit.classroom.sandbox.values import MAX_DEPTH, NotPlain, dump, load

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
BUILT_IN = (
    type(None), bool, int, float, str, bytes, list, tuple, dict, set, frozenset,
)  # fmt: skip
PLAIN = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(ATOMS, inner, max_size=4)
        | st.frozensets(ATOMS, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_a_plain_value_comes_back_as_it_was(value: Any) -> None:
    found = load(dump(value))

    assert found == value
    assert type(found) is type(value)


@given(st.binary(max_size=200))
def test_bytes_of_anybody_are_a_value_or_refused(data: bytes) -> None:
    with contextlib.suppress(NotPlain):
        assert type(load(data)) in BUILT_IN


@given(st.binary(max_size=200))
def test_bytes_of_anybody_are_an_answer_or_refused(data: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        frames.decode_answer(data + b"\xc1")  # a byte that msgpack never uses


def test_structs_must_be_known_and_fit_their_fields() -> None:
    message = Tell(b"x", 3)

    assert load(dump(message), [Tell]) == message
    with pytest.raises(NotPlain, match="no class of the lab"):
        load(dump(message), [Learned])
    too_long = msgspec.msgpack.encode(
        Ext(5, msgspec.msgpack.encode(["Tell", b"x" * 999, 0]))
    )
    with pytest.raises(NotPlain):
        load(too_long, [Tell])
    assert load(dump(Digest((b"12345678",))), [Digest]) == Digest((b"12345678",))


@pytest.mark.parametrize(
    "value",
    [object(), print, 10**9999, "\ud800", (n for n in ()), type],
    ids=list("abcdef"),
)
def test_what_is_not_plain_does_not_leave(value: Any) -> None:
    with pytest.raises(NotPlain):
        dump(value)


def test_depth_is_bounded_both_ways() -> None:
    deep: list[Any] = []
    data = msgspec.msgpack.encode([])
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
        data = msgspec.msgpack.encode(Ext(1, data))

    for refuse in (
        lambda: dump(deep),
        lambda: load(data),
        lambda: load(b"\x91" * 9999),
    ):
        with pytest.raises(NotPlain):
            refuse()


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_a_filter_refuses_what_it_does_not_list(machine: str) -> None:
    program = seccomp.filter_program(machine)

    assert len(program) % 8 == 0
    assert program.endswith((seccomp.REFUSE).to_bytes(4, "little"))
    assert all(numbers[0] < seccomp.X32_BIT for numbers in seccomp.ALLOWED.values())
