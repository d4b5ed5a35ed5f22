"""A protocol whose nodes live in sandboxed processes, no two of a run in one.

Drivers run it like any other: what a node is told crosses to its process, what it did
comes back as data, and happens here, in order. So the journal, the clock, chance and
the network stay with the grader.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NoReturn

from p2pkit.classroom.sandbox import frames, values
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.core import (
    Address,
    LabError,
    Operation,
    RemoteProtocolError,
    Timer,
)
from p2pkit.harness.examined import Examined, ended
from p2pkit.harness.failing import NotWritten, StudentError
from p2pkit.harness.spec import ProtocolSpec
from p2pkit.net.node import NetContext

MOST_TIMERS = 10_000
"""Timers that one node may have set."""


class Sandboxed(Examined):
    """A student's class as drivers see it; each instance has room in a process."""

    sandbox: ClassVar[Sandbox]
    name: ClassVar[str]
    known: ClassVar[int]
    cells: ClassVar[Sequence[int] | None]
    places: ClassVar[set[Address]]

    def __init__(self, ctx: Any, config: Any) -> None:
        self._ctx = ctx
        self._timers: dict[int, Timer] = {}
        self._failure: StudentError | None = None
        self._is_on_sockets = isinstance(ctx, NetContext)
        self.places.add(ctx.me.address)
        self.sandbox.account.on_child()
        run = self.sandbox.run
        self._room = self.sandbox.hosts.room(self.cells, ctx.me.address, run)
        weakref.finalize(self, self._room.leave)
        self._do("make", self.name, self.known, ctx.me, ctx.rng, config)

    @classmethod
    def may_meet(cls, address: Address) -> None:
        """Be told of a node in the same run that runs another class: no outsider."""
        cls.places.add(address)

    @classmethod
    def running(cls) -> AbstractContextManager[None]:
        """Be told that the nodes made meanwhile are those of one run."""
        return cls.sandbox.running()

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Join through contacts."""
        self._do("tell", "bootstrap", tuple(contacts))
        return ended("bootstrap")

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one message."""
        self._do("hear", sender, self.codec.encode(message))

    def on_connected(self, peer: Address) -> None:
        """Hear that a stream is open."""
        self._do("tell", "on_connected", peer)

    def on_closed(self, peer: Address) -> None:
        """Hear that a stream is closed."""
        self._do("tell", "on_closed", peer)

    @property
    def failure(self) -> StudentError | None:
        """What went wrong in the class inside, the last time something did."""
        return self._failure

    def ask(self, verb: str, *args: Any) -> Any:
        """Call a verb; return a plain value.

        Raises
        ------
        LabError
            If the verb is none of the protocol's, or raised an error.
        """
        value = self._do("ask", verb, *args)
        with self.sandbox.account.heeding():
            return loaded(value, self.spec.messages)

    def stop(self) -> None:
        """Let the class inside say goodbye, if it has a word for it."""
        self._do("tell", "stop")

    def _do(self, task: str, *args: Any) -> bytes:
        try:
            answer = self._room.ask(self._ctx.now(), task, *args)
            with self.sandbox.account.heeding():
                for effect in answer.effects:
                    self._apply(effect)
            if answer.raised is not None:
                raise error_of(answer.raised)
        except StudentError as error:
            self._failure = error
            raise
        return answer.value

    def _apply(self, effect: frames.Effect) -> None:
        """Let happen what the node did, if it is something a node can do."""
        match effect:
            case frames.Sent(to) | frames.Opened(to) if self._is_outside(to):
                self.sandbox.notice("it sends to addresses that are not its peers'")
            case frames.Sent(to, data):
                self._ctx.send(to, self._message(data))
            case frames.TimerSet(number, delay_s):
                self._set_timer(number, delay_s)
            case frames.TimerCanceled(number):
                timer = self._timers.pop(number, None)
                if timer is not None:
                    timer.cancel()
            case frames.Emitted(data):
                self._ctx.emit(self._event(data))
            case frames.Opened(to) if self.carrier == "stream":
                self._ctx.connect(to)
            case frames.Shut(to) if self.carrier == "stream":
                self._ctx.close(to)
            case _:
                self._refuse("did what its carrier does not have")

    def _is_outside(self, to: Address) -> bool:
        """Tell whether an address is real, and not that of a node of this run.

        This machine's own services listen on loopback, too.
        """
        return self._is_on_sockets and to not in self.places

    def _message(self, data: bytes) -> Any:
        try:
            message = self.codec.decode(data)
        except RemoteProtocolError:
            self._refuse("sent what is no message")
        if type(message) not in self.spec.messages:
            self._refuse("sent what this protocol does not say")
        return message

    def _event(self, data: bytes) -> Any:
        try:
            event = values.load(data, self.spec.events)
        except values.NotPlain:
            event = None
        if type(event) not in self.spec.events:
            self._refuse("reported what is no event of this lab")
        return event

    def _set_timer(self, number: int, delay_s: float) -> None:
        if number in self._timers or not math.isfinite(delay_s):
            self._refuse("set a timer that cannot be")
        if len(self._timers) >= MOST_TIMERS:
            reason = f"more than {MOST_TIMERS:,} timers are set: does a round set two?"
            raise StudentError(reason)
        self._timers[number] = self._ctx.after(delay_s, lambda: self._ring(number))

    def _ring(self, number: int) -> None:
        del self._timers[number]
        self._do("ring", number)

    def _refuse(self, what: str) -> NoReturn:
        """Refuse an answer that no honest child gives, and all that follow."""
        reason = f"the process your code runs in {what}"
        self.sandbox.notice(reason)
        self._room.refuse(reason)
        raise StudentError(reason)


def sandboxed(
    sandbox: Sandbox, name: str, spec: ProtocolSpec, cells: Sequence[int] | None = None
) -> type[Sandboxed]:
    """Return a class that drivers can run, with the student's class `name` inside.

    Its nodes run these cells first; all, if none are given.
    """
    face = {
        "codec": spec.codec, "carrier": spec.carrier, "Config": spec.config,
        "spec": spec, "sandbox": sandbox, "name": name, "known": sandbox.know(spec),
        "cells": cells, "places": set(),
    }  # fmt: skip
    return type(f"Sandboxed{name}", (Sandboxed,), face)


def loaded(data: bytes, known: Sequence[type]) -> Any:
    """Return a value that came out of the sandbox.

    Raises
    ------
    StudentError
        If it is none.
    """
    try:
        return values.load(data, known)
    except values.NotPlain as error:
        reason = f"what came back is no plain value: {error}"
        raise StudentError(reason) from None


def error_of(raised: frames.Raised) -> LabError | RemoteProtocolError:
    """Return the error to raise here for one that was raised there."""
    match raised.kind:
        case "RemoteProtocolError":
            return RemoteProtocolError(raised.text)
        case "NotWritten":
            return NotWritten(raised.text, raised.lines)
        case "LabError":
            return LabError(raised.text)
    return StudentError(raised.text, raised.lines)
