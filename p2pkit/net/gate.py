"""The gate: which addresses nodes of one network may send to."""

from __future__ import annotations

from p2pkit.core import Address, Targets
from p2pkit.core.targets import NO_NODE_OF_OURS
from p2pkit.net.sockets import is_numeric

MAX_SEEN = 65_536
"""Addresses remembered as fit to send to; then they are looked at again."""


class Gate:
    """Lets messages out to the loopback, or to the nodes of one cluster alone.

    Parameters
    ----------
    outside : bool
        Whether addresses beyond the loopback are fine as well.

    Attributes
    ----------
    seen : set of Address
        Those that were found fit; a driver asks for others alone. Empty while confined.
    confined : Targets or None
        Where alone nodes may send, once `confine` was called.
    """

    def __init__(self, *, outside: bool) -> None:
        self.outside = outside
        self.seen: set[Address] = set()
        self.confined: Targets | None = None

    def confine(self, targets: Targets) -> None:
        """Let out what goes to these addresses, and nothing else, from now on.

        Called anew when they change; there is no way back. Attackers run only where
        this was called. It holds for every node: an attacker must not have honest
        ones send where it may not, by naming a stranger or in a stranger's name.
        """
        self.confined = targets
        self.seen.clear()

    def admit(self, to: Address) -> Address | None:
        """Return the address if it may be sent to, and remember it; None if not.

        A host name is refused here: a peer that names one must not make us ask a
        name server.
        """
        if self.confined is not None:
            return self.confined.find(to)
        host, port = to
        if not (0 < port < 65_536 and is_numeric(host, outside=self.outside)):
            return None
        if len(self.seen) >= MAX_SEEN:
            self.seen.clear()
        self.seen.add(to)
        return to

    def holds_back(self, to: Address) -> bool:
        """Tell whether an address that was fit is so no more: its node has ended."""
        return self.confined is not None and to not in self.confined

    def welcomes(self, host: str) -> bool:
        """Tell whether a stream that somebody at `host` opened may stay."""
        return self.confined is None or self.confined.has_host(host)

    @property
    def refusal(self) -> str:
        """What a message is counted under that is not let out."""
        return "no address of ours" if self.confined is None else NO_NODE_OF_OURS
