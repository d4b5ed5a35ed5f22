"""Ed25519 signatures: the one door to the `cryptography` library.

The library is loaded on first use: a node that signs nothing need not carry it.
"""

from __future__ import annotations


def public_key(secret: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte secret."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def sign(secret: bytes, data: bytes) -> bytes:
    """Return the 64-byte signature of `data` under a 32-byte secret."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).sign(data)


def verify(public: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether `signature` is that of `data` under a 32-byte public key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
