"""What a view may ask of a cluster: one table, checked arguments, one place.

A command is a struct, so what a browser sends is checked as it is read, and what is not
in the table does not exist. Commands run in threads of their own: a server's loop, or a
notebook's, must never wait for a lookup.
"""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import msgspec

from p2pkit.cluster.node import verbs_of
from p2pkit.core import LocalProtocolError, format_address, short
from p2pkit.faults import Constant
from p2pkit.view.churning import Churning
from p2pkit.view.clockwork import Clockwork
from p2pkit.view.readable import counter_rows, readable, sighting_rows

LOOKUPS = ("lookup", "find_successor", "find_node", "get", "search")
PUBLISHES = ("publish", "broadcast", "put")
"""Verbs behind "look up" and "publish": the first that a protocol has, and that takes
one value."""

KEY_BITS = 160
"""Length of a random key where the protocol's settings name no ``id_bits``."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Name = Annotated[str, msgspec.Meta(max_length=100)]
Answer = dict[str, Any]


class Desk:
    """What commands work on: the cluster, and what moves it for a view."""

    def __init__(
        self,
        cluster: Any,
        clockwork: Clockwork | None,
        tidy: Callable[[], object] = lambda: None,
    ) -> None:
        self.cluster, self.clockwork, self.tidy = cluster, clockwork, tidy
        self.churning = Churning(cluster)

    def index(self, name: str) -> int:
        """Return the place of a node by its name."""
        for index, node in enumerate(self.cluster):
            if node.name == name:
                return index
        reason = f"there is no node {name} in this cluster"
        raise LocalProtocolError(reason)

    def address(self, name: str) -> str:
        """Return ``HOST:PORT`` of a node by its name."""
        nodes = list(self.cluster)
        return format_address(nodes[self.index(name)].address)

    def verb(self, names: tuple[str, ...]) -> str | None:
        """Return the first of these verbs that the protocol has for one value."""
        kind = getattr(self.cluster, "protocol_class", None)
        verbs = verbs_of(kind) if kind is not None else []
        fitting = [one for one in names if one in verbs and _takes_one(kind, one)]
        return fitting[0] if fitting else None

    def close(self) -> None:
        """Let time stand and nodes be."""
        self.churning.set(0)
        if self.clockwork is not None:
            self.clockwork.halt()


def _takes_one(kind: Any, verb: str) -> bool:
    parameters = list(inspect.signature(getattr(kind, verb)).parameters.values())[1:]
    return len([one for one in parameters if one.default is one.empty]) == 1


class Command(msgspec.Struct, frozen=True, tag_field="name", tag=str.lower):
    """Base of every command; its tag is its class's name in small letters."""

    virtual: ClassVar[bool] = False
    """Whether it needs virtual time."""

    needs: ClassVar[str] = ""
    """What the cluster must have."""

    def do(self, desk: Desk) -> Answer:
        """Do it; return what to say and show."""
        raise NotImplementedError

    @classmethod
    def fits(cls, desk: Desk) -> bool:
        """Whether this cluster can do it."""
        has_time = desk.clockwork is not None or not cls.virtual
        return has_time and (not cls.needs or hasattr(desk.cluster, cls.needs))


class Kill(Command, frozen=True):
    """End a node abruptly."""

    node: Name
    needs: ClassVar[str] = "kill"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.kill(desk.index(self.node))
        return {"said": f"{self.node} was killed."}


class Restart(Command, frozen=True):
    """Start a node again."""

    node: Name
    needs: ClassVar[str] = "restart"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.restart(desk.index(self.node))
        return {"said": f"{self.node} started again."}


class Pause(Command, frozen=True):
    """Freeze a node."""

    node: Name
    needs: ClassVar[str] = "pause"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.pause(desk.index(self.node))
        return {"said": f"{self.node} is paused."}


class Resume(Command, frozen=True):
    """Let a frozen node go on."""

    node: Name
    needs: ClassVar[str] = "resume"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.resume(desk.index(self.node))
        return {"said": f"{self.node} goes on."}


class Lookup(Command, frozen=True):
    """Look up a random key from a node."""

    node: Name

    @classmethod
    def fits(cls, desk: Desk) -> bool:
        """Whether the protocol looks up keys."""
        return desk.verb(LOOKUPS) is not None

    def do(self, desk: Desk) -> Answer:
        """Do it; its path is played."""
        bits = int(getattr(desk.cluster.config, "id_bits", KEY_BITS))
        key = secrets.randbits(bits)
        verb = desk.verb(LOOKUPS) or LOOKUPS[0]
        index = desk.index(self.node)
        found = desk.cluster.call(index, verb, (key,))
        count = len(found) if isinstance(found, (list, tuple)) else 1
        said = f"{self.node} looked up {short(key)}: {count} found."
        return {"said": said, "path": (self.node, verb)}


class Publish(Command, frozen=True):
    """Publish something from a node."""

    node: Name
    text: Name = ""

    @classmethod
    def fits(cls, desk: Desk) -> bool:
        """Whether the protocol publishes anything."""
        return desk.verb(PUBLISHES) is not None

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        text = self.text or f"hello {secrets.token_hex(3)} from {self.node}"
        verb = desk.verb(PUBLISHES) or PUBLISHES[0]
        result = desk.cluster.call(desk.index(self.node), verb, (text.encode(),))
        return {"said": f'{self.node} published "{text}": {readable(result)}'}


class Details(Command, frozen=True):
    """Show a node's table, counters and last messages."""

    node: Name

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        cluster, index = desk.cluster, desk.index(self.node)
        sections: list[tuple[str, Any]] = []
        if hasattr(cluster, "counters_of"):
            sections.append(("Counters", counter_rows(cluster.counters_of(index))))
        if hasattr(cluster, "details"):
            sections.append(("What it holds", readable(cluster.details(index))))
        if hasattr(cluster, "recent"):
            rows = sighting_rows(cluster, cluster.recent(index))
            sections.append(("Last messages", rows))
        return {"value": sections}


class Traffic(Command, frozen=True):
    """Show what passed between two nodes since the view began."""

    a: Name
    b: Name
    needs: ClassVar[str] = "traffic"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        tallies = desk.cluster.traffic(desk.index(self.a), desk.index(self.b))
        rows = [
            (kind, f"{tally.messages:,}", f"{tally.payload_bytes:,} B")
            for kind, tally in tallies.items()
        ]
        sections: list[tuple[str, Any]] = [
            ("Messages and bytes since it is watched", rows)
        ]
        packets = getattr(desk.cluster, "captured", None)
        if packets is not None:
            told = packets.recent(desk.address(self.a), desk.address(self.b))
            sections.append(("Packets, the latest first", told))
        return {"value": sections}


class Loss(Command, frozen=True):
    """Set how many packets are lost, as a share."""

    value: Share
    needs: ClassVar[str] = "link"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.link(_link(desk.cluster), loss=self.value)
        return {"said": f"{self.value:.0%} of all packets are lost."}


class Latency(Command, frozen=True):
    """Set how long packets take, in seconds."""

    value: Annotated[float, msgspec.Meta(ge=0, le=10)]
    needs: ClassVar[str] = "link"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.cluster.link(_link(desk.cluster), latency=Constant(self.value))
        return {"said": f"Packets take {1000 * self.value:g} ms."}


def _link(cluster: Any) -> Any:
    """Return the link of now, so that one slider leaves the other's value alone."""
    return cluster.run.link


class Churn(Command, frozen=True, tag="churn"):
    """Let nodes die and come back, so many a minute."""

    value: Annotated[float, msgspec.Meta(ge=0, le=600)]
    needs: ClassVar[str] = "restart"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.churning.set(self.value)
        if not self.value:
            return {"said": "Nodes stay."}
        return {"said": f"{self.value:g} nodes a minute die and come back."}


class Tidy(Command, frozen=True):
    """Lay the overlay out anew."""

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        desk.tidy()
        return {"said": "Every node has a new place."}


class Run(Command, frozen=True):
    """Let virtual time pass."""

    virtual: ClassVar[bool] = True

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        assert desk.clockwork is not None  # `fits` says so
        desk.clockwork.run()
        return {"said": "Time passes."}


class Halt(Command, frozen=True):
    """Let virtual time stand."""

    virtual: ClassVar[bool] = True

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        assert desk.clockwork is not None
        desk.clockwork.halt()
        return {"said": "Time stands."}


class Step(Command, frozen=True):
    """Let virtual time pass until some messages have arrived."""

    messages: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    virtual: ClassVar[bool] = True
    needs: ClassVar[str] = "step"

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        assert desk.clockwork is not None
        desk.clockwork.halt()
        desk.cluster.step(messages=self.messages)
        return {"said": f"It is {desk.cluster.now():.3f} s."}


class Speed(Command, frozen=True):
    """Set how many seconds of virtual time pass in one of ours."""

    value: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    virtual: ClassVar[bool] = True

    def do(self, desk: Desk) -> Answer:
        """Do it."""
        assert desk.clockwork is not None
        desk.clockwork.speed = self.value
        return {"said": f"Time passes {self.value:g} times as fast."}


TABLE: tuple[type[Command], ...] = (
    Kill, Restart, Pause, Resume, Lookup, Publish, Details, Traffic, Loss, Latency,
    Churn, Tidy, Run, Halt, Step, Speed,
)  # fmt: skip
"""Every command there is."""


def name_of(command: type[Command]) -> str:
    """Return what a view calls a command."""
    return str(command.__struct_config__.tag)


def can(desk: Desk) -> list[str]:
    """Return the names of the commands that this cluster can do."""
    return [name_of(command) for command in TABLE if command.fits(desk)]


def read(name: str, arguments: Any) -> Command:
    """Return the command that a view asked for, its arguments checked.

    Raises
    ------
    LocalProtocolError
        If there is none of that name, or the arguments are not its own.
    """
    kinds = {name_of(command): command for command in TABLE}
    if name not in kinds:
        reason = f"there is no command {name!r}; there are {', '.join(kinds)}"
        raise LocalProtocolError(reason)
    given = arguments if isinstance(arguments, dict) else {}
    try:
        return msgspec.convert({**given, "name": name}, kinds[name])
    except msgspec.ValidationError as error:
        reason = f"{name} cannot be done: {error}"
        raise LocalProtocolError(reason) from error
