"""A node of a cluster as a cell sees it: its verbs are blocking calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, ClusterError, Counters, Id, format_address, short

if TYPE_CHECKING:
    from p2pkit.cluster.cluster import Cluster

NOT_VERBS = frozenset(
    {"choose_id", "on_closed", "on_connected", "receive", "restore", "stop"}
)
"""What drivers call; a cluster has its own words for stopping and restarting."""


def verbs_of(protocol_class: type[Any]) -> list[str]:
    """Return the names of a protocol's public verbs, in alphabetical order."""
    return sorted(
        name
        for name in dir(protocol_class)
        if not name.startswith("_")
        and name not in NOT_VERBS
        and callable(value := getattr(protocol_class, name))
        and not isinstance(value, type)
    )


class Node:
    """A handle for one node, made by ``cluster[i]``; it stays good over restarts.

    Every public verb of the protocol is a method here. It blocks until the verb has
    its result, and takes ``timeout_s`` beside the verb's own arguments.

    Examples
    --------
    ::

        key = cluster[3].put(b"hello")
        cluster[17].get(key, timeout_s=5)
    """

    def __init__(self, cluster: Cluster, index: int) -> None:
        self._cluster, self._index = cluster, index
        self._seat = cluster.run.seats[index]

    @property
    def name(self) -> str:
        """Its name, such as ``n03``."""
        return self._seat.name

    @property
    def id(self) -> Id:
        """Its node id."""
        return Id(self._seat.id)

    @property
    def address(self) -> Address:
        """The host and the port where it listens."""
        return self._seat.address

    @property
    def state(self) -> str:
        """One of ``alive``, ``paused`` and ``dead``."""
        return self._seat.state

    @property
    def is_attacker(self) -> bool:
        """Whether it was let in with `Cluster.add_attackers`."""
        return self._seat.is_attacker

    @property
    def counters(self) -> Counters:
        """What it sent, received and refused since it last started."""
        return self._cluster.counters_of(self._index)

    def kill(self) -> None:
        """Do `Cluster.kill` to this node."""
        self._cluster.kill(self._index)

    def stop(self) -> None:
        """Do `Cluster.stop` to this node."""
        self._cluster.stop(self._index)

    def pause(self) -> None:
        """Do `Cluster.pause` to this node."""
        self._cluster.pause(self._index)

    def resume(self) -> None:
        """Do `Cluster.resume` to this node."""
        self._cluster.resume(self._index)

    def restart(self, keep_state: bool = True) -> None:
        """Do `Cluster.restart` to this node."""
        self._cluster.restart(self._index, keep_state=keep_state)

    @property
    def _protocol_class(self) -> type[Any]:
        return self._cluster.run.kinds[self._seat.kind].protocol_class

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        if verb.startswith("_"):
            raise AttributeError(verb)
        protocol_class = self._protocol_class
        require_verb(protocol_class, verb)

        def call(*args: Any, timeout_s: float | None = None, **kwargs: Any) -> Any:
            return self._cluster.call(self._index, verb, args, kwargs, timeout_s)

        call.__name__ = call.__qualname__ = verb
        call.__doc__ = getattr(protocol_class, verb).__doc__
        return call

    def __dir__(self) -> list[str]:
        verbs = verbs_of(self._protocol_class)
        return [*super().__dir__(), *verbs]

    def __repr__(self) -> str:
        where = format_address(self.address)
        return f"<Node {self.name} {short(self.id)} at {where}, {self.state}>"


class UnknownVerb(ClusterError, AttributeError):
    """The protocol has no public verb of that name."""


def require_verb(protocol_class: type[Any], verb: str) -> None:
    """Raise `UnknownVerb` unless the protocol has this public verb."""
    verbs = verbs_of(protocol_class)
    if verb not in verbs:
        reason = (
            f"{protocol_class.__name__} has no verb {verb!r}; it has {', '.join(verbs)}"
        )
        raise UnknownVerb(reason)
