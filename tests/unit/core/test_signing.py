"""Ed25519, against the first two published tests of RFC 8032, section 7.1."""

import pytest

from p2pkit.core.signing import public_key, sign, verify

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
        "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("secret", "public", "data", "signature"), RFC_8032)
def test_published_keys_and_signatures_come_out(secret, public, data, signature):
    assert public_key(bytes.fromhex(secret)).hex() == public
    assert sign(bytes.fromhex(secret), data).hex() == signature
    assert verify(bytes.fromhex(public), bytes.fromhex(signature), data)


def test_one_flipped_bit_anywhere_is_noticed():
    secret, data = bytes(range(32)), b"value"
    public, signature = public_key(secret), sign(secret, data)

    assert not verify(public, signature, b"valuf")
    assert not verify(public, bytes([signature[0] ^ 1]) + signature[1:], data)
    assert not verify(bytes([public[0] ^ 1]) + public[1:], signature, data)


def test_keys_and_signatures_of_wrong_length_are_simply_not_valid():
    assert not verify(b"short", bytes(64), b"")
    assert not verify(bytes(32), b"short", b"")
