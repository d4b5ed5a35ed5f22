"""What a node answers to gets and puts of a stranger: BEP 44 by hand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

import pytest
from bencode2 import bencode

from tests.net.krpc_asker import Address, Asker, Signer, address_of, node_process


@pytest.fixture(scope="module")
def node() -> Iterator[Address]:
    with node_process("--listen", "127.0.0.1:0", "--seed", "8") as (_, said):
        yield address_of(said)


@pytest.fixture
def asker(node: Address) -> Iterator[Asker]:
    one = Asker(node)
    yield one
    one.close()


def token_for(asker: Asker, target: bytes) -> bytes:
    token: bytes = asker.ask(b"get", target=target)[b"token"]
    return token


def put(asker: Asker, target: bytes, **fields: Any) -> dict[bytes, Any]:
    return asker.ask(b"put", token=token_for(asker, target), **fields)


def put_refused(asker: Asker, target: bytes, **fields: Any) -> int:
    return asker.refused(b"put", token=token_for(asker, target), **fields)


def key_of(value: Any) -> bytes:
    return hashlib.sha1(bencode(value)).digest()


def test_get_of_nothing_gives_nodes_and_a_token(asker: Asker) -> None:
    found = asker.ask(b"get", target=os.urandom(20))

    assert set(found) == {b"id", b"nodes", b"token"}


@pytest.mark.parametrize(
    "value",
    [b"Hello World!", b"", 42, -1, 0, [], {}, [b"a", [1]], {b"a": {b"b": [2]}}],
    ids=repr,
)
def test_immutable_value_of_any_type_comes_back(asker: Asker, value: Any) -> None:
    key = key_of(value)
    stored = put(asker, key, v=value)

    assert set(stored) == {b"id"}
    found = asker.ask(b"get", target=key)
    assert set(found) == {b"id", b"nodes", b"token", b"v"}
    assert found[b"v"] == value


def test_published_immutable_vector_is_kept_under_its_key(asker: Asker) -> None:
    key = bytes.fromhex("e5f96f6f38320f0f33959cb4d3d656452117aadb")
    put(asker, key, v=b"Hello World!")

    assert asker.ask(b"get", target=key)[b"v"] == b"Hello World!"


PUBLIC = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"
VECTORS = {
    "without salt": (
        b"",
        "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
        "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01",
        "4a533d47ec9c7d95b1ad75f576cffc641853b750",
    ),
    "with salt": (
        b"foobar",
        "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
        "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08",
        "411eba73b6f087ca51a3795d9c8c938d365e32c1",
    ),
}
"""Salt, signature and key of "Hello World!" with sequence number 1 (BEP 44)."""


@pytest.mark.parametrize(("salt", "signature", "key"), VECTORS.values(), ids=VECTORS)
def test_published_mutable_vectors_are_accepted(
    asker: Asker, salt: bytes, signature: str, key: str
) -> None:
    fields: dict[str, Any] = {"salt": salt} if salt else {}
    fields |= {"k": bytes.fromhex(PUBLIC), "sig": bytes.fromhex(signature)}
    put(asker, bytes.fromhex(key), v=b"Hello World!", seq=1, **fields)

    found = asker.ask(b"get", target=bytes.fromhex(key))
    assert set(found) == {b"id", b"nodes", b"token", b"v", b"k", b"sig", b"seq"}
    assert found[b"k"] == bytes.fromhex(PUBLIC)
    assert found[b"sig"] == bytes.fromhex(signature)
    assert (found[b"v"], found[b"seq"]) == (b"Hello World!", 1)


@pytest.mark.parametrize("salt", [b"", b"s" * 64])
def test_higher_sequence_number_replaces_the_value(asker: Asker, salt: bytes) -> None:
    signer = Signer(salt)
    for seq, value in ((1, b"old"), (2, [b"new", 2])):
        put(asker, signer.target, **signer.signed(value, seq))

    found = asker.ask(b"get", target=signer.target)
    assert (found[b"v"], found[b"seq"]) == ([b"new", 2], 2)


def test_empty_salt_is_as_no_salt(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, salt=b"", **signer.signed(b"x", 1))

    assert asker.ask(b"get", target=signer.target)[b"v"] == b"x"


def test_get_with_the_current_sequence_number_leaves_the_value_out(
    asker: Asker,
) -> None:
    signer = Signer()
    put(asker, signer.target, **signer.signed(b"x", 5))

    current = asker.ask(b"get", target=signer.target, seq=5)
    assert set(current) == {b"id", b"nodes", b"token", b"seq"}
    assert current[b"seq"] == 5
    assert asker.ask(b"get", target=signer.target, seq=4)[b"v"] == b"x"


def test_wrong_token_is_error_203(asker: Asker) -> None:
    assert asker.refused(b"put", v=b"x" + os.urandom(8), token=b"wrong") == 203


def test_value_of_1000_bytes_is_kept_and_of_1001_is_error_205(asker: Asker) -> None:
    fits, too_big = b"x" * 996, b"x" * 997  # "996:" are four bytes more
    put(asker, key_of(fits), v=fits)

    assert asker.ask(b"get", target=key_of(fits))[b"v"] == fits
    assert put_refused(asker, key_of(too_big), v=too_big) == 205


def test_mutable_value_of_1001_bytes_is_error_205(asker: Asker) -> None:
    signer = Signer()

    assert put_refused(asker, signer.target, **signer.signed(b"x" * 997, 1)) == 205


def test_wrong_signature_is_error_206_and_stores_nothing(asker: Asker) -> None:
    signer = Signer()
    fields = signer.signed(b"x", 1) | {"v": b"forged"}

    assert put_refused(asker, signer.target, **fields) == 206
    assert b"v" not in asker.ask(b"get", target=signer.target)


def test_signature_of_another_salt_is_error_206(asker: Asker) -> None:
    signer = Signer(b"one")
    fields = signer.signed(b"x", 1) | {"salt": b"two"}

    assert put_refused(asker, signer.target, **fields) == 206


def test_salt_of_65_bytes_is_error_207(asker: Asker) -> None:
    signer = Signer(b"s" * 65)

    assert put_refused(asker, signer.target, **signer.signed(b"x", 1)) == 207


def test_cas_that_does_not_match_is_error_301(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, **signer.signed(b"x", 3))

    assert put_refused(asker, signer.target, cas=2, **signer.signed(b"y", 4)) == 301
    put(asker, signer.target, cas=3, **signer.signed(b"y", 4))
    assert asker.ask(b"get", target=signer.target)[b"v"] == b"y"


def test_cas_is_ignored_where_nothing_is_stored(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, cas=9, **signer.signed(b"x", 1))

    assert asker.ask(b"get", target=signer.target)[b"seq"] == 1


def test_lower_sequence_number_is_error_302(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, **signer.signed(b"x", 3))

    assert put_refused(asker, signer.target, **signer.signed(b"y", 2)) == 302
    assert asker.ask(b"get", target=signer.target)[b"v"] == b"x"


def test_same_sequence_number_renews_the_same_value_alone(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, **signer.signed(b"x", 3))
    put(asker, signer.target, **signer.signed(b"x", 3))

    assert put_refused(asker, signer.target, **signer.signed(b"y", 3)) == 302
    assert asker.ask(b"get", target=signer.target)[b"v"] == b"x"


def test_largest_sequence_number_is_kept(asker: Asker) -> None:
    signer = Signer()
    put(asker, signer.target, **signer.signed(b"x", (1 << 63) - 1))

    assert asker.ask(b"get", target=signer.target)[b"seq"] == (1 << 63) - 1


@pytest.mark.parametrize("field", ["sig", "seq"])
def test_mutable_put_without_a_field_is_error_203(asker: Asker, field: str) -> None:
    signer = Signer()
    fields = signer.signed(b"x", 1)
    del fields[field]

    assert put_refused(asker, signer.target, **fields) == 203


@pytest.mark.parametrize(
    "wrong", [{"k": b"short"}, {"sig": b"short"}, {"seq": b"1"}, {"seq": 1 << 64}]
)
def test_mutable_put_with_a_malformed_field_is_refused(
    asker: Asker, wrong: dict[str, Any]
) -> None:
    signer = Signer()

    fields = signer.signed(b"x", 1) | wrong
    assert put_refused(asker, signer.target, **fields) in {203, 206}
