"""Items, against the three published ones of BEP 44."""

import hashlib

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.kademlia.items import (
    Item,
    encode_value,
    signed_bytes,
    signed_item,
)

VALUE = b"12:Hello World!"
PUBLIC = bytes.fromhex(
    "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"
)
SIGNATURE = bytes.fromhex(
    "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
    "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"
)
SALTED_SIGNATURE = bytes.fromhex(
    "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
    "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"
)
PUBLISHED = {
    "mutable": (
        Item(VALUE, PUBLIC, SIGNATURE, b"", 1),
        b"3:seqi1e1:v12:Hello World!",
        "4a533d47ec9c7d95b1ad75f576cffc641853b750",
    ),
    "mutable with salt": (
        Item(VALUE, PUBLIC, SALTED_SIGNATURE, b"foobar", 1),
        b"4:salt6:foobar3:seqi1e1:v12:Hello World!",
        "411eba73b6f087ca51a3795d9c8c938d365e32c1",
    ),
    "immutable": (Item(VALUE), None, "e5f96f6f38320f0f33959cb4d3d656452117aadb"),
}


@pytest.mark.parametrize(
    ("item", "signed", "target"), PUBLISHED.values(), ids=PUBLISHED
)
def test_a_published_item_has_its_target_and_its_signature_holds(item, signed, target):
    assert f"{item.target:040x}" == target
    assert item.is_valid()
    if signed is not None:
        assert signed_bytes(item.encoded, item.seq, item.salt) == signed


@pytest.mark.parametrize("name", ["mutable", "mutable with salt"])
@pytest.mark.parametrize(
    "change",
    [{"encoded": b"12:Hello world!"}, {"seq": 2}, {"salt": b"other"},
     {"signature": bytes(64)}, {"public": bytes(32)}],
)  # fmt: skip
def test_a_published_item_with_anything_changed_is_not_valid(name, change):
    item = PUBLISHED[name][0]
    fields = {name: getattr(item, name) for name in item.__struct_fields__}

    assert not Item(**(fields | change)).is_valid()


def test_what_we_sign_is_valid_and_found_under_key_and_salt():
    secret = bytes(range(32))

    item = signed_item(secret, [b"a", {b"b": 1}], 4, b"salt")

    assert item.is_valid()
    assert item.value == [b"a", {b"b": 1}]
    digest = hashlib.sha1(item.public + b"salt").hexdigest()
    assert f"{item.target:040x}" == digest


@pytest.mark.parametrize("value", [1.5, None, {1: b""}, object()])
def test_a_value_that_bencoding_does_not_know_is_refused(value):
    with pytest.raises(LocalProtocolError, match="a value is bytes, an int"):
        encode_value(value)


def test_a_value_has_a_thousand_bytes_and_not_one_more():
    assert len(encode_value(bytes(996))) == 1000
    with pytest.raises(LocalProtocolError, match="1001 bytes bencoded"):
        encode_value(bytes(997))


def test_a_salt_too_long_and_a_secret_of_wrong_length_are_refused():
    with pytest.raises(LocalProtocolError, match="64 bytes"):
        signed_item(bytes(32), b"", 1, bytes(65))
    with pytest.raises(LocalProtocolError, match="exactly 32"):
        signed_item(bytes(31), b"", 1)
