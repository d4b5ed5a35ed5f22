"""A seat: a node as the controller knows it, whether anybody sits there or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pkit.cluster.carrier import MAIN
from p2pkit.core import Address, Counters, Crashed
from p2pkit.observe import NodeSnapshot


class Seat:
    """A node as the controller knows it."""

    def __init__(
        self,
        index: int,
        name: str,
        host: int,
        on_state: Callable[[Seat], None] = lambda seat: None,
        kind: int = MAIN,
    ) -> None:
        self.index, self.name, self.host, self.kind = index, name, host, kind
        self.id = 0
        self.address: Address = ("", 0)
        self._state, self._on_state = "dead", on_state
        self.disk: bytes | None = None  # what `save` returned when it last ended
        self.joined = False  # whether its bootstrap ended well
        self.crash: Crashed | None = None  # why it died, if by a bug in its class
        self.last: NodeSnapshot | None = None  # of a node whose process cannot answer

    @property
    def state(self) -> str:
        """One of ``alive``, ``paused`` and ``dead``; a change is told at once."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self._on_state(self)

    @property
    def is_attacker(self) -> bool:
        """Whether it was let in to misbehave."""
        return self.kind != MAIN

    def snapshot(self) -> NodeSnapshot:
        """Return what is known without asking the node."""
        if self.last is not None:
            return self.last
        return NodeSnapshot(
            self.name, self.id, self.address, self.state, (), Counters()
        )


def by_host(seats: Iterable[Seat]) -> dict[int, list[Seat]]:
    """Return seats by the number of their host."""
    hosts: dict[int, list[Seat]] = {}
    for one in seats:
        hosts.setdefault(one.host, []).append(one)
    return hosts
