"""Wire taps: what goes to the kernel and comes from it, after all faults.

`core.Tap` is for those who watch messages; this one stands where bytes leave, so it
sees what a capture would see. While there is none, a node calls its socket directly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from p2pkit.core import Address

SendTo = Callable[[bytes, Address], int]
Take = Callable[[bytes, Any], None]


class WireTap(Protocol):
    """What nodes tell of the bytes that they exchange with the kernel."""

    def sending(self, source: Address, sendto: SendTo) -> SendTo:
        """Return what a node calls instead of its socket's `sendto`."""
        ...

    def arriving(self, target: Address, take: Take) -> Take:
        """Return what a node calls instead of `take` with each datagram and sender."""
        ...

    def opened(
        self, source: Address, target: Address, at_ns: int, *, is_ours: bool
    ) -> None:
        """Hear that a stream from `source` is there, which was asked for at that time.

        It is ours if the node at `source` tells, and not the one at `target`.
        """
        ...

    def wrote(self, source: Address, target: Address, data: bytes) -> None:
        """Hear that a node wrote bytes to a stream."""
        ...

    def read(self, source: Address, target: Address, data: bytes) -> None:
        """Hear that bytes of a stream came to the node at `target`."""
        ...

    def ended(self, source: Address, target: Address, *, broken: bool) -> None:
        """Hear that the end of a stream at `source` is closed, or broken off."""
        ...
