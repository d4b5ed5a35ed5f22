"""A node for model checking: the real protocol object, as a machine without time.

A simulation draws one order of things at random. To try *all* orders one must go back
to where one was, and must notice to have been there before. So a node is frozen after
each call, waiting callbacks included, and its frozen states get numbers: two that
differ in nothing but times are one. What a state answers to a stimulus is found out
once, by running the protocol, and looked up from then on.
"""

from __future__ import annotations

import io
import pickle
import random  # noqa: TID251  # the port wants a generator; this one is none
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple

from p2pkit.core import Address, Contact, Event, RemoteProtocolError, Requests

LONG_S = 100.0
"""A node that asks to be called after longer than this means its periodic repair;
anything shorter waits for an answer."""

DERIVED = frozenset({"_routes"})
"""Attributes that are computed from others when needed, and may be missing."""


class Reaction(NamedTuple):
    """What a stimulus does: the number of the next state, and what is sent to whom."""

    state: int
    sent: tuple[tuple[Address, Any], ...]


class Tables(NamedTuple):
    """What a node shows of itself in one state: ids, and if it has repair to do."""

    successors: tuple[int, ...]
    predecessor: int | None
    repairs: bool


class Unvarying(random.Random):
    """Chance that always falls the same way; no two nodes draw the same numbers."""

    def __init__(self, node: int, next_drawn: int | None = None) -> None:
        super().__init__(0)
        self.first = node << 16
        self.next = self.first if next_drawn is None else next_drawn

    def __reduce__(self) -> Any:
        return Unvarying, (self.first >> 16, self.next)

    def rewind(self) -> None:
        """Begin with the first number again, when nobody remembers the others."""
        self.next = self.first

    def random(self) -> float:
        """Return the middle."""
        return 0.5

    def getrandbits(self, k: int, /) -> int:
        """Return the next number, cut to `k` bits."""
        self.next += 1
        return (self.next - 1) % (1 << k)


class ModelTimer:
    """A call that is to come when the explorer says so."""

    __slots__ = ("call", "delay_s", "due_s")

    def __init__(self, due_s: float, delay_s: float, call: Callable[[], None]) -> None:
        self.due_s, self.delay_s = due_s, delay_s
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Make it not come."""
        self.call = None


class ModelContext:
    """The port of one node: six things, none of which does anything by itself."""

    def __init__(self, me: Contact, number: int) -> None:
        self.me, self.rng, self.clock_s = me, Unvarying(number), 0.0
        self.timers: list[ModelTimer] = []
        self.outbox: list[tuple[Address, Any]] = []

    def now(self) -> float:
        """Return the node's own time, which moves when one of its timers rings."""
        return self.clock_s

    def send(self, to: Address, message: Any) -> None:
        """Keep a message until the call is over."""
        self.outbox.append((to, message))

    def after(self, delay_s: float, call: Callable[[], None]) -> ModelTimer:
        """Keep a call for later."""
        timer = ModelTimer(self.clock_s + delay_s, delay_s, call)
        self.timers.append(timer)
        return timer

    def emit(self, event: Event) -> None:
        """Tell nobody: properties are read from the tables."""

    def pass_time(self, seconds: float) -> None:
        """Let the calls come that are due by then, but for the periodic ones.

        They come late, all at the end, so nothing that they begin is over by then.
        """
        self.clock_s += seconds
        while due := [one for one in self.timers if _is_due(one, self.clock_s)]:
            self.ring(min(due, key=lambda one: one.due_s))

    def ring(self, timer: ModelTimer) -> None:
        """Let one call come."""
        self.timers.remove(timer)
        self.clock_s = max(self.clock_s, timer.due_s)
        if timer.call is not None:
            timer.call()

    def repair(self) -> ModelTimer | None:
        """Return the next call of the periodic repair, if there is one."""
        long = [one for one in self.timers if one.call and one.delay_s > LONG_S]
        return min(long, key=lambda one: one.due_s, default=None)


class Machine:
    """One node: its states by number, and what each of them answers.

    Parameters
    ----------
    protocol : type
        A protocol on datagrams.
    config : Settings
        Its settings. It repairs periodically after more than `LONG_S`, and gives a
        request up after `timeout_s`.
    me : Contact
        The node.
    number : int
        Tells its random numbers from those of others, 1 to 65,535.
    """

    def __init__(
        self, protocol: type[Any], config: Any, me: Contact, number: int
    ) -> None:
        self.me, self.patience_s = me, config.timeout_s + 0.01
        self.frozen = [_freeze(protocol(ModelContext(me, number), config))]
        self.tables = [Tables((), None, repairs=False)]
        self._numbers: dict[bytes, int] = {}
        self._known: dict[tuple[Any, ...], Reaction] = {}

    def react(self, state: int, *stimulus: Any) -> Reaction:
        """Return what a state does when something happens to it.

        A stimulus is ``"bootstrap"`` with addresses, ``"receive"`` with sender and
        message, ``"repair"``, or ``"time-out"``: all that it waits for are dead.
        """
        asked = (state, *stimulus)
        if asked not in self._known:
            self._known[asked] = self._find_out(state, stimulus)
        return self._known[asked]

    def _find_out(self, state: int, stimulus: tuple[Any, ...]) -> Reaction:
        node = pickle.loads(self.frozen[state])  # what this process has frozen itself
        context: ModelContext = node.ctx
        match stimulus:
            case "bootstrap", addresses:
                node.bootstrap(addresses)
            case "receive", sender, message:
                with suppress(RemoteProtocolError):  # as a driver does
                    node.receive(sender, message)
            case ("time-out",):
                context.pass_time(self.patience_s)
            case ("repair",):
                context.pass_time(self.patience_s)  # forgets what was answered
                context.rng.rewind()
                timer = context.repair()
                assert timer is not None, f"{self.me} has no repair to do"
                context.ring(timer)
        context.pass_time(0.0)
        sent, context.outbox = tuple(context.outbox), []
        return Reaction(self._number(node), sent)

    def _number(self, node: Any) -> int:
        mark = _fingerprint(node)
        if mark not in self._numbers:
            self._numbers[mark] = len(self.frozen)
            self.frozen.append(_freeze(node))
            self.tables.append(_tables(node))
        return self._numbers[mark]


def _is_due(timer: ModelTimer, upto_s: float) -> bool:
    return timer.delay_s <= LONG_S and timer.due_s <= upto_s


def _tables(node: Any) -> Tables:
    edges = [(edge.kind, edge.to.id) for edge in node.neighbors()]
    after = tuple(to for kind, to in edges if kind == "successor")
    before = [to for kind, to in edges if kind == "predecessor"]
    return Tables(after, before[0] if before else None, node.ctx.repair() is not None)


_CODE: dict[int, tuple[CodeType, dict[str, Any]]] = {}
"""Code of functions within functions, which pickle cannot name, by its identity."""


class _Freezer(pickle.Pickler):
    """Pickles functions within functions too, with what they hold on to."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, CellType):
            return _cell, (), obj.cell_contents, None, None, _fill
        if isinstance(obj, FunctionType) and "<" in obj.__qualname__:
            key = id(obj.__code__)
            _CODE[key] = obj.__code__, obj.__globals__
            return _function, (key, obj.__defaults__, obj.__closure__)
        return NotImplemented


class _Fingerprint(_Freezer):
    """Pickles by what things are worth: equal parts give equal bytes, shared or not."""

    fast = True  # no references to equal parts met before

    def __init__(self, buffer: io.BytesIO) -> None:
        super().__init__(buffer, protocol=5)
        self.met: dict[int, int] = {}  # objects that may lead back to themselves

    def persistent_id(self, obj: Any) -> Any:
        kind = type(obj)
        if kind in _PLAIN:
            return None
        if kind is float:
            return "time"
        if kind is ModelContext:
            return "port"
        if hasattr(obj, "__dict__") or kind is CellType:
            if id(obj) in self.met:
                return self.met[id(obj)]
            self.met[id(obj)] = len(self.met)
        return None

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is Requests:
            # Its queue also holds what was answered long ago, until a timer rings.
            return tuple, (list(obj._pending.items()),)
        if isinstance(obj, type | FunctionType | CellType):
            return super().reducer_override(obj)
        if type(obj).__reduce__ is _USUAL and hasattr(obj, "__dict__"):
            kept = [one for one in vars(obj).items() if one[0] not in DERIVED]
            return type(obj), (), kept, None, None, _fill
        return NotImplemented


_USUAL: Any = object.__reduce__
_PLAIN = frozenset({str, bytes, int, bool, type(None), tuple, list, dict, set, type})


def _freeze(node: Any) -> bytes:
    buffer = io.BytesIO()
    _Freezer(buffer, protocol=5).dump(node)
    return buffer.getvalue()


def _fingerprint(node: Any) -> bytes:
    """Return 16 bytes that are the same for states that differ in nothing but times.

    States that behave alike may still differ here; that costs time and hides nothing.
    """
    buffer = io.BytesIO()
    _Fingerprint(buffer).dump((node, node.ctx.repair() is not None))
    return blake2b(buffer.getbuffer(), digest_size=16).digest()


def _cell() -> CellType:
    return CellType()


def _fill(cell: CellType, contents: Any) -> None:
    cell.cell_contents = contents


def _function(
    key: int, defaults: tuple[Any, ...] | None, closure: tuple[CellType, ...] | None
) -> FunctionType:
    code, names = _CODE[key]
    return FunctionType(code, names, code.co_name, defaults, closure)
