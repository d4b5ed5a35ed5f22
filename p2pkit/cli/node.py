"""`p2pkit node`: one node in the foreground, for other clients to meet."""

from __future__ import annotations

import asyncio
import difflib
import ipaddress
import json
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from p2pkit.cli.guard import say, warn
from p2pkit.cli.values import event_line, settings
from p2pkit.core import (
    Address,
    Crashed,
    Id,
    LocalProtocolError,
    Operation,
    P2PError,
    Record,
    format_address,
    parse_address,
)

ANY_PORT: Address = ("127.0.0.1", 0)
NAME = "n00"


@dataclass(frozen=True)
class NodePlan:
    """What the options say about a node: protocol, addresses, settings.

    `outside` is whether it may leave this machine.
    """

    protocol: str
    protocol_class: type[Any]
    listen: Address
    bootstrap: tuple[Address, ...]
    config: Any
    outside: bool

    @classmethod
    def of(
        cls,
        protocol: str,
        listen: str | None,
        bootstrap: Sequence[str] | None,
        pairs: Sequence[str] | None,
        k: int | None,
        outside: bool,
    ) -> NodePlan:
        """Read the options; raises `LocalProtocolError` on what cannot be."""
        kind = protocol_named(protocol)
        given = [*(pairs or ()), *([f"k={k}"] if k is not None else [])]
        contacts = tuple(parse_address(text) for text in bootstrap or ())
        at = parse_address(listen) if listen is not None else near(contacts)
        for address in (at, *contacts):
            if not outside:
                require_loopback(address)
        config = settings(kind.Config, given)
        return cls(protocol, kind, at, contacts, config, outside)


def protocol_named(name: str) -> type[Any]:
    """Return the protocol class of that name, or say which there are."""
    from p2pkit.protocols import PROTOCOLS

    found: type[Any] = PROTOCOLS[proper_name(name)]
    return found


def proper_name(name: str) -> str:
    """Return what the command line calls a protocol: ``AntiEntropy``: anti-entropy.

    Raises
    ------
    LocalProtocolError
        If there is no such protocol.
    """
    from p2pkit.protocols import PROTOCOLS

    known = {_plain(one): one for one in PROTOCOLS}
    if _plain(name) in known:
        return known[_plain(name)]
    near = difflib.get_close_matches(_plain(name), known, 1)
    asked = f"do you mean {known[near[0]]}? There" if near else "there"
    names = ", ".join(sorted(PROTOCOLS))
    reason = f"there is no protocol {name!r}; {asked} are {names}"
    raise LocalProtocolError(reason)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def require_loopback(address: Address) -> None:
    """Raise `LocalProtocolError` if an address lies beyond this machine."""
    if not ipaddress.ip_address(address[0]).is_loopback:
        reason = (
            f"{format_address(address)} is not on this machine's loopback (127.x.y.z "
            "or ::1): use such an address, or say --allow-outside if you mean it"
        )
        raise LocalProtocolError(reason)


def near(contacts: Sequence[Address]) -> Address:
    """Return any free port on loopback, of the same kind as those we join by."""
    return ("::1", 0) if contacts and ":" in contacts[0][0] else ANY_PORT


def run_node(
    plan: NodePlan, node_id: str | None, seed: int | None, paths: Sequence[Path] = ()
) -> None:
    """Run a node until a signal ends it; events go to stdout, a JSON line each.

    It shares the files at `paths` from its first moment on.
    """
    files = _read_files(plan, paths)
    number = None if node_id is None else _node_id(node_id)
    # Nobody may guess the transaction ids of a node that meets real clients.
    start = secrets.randbits(64) if seed is None else seed
    run_loop(lambda: _serve(plan, number, start, files))


def _read_files(plan: NodePlan, paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """Return name and bytes of each file, for a protocol that shares files."""
    if paths and not hasattr(plan.protocol_class, "share"):
        reason = f"{plan.protocol} shares no files: leave --share out"
        raise LocalProtocolError(reason)
    try:
        return [(path.name, path.read_bytes()) for path in paths]
    except OSError as error:
        reason = f"{error.filename} cannot be shared: {error.strerror}"
        raise LocalProtocolError(reason) from error


def _node_id(text: str) -> int:
    try:
        number = int(Id.parse(text))
    except ValueError:
        number = -1
    if len(text) != 40 or number < 0:
        reason = f"{text!r} is no node id: write 40 hexadecimal digits"
        raise LocalProtocolError(reason)
    return number


def run_loop(work: Callable[[], Any]) -> Any:
    """Run a coroutine in a new event loop: uvloop's where there is one."""
    try:
        import uvloop

        factory = uvloop.new_event_loop
    except ModuleNotFoundError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        try:
            return runner.run(work())
        except BaseExceptionGroup as group:
            # The network's task group wraps what happened in its body: one error,
            # which the user should read without its wrapping.
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None


class Reporter:
    """Writes records as they come, and ends the run when that makes no sense."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.crash: Crashed | None = None

    def on_record(self, record: Record) -> None:
        """Write one record; called by the driver within the node's own call."""
        self.say(event_line(record.event, record.at_s))
        if isinstance(record.event, Crashed):
            self.crash = record.event
            self.ended.set()

    def say(self, line: str) -> None:
        """Write a line; if nobody reads any more, end."""
        try:
            say(line)
        except OSError:
            self.ended.set()


async def _serve(
    plan: NodePlan, node_id: int | None, seed: int, files: list[tuple[str, bytes]]
) -> None:
    from p2pkit.net import Network

    reporter = Reporter()
    _on_signals(reporter.ended.set)
    network = Network(seed=seed, on_record=reporter.on_record, outside=plan.outside)
    async with network:
        node = network.add(
            NAME, plan.protocol_class, plan.listen, config=plan.config, node_id=node_id
        )
        reporter.say(_ready_line(plan, node.me.address, node.me.id))
        node.protocol.bootstrap(list(plan.bootstrap)).then(_warn_if_failed)
        for name, data in files:
            node.protocol.share(name, data)
        await reporter.ended.wait()
        node.stop()
    if reporter.crash is not None:
        reason = (
            f"the node crashed: {reporter.crash.error}; its last line has the place"
        )
        raise P2PError(reason)


def _warn_if_failed(joined: Operation[Any]) -> None:
    if joined.error is not None:
        warn(f"{joined.error}; this node waits, and tries again")


def _ready_line(plan: NodePlan, address: Address, node_id: int) -> str:
    listen = format_address(address)
    ready = {"event": "ready", "protocol": plan.protocol, "listen": listen}
    return json.dumps(ready | {"id": Id(node_id).hex()})


def _on_signals(call: Callable[[], None]) -> None:
    """Call `call` on SIGINT and SIGTERM, in the loop that runs here."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, call)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))
