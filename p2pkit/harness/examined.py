"""Examined classes: a student's class with the face that drivers need around it.

Everything that a driver asks of a protocol comes from the `ProtocolSpec`; the class
inside hears messages and verbs, and acts through a `Context` that looks at what it
does. An error inside becomes a `StudentError` with the author's own lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha1
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Context,
    Edge,
    Event,
    LabError,
    Operation,
    RemoteProtocolError,
    Rng,
    Timer,
    format_address,
)
from p2pkit.harness.failing import StudentError, student_error
from p2pkit.harness.plain import plain
from p2pkit.harness.spec import ProtocolSpec

ALWAYS = ("bootstrap", "receive")
ON_STREAMS = ("on_connected", "on_closed")


class ExaminedContext:
    """A context that looks at what goes out; a driver's own is behind it.

    Attributes
    ----------
    me, rng
        As in `core.Context`.
    """

    def __init__(self, inner: Any, spec: ProtocolSpec, guard: _Guard) -> None:
        self._inner, self._spec, self._guard = inner, spec, guard
        self.me, self.rng = inner.me, inner.rng
        self.sends = self.timers = 0

    def now(self) -> float:
        """Return the seconds since the run began."""
        now_s: float = self._inner.now()
        return now_s

    def send(self, to: Address, message: Any) -> None:
        """Send one message."""
        self.sends += 1
        if self.sends > self._spec.most_sends:
            reason = (
                f"one call sent more than {self._spec.most_sends:,} messages: does a "
                "loop never end?"
            )
            raise StudentError(reason)
        self._inner.send(address_of(to), self._fit(message))

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call `call` once, `delay_s` seconds from now."""
        self.timers += 1
        if self.timers > self._spec.most_timers:
            reason = f"one call set more than {self._spec.most_timers:,} timers"
            raise StudentError(reason)
        what: Any = call
        if not callable(what):
            reason = "ctx.after takes a function, such as self.on_round without ()"
            raise StudentError(reason)
        name = getattr(call, "__name__", "a timer")
        timer: Timer = self._inner.after(
            float(delay_s), lambda: self._guard(name, call)
        )
        return timer

    def emit(self, event: Event) -> None:
        """Report an event."""
        if type(event) not in self._spec.events:
            reason = f"ctx.emit takes {_listed(self._spec.events)}, not {event!r}"
            raise StudentError(reason)
        self._inner.emit(event)

    def connect(self, to: Address) -> None:
        """Open a stream."""
        self._inner.connect(address_of(to))

    def close(self, to: Address) -> None:
        """Close the stream to a peer."""
        self._inner.close(address_of(to))

    def _fit(self, message: Any) -> Any:
        """Return the message, if it is one of the protocol's and fits its fields."""
        codec = self._spec.codec
        if type(message) not in self._spec.messages:
            reason = f"ctx.send takes {_listed(self._spec.messages)}, not {message!r}"
            raise StudentError(reason)
        try:
            codec.decode(codec.encode(message))
        except Exception as error:
            reason = f"{message!r} cannot be sent: {error}"
            raise StudentError(reason) from error
        return message


class _Guard:
    """Calls into the class inside, each with its own account of what it sent."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.ctx: ExaminedContext | None = None
        self.failure: StudentError | None = None

    def __call__(self, name: str, call: Callable[..., Any], *args: Any) -> Any:
        if self.ctx is not None:
            self.ctx.sends = self.ctx.timers = 0
        try:
            return call(*args)
        except RemoteProtocolError:
            raise  # the author's way to count what a peer must not say
        except Exception as error:
            self.failure = student_error(error, f"{self.title}.{name}")
            raise self.failure from error


class Examined:
    """A student's class as drivers see it; `examined` makes one for each class."""

    codec: ClassVar[Any]
    carrier: ClassVar[str]
    Config: ClassVar[Any]
    spec: ClassVar[ProtocolSpec]
    inside: ClassVar[type[Any]]

    def __init__(self, ctx: Context, config: Any) -> None:
        self._guard = _Guard(self.inside.__name__)
        own = ExaminedContext(ctx, self.spec, self._guard)
        self._inside = self._guard("__init__", self.inside, own, config)
        self._guard.ctx = own

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: Any) -> int:
        """Return the SHA-1 of the address."""
        return int.from_bytes(sha1(format_address(address).encode()).digest(), "big")

    @classmethod
    def may_meet(cls, address: Address) -> None:
        """Be told of a node in the same run that runs another class."""

    @classmethod
    def running(cls) -> AbstractContextManager[None]:
        """Be told that the nodes made meanwhile are those of one run."""
        return nullcontext()

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Join through contacts."""
        self._guard("bootstrap", self._inside.bootstrap, tuple(contacts))
        return ended("bootstrap")

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one message."""
        self._guard("receive", self._inside.receive, sender, message)

    def on_connected(self, peer: Address) -> None:
        """Hear that a stream is open."""
        self._guard("on_connected", self._inside.on_connected, peer)

    def on_closed(self, peer: Address) -> None:
        """Hear that a stream is closed."""
        self._guard("on_closed", self._inside.on_closed, peer)

    @property
    def failure(self) -> StudentError | None:
        """What went wrong in the class inside, the last time something did."""
        return self._guard.failure

    def ask(self, verb: str, *args: Any) -> Any:
        """Call a verb; return a plain value.

        Raises
        ------
        LabError
            If the verb is none of the protocol's, or raised an error.
        """
        if verb not in self.spec.verbs:
            reason = f"{self.inside.__name__} has no verb {verb}"
            raise LabError(reason)
        return plain(self._guard(verb, getattr(self._inside, verb), *args))

    def maintain(self) -> Operation[None]:
        """Do nothing: upkeep is the business of the class inside."""
        return ended("maintain")

    def neighbors(self) -> Iterable[Edge]:
        """Yield nothing: what a picture shows comes from the journal."""
        return ()

    def inspect(self) -> dict[str, Any]:
        """Return nothing; tables are asked for by verbs."""
        return {}

    def save(self) -> bytes:
        """Keep nothing."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take nothing up."""

    def stop(self) -> None:
        """Let the class inside say goodbye, if it has a word for it."""
        goodbye = getattr(self._inside, "stop", None)
        if callable(goodbye):
            self._guard("stop", goodbye)


def examined(inside: type[Any], spec: ProtocolSpec) -> type[Examined]:
    """Return a class that drivers can run, with a student's class inside.

    Raises
    ------
    LabError
        If the class lacks a method of the protocol.
    """
    streams = ON_STREAMS if spec.carrier == "stream" else ()
    for method in (*ALWAYS, *streams, *spec.verbs):
        if not callable(getattr(inside, method, None)):
            reason = f"class {inside.__name__} has no method {method}: write it"
            raise LabError(reason)
    face = {
        "codec": spec.codec, "carrier": spec.carrier, "Config": spec.config,
        "spec": spec, "inside": inside, "__doc__": inside.__doc__,
    }  # fmt: skip
    return type(f"Examined{inside.__name__}", (Examined,), face)


def ended(verb: str) -> Operation[None]:
    """Return an operation that has ended already."""
    operation: Operation[None] = Operation(verb)
    operation.finish(None)
    return operation


def address_of(value: Any) -> Address:
    """Return an address, rebuilt of built-in types.

    Raises
    ------
    StudentError
        If it is none: a host and a port.
    """
    if isinstance(value, tuple) and len(value) == 2:
        host, port = value
        if isinstance(host, str) and isinstance(port, int):
            return str(host), int(port)
    reason = (
        f"ctx.send takes the address of a peer first, such as one of self.view, not "
        f"{value!r}"
    )
    raise StudentError(reason)


def _listed(kinds: Iterable[type]) -> str:
    return " or ".join(f"a {one.__name__}" for one in kinds) or "nothing here"
