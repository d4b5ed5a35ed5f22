"""Types: a name for each of many messages, as numbers into a short list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from p2pkit.observe.capture.records import Ints, Mask

UNKNOWN = -1
"""Of `Types.codes`: these bytes say nothing that a glance understands."""


@dataclass(frozen=True)
class Types:
    """Types of messages: `codes` are places in `names`, or `UNKNOWN`."""

    codes: Ints
    names: list[str]

    @classmethod
    def unknown(cls, count: int, names: Iterable[str] = ()) -> Types:
        """Return as many types, none of which is known yet."""
        return cls(np.full(count, UNKNOWN, np.int64), list(names))

    @property
    def is_unknown(self) -> Mask:
        """Which have no name."""
        return np.asarray(self.codes == UNKNOWN)

    def code(self, name: str) -> int:
        """Return the number of a name; a new one is added."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def name(self, index: int) -> str:
        """Return the name of one message; empty if it has none."""
        code = int(self.codes[index])
        return self.names[code] if code != UNKNOWN else ""

    def put(self, where: Mask | Ints | slice, other: Types) -> None:
        """Take over what is known of some of the messages."""
        own = np.asarray([*(self.code(name) for name in other.names), UNKNOWN])
        self.codes[where] = own[other.codes]
