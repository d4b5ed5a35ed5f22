"""Seen: which messages came before, for a time and up to a number."""

from __future__ import annotations

from p2pkit.core import Context, Recent


class Seen:
    """The ids of the messages of the last `seconds`, at most `limit` of them.

    An id lives on for `seconds` after it was first seen, not last: a peer that repeats
    an old message must not keep it in memory for ever.
    """

    def __init__(self, ctx: Context, seconds: float, limit: int) -> None:
        self.ctx, self.seconds = ctx, seconds
        self._since_s = Recent[bytes, float](limit)

    def __contains__(self, number: bytes) -> bool:
        return self._is_fresh(self._since_s.get(number))

    def __len__(self) -> int:
        return len(self._since_s)

    def add(self, number: bytes) -> bool:
        """Remember an id; return whether it is new."""
        if number in self:
            return False
        self._since_s.pop(number, None)
        while self._since_s and not self._is_fresh(next(iter(self._since_s.values()))):
            del self._since_s[next(iter(self._since_s))]
        self._since_s.put(number, self.ctx.now())
        return True

    def _is_fresh(self, since_s: float | None) -> bool:
        return since_s is not None and self.ctx.now() - since_s < self.seconds
