"""Write tokens: proof that whoever stores can also receive at its address.

What it shows: a token is a hash of the asker's host and a secret that only we know, so
we keep no list of whom we gave one, and a forged source address cannot store.
Source: BEP 5: a token is accepted until up to ten minutes after it was given.
"""

from __future__ import annotations

from hashlib import sha1

from p2pkit.core import Rng


class Tokens:
    """Gives and checks tokens under a secret that changes every `rotate_s` seconds."""

    def __init__(self, rng: Rng, rotate_s: float) -> None:
        self.rng, self.rotate_s = rng, rotate_s
        self.secret = self.previous = rng.randbytes(16)
        self.rotated_s = 0.0

    def give(self, host: str, now: float) -> bytes:
        """Return the token for an asker at `host`."""
        self._rotate(now)
        return _token(self.secret, host)

    def is_good(self, token: bytes, host: str, now: float) -> bool:
        """Tell whether `host` was given `token` under this secret or the one before."""
        self._rotate(now)
        return token in (_token(self.secret, host), _token(self.previous, host))

    def _rotate(self, now: float) -> None:
        turns = int((now - self.rotated_s) // self.rotate_s)
        for _ in range(min(turns, 2)):
            self.previous, self.secret = self.secret, self.rng.randbytes(16)
        self.rotated_s += turns * self.rotate_s


def _token(secret: bytes, host: str) -> bytes:
    return sha1(secret + host.encode(), usedforsecurity=False).digest()[:8]
