"""Items: values in the DHT, stored under their hash or under a key that signs them.

What it shows: nobody need be trusted to hold a value. An immutable item is named by
the hash of its bytes; a mutable one by its publisher's key, and carries a signature
over its sequence number and its bytes.
Source: BEP 44; its three test vectors are in the tests.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Any

import msgspec

from p2pkit.core import LocalProtocolError
from p2pkit.core.bencode import Bencodable, bdecode, bencode
from p2pkit.core.signing import public_key, sign, verify

MAX_VALUE_BYTES = 1000
"""Longest bencoded value that nodes must take (BEP 44)."""

MAX_SALT_BYTES = 64
"""Longest salt (BEP 44)."""


class Item(msgspec.Struct, frozen=True):
    """A value as it travels.

    Parameters
    ----------
    encoded : bytes
        The bencoded value, at most 1000 bytes: exactly what is hashed and signed.
    public, signature, salt : bytes
        32-byte key, 64-byte signature and optional salt of a mutable item; empty for
        an immutable one.
    seq : int
        Sequence number of a mutable item; the highest wins.
    """

    encoded: bytes
    public: bytes = b""
    signature: bytes = b""
    salt: bytes = b""
    seq: int = 0

    @property
    def value(self) -> Any:
        """The value: bytes, an int, or a list or dictionary of these."""
        return bdecode(self.encoded)

    @property
    def target(self) -> int:
        """The key that the item is stored under."""
        if self.public:
            return mutable_target(self.public, self.salt)
        digest = sha1(self.encoded, usedforsecurity=False).digest()
        return int.from_bytes(digest, "big")

    def is_valid(self) -> bool:
        """Tell whether the signature is right; an immutable item has none to check."""
        if not self.public:
            return True
        signed = signed_bytes(self.encoded, self.seq, self.salt)
        return verify(self.public, self.signature, signed)


def mutable_target(public: bytes, salt: bytes = b"") -> int:
    """Return the key of the mutable item under a public key and salt."""
    digest = sha1(public + salt, usedforsecurity=False).digest()
    return int.from_bytes(digest, "big")


def signed_bytes(encoded: bytes, seq: int, salt: bytes = b"") -> bytes:
    """Return what the signature of a mutable item covers.

    Examples
    --------
    >>> signed_bytes(b"12:Hello World!", 1, b"foobar")
    b'4:salt6:foobar3:seqi1e1:v12:Hello World!'
    """
    prefix = b"4:salt" + bencode(salt) if salt else b""
    return prefix + b"3:seqi%de1:v" % seq + encoded


def encode_value(value: Bencodable) -> bytes:
    """Return the bencoded value.

    Raises
    ------
    LocalProtocolError
        If it cannot be bencoded, or is longer than 1000 bytes.
    """
    try:
        encoded = bencode(value)
    except (TypeError, ValueError) as error:
        reason = (
            f"a value is bytes, an int, or lists and dictionaries of these: {error}"
        )
        raise LocalProtocolError(reason) from error
    if len(encoded) > MAX_VALUE_BYTES:
        reason = (
            f"the value takes {len(encoded)} bytes bencoded and a node stores "
            f"{MAX_VALUE_BYTES} at most: store it in pieces"
        )
        raise LocalProtocolError(reason)
    return encoded


def signed_item(secret: bytes, value: Bencodable, seq: int, salt: bytes = b"") -> Item:
    """Make a mutable item, signed with a 32-byte Ed25519 secret.

    Raises
    ------
    LocalProtocolError
        If the value or the salt is too long, the secret not 32 bytes, or `seq`
        negative or of more than 63 bits.
    """
    if len(salt) > MAX_SALT_BYTES or len(secret) != 32 or not 0 <= seq < 1 << 63:
        reason = (
            f"a salt has at most {MAX_SALT_BYTES} bytes, a secret exactly 32, and a "
            "sequence number is from 0 to 2**63 - 1"
        )
        raise LocalProtocolError(reason)
    encoded = encode_value(value)
    signature = sign(secret, signed_bytes(encoded, seq, salt))
    return Item(encoded, public_key(secret), signature, salt, seq)
