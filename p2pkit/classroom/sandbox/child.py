"""The inside of a sandboxed process: it runs the student's cells, then answers calls.

Everything here happens after the limits hold. Nothing here needs protecting: student
code may overwrite all of it, and can then say no more than before, in its own name,
over the one socket it has. What it says is judged where it arrives.
"""

from __future__ import annotations

import builtins
import io
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any

import msgspec

from p2pkit.classroom.sandbox import absent, frames, strange, values
from p2pkit.classroom.sandbox.absent import MODULE
from p2pkit.classroom.sandbox.cells import Cell, compiled
from p2pkit.core import Address, Contact, Event, LabError, RemoteProtocolError
from p2pkit.harness.failing import StudentError, student_error
from p2pkit.harness.subject import LocalSubject

KEPT_CHARS = 2_000
"""What is kept of what one call prints; beyond it only the length is counted."""

QUIET = ("lab", "display", "get_ipython", "grade", "watch", "freeze")
"""Names of a notebook that mean nothing here: calling them does nothing."""


class Birth(msgspec.Struct, frozen=True):
    """What a child is told when it is made.

    `cells` are those to run, with their code where it is compiled already; `number`
    starts what stands in for its own chance, and `is_trial` says that it is to try the
    cells out and report on each.
    """

    cells: Sequence[tuple[Cell, CodeType | None]]
    number: int
    is_trial: bool = False


class Shorthand(io.TextIOBase):
    """Where printed text goes: the beginning is kept, the rest is counted."""

    def __init__(self) -> None:
        self.kept, self.chars = "", 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Keep as much of the text as there is room for."""
        self.chars += len(text)
        room = KEPT_CHARS - len(self.kept)
        if room > 0:
            self.kept += text[:room]
        return len(text)

    def take(self) -> tuple[str, int]:
        """Return what was kept and how long all of it was, and begin anew."""
        taken = frames.clipped(self.kept), self.chars
        self.kept, self.chars = "", 0
        return taken


class ChildContext:
    """The driver's end of a node whose driver is elsewhere: it notes what is done.

    `harness.examined` puts itself between this and the student's class, here as in a
    notebook.
    """

    def __init__(self, me: Contact, rng: Any, now: Callable[[], float], codec: Any):
        self.me, self.rng, self.now = me, rng, now
        self._encode = codec.encode
        self.effects: list[frames.Effect] = []
        self.timers: dict[int, Callable[[], None]] = {}
        self._set = 0

    def send(self, to: Address, message: Any) -> None:
        """Send one message."""
        self.effects.append(frames.Sent(to, self._encode(message)))

    def after(self, delay_s: float, call: Callable[[], None]) -> ChildTimer:
        """Have `call` called by a request to come."""
        self._set += 1
        self.timers[self._set] = call
        self.effects.append(frames.TimerSet(self._set, delay_s))
        return ChildTimer(self, self._set)

    def emit(self, event: Event) -> None:
        """Report an event."""
        self.effects.append(frames.Emitted(values.dump(event)))

    def connect(self, to: Address) -> None:
        """Open a stream."""
        self.effects.append(frames.Opened(to))

    def close(self, to: Address) -> None:
        """Close a stream."""
        self.effects.append(frames.Shut(to))


class ChildTimer:
    """A call that is to come."""

    def __init__(self, context: ChildContext, number: int) -> None:
        self._context, self._number = context, number

    def cancel(self) -> None:
        """Make it not come."""
        if self._context.timers.pop(self._number, None) is not None:
            self._context.effects.append(frames.TimerCanceled(self._number))


class Nursery:
    """What all children of a zygote have in common, made before they are."""

    def __init__(self, knows_checks: bool) -> None:
        self.printed = Shorthand()
        self.chance = strange.Chance()
        self.known: list[Any] = []  # objects that requests name by their number
        self.module = ModuleType(MODULE)
        names = vars(self.module)
        names["__builtins__"] = builtins
        names.update((one, absent.Quiet(one)) for one in QUIET)
        sys.modules[MODULE] = self.module
        sys.argv[:] = [MODULE]
        sys.stdout = sys.stderr = self.printed
        sys.stdin = io.StringIO()
        self.labs = absent.take_away_judges() if knows_checks else {}
        if not knows_checks:
            absent.forget_checks()
        absent.close_the_door()


class Child:
    """One sandboxed process, as it serves its socket."""

    def __init__(self, channel: frames.Channel, nursery: Nursery, birth: Birth) -> None:
        self.channel, self.birth = channel, birth
        self.printed, self.chance = nursery.printed, nursery.chance
        self.names = vars(nursery.module)
        self.contexts: dict[int, ChildContext] = {}  # of its nodes, by number
        self.nodes: dict[int, Any] = {}
        self.acting: ChildContext | None = None  # whose turn it is
        self.known, self.labs = nursery.known, nursery.labs
        self.chance.seed(birth.number)

    def run_cells(self) -> None:
        """Run the cells in order; one that fails costs what depends on it, no more."""
        cells: Sequence[tuple[Cell, Any]] = self.birth.cells
        if self.birth.is_trial:
            cells = self._compiled()
        for cell, code in cells:
            raised = None
            try:
                exec(code, self.names)  # what all these walls are for
            except BaseException as error:  # noqa: BLE001  # SystemExit as well
                raised = self._told(error, cell.title)
            if self.birth.is_trial:
                self._report(cell, raised)
        self.printed.take()
        strange.taken()

    def _compiled(self) -> list[tuple[Cell, CodeType]]:
        """Compile all cells, and report on each; return those that compile.

        That is before any of them runs. The zygote believes these reports, for it
        compiles without limits: no code of the student's may write one.
        """
        flags, done = 0, []
        for cell, _ in self.birth.cells:
            raised = None
            try:
                code, flags = compiled(cell, flags)
                done.append((cell, code))
            except Exception as error:  # noqa: BLE001  # no Python, or too much of it
                raised = self._told(error, cell.title)
            self._report(cell, raised)
        return done

    def _report(self, cell: Cell, raised: frames.Raised | None) -> None:
        text, chars = self.printed.take()
        report = frames.CellReport(cell.number, raised, text, chars)
        self.channel.send(frames.encode(report))

    def serve(self) -> None:
        """Answer requests until the other end closes."""
        while True:
            number, self.chance.now_s, task, *args = pickle.loads(
                self.channel.receive()
            )
            strange.taken()  # by what was unpickled
            self.channel.send(self._answer(number, getattr(self, f"do_{task}"), args))

    def do_make(
        self, node: int, name: str, spec: int, me: Contact, rng: Any, config: Any
    ) -> None:
        """Make a node, by the specification known so."""
        known = self.known[spec]
        kind = LocalSubject(self.names).protocol(name, known)
        context = ChildContext(me, rng, lambda: self.chance.now_s, known.codec)
        self.acting = self.contexts[node] = context
        self.nodes[node] = kind(context, config)

    def do_look(self, name: str, spec: Any) -> None:
        """Find out whether there is such a class, with the methods it needs."""
        LocalSubject(self.names).protocol(name, spec)

    def do_hear(self, node: int, sender: Address, data: bytes) -> None:
        """Give a node a message."""
        one = self._turn_of(node)
        one.receive(sender, one.codec.decode(data))

    def do_ring(self, node: int, timer: int) -> None:
        """Let a timer of a node's ring."""
        self._turn_of(node)
        call = self.contexts[node].timers.pop(timer, None)
        if call is not None:
            call()

    def do_tell(self, node: int, method: str, *args: Any) -> None:
        """Call one of the methods that every protocol has."""
        getattr(self._turn_of(node), method)(*args)

    def do_ask(self, node: int, verb: str, *args: Any) -> Any:
        """Call a verb of a node's."""
        return self._turn_of(node).ask(verb, *args)

    def do_call(self, name: str, *args: Any) -> Any:
        """Call a function of the student's."""
        return LocalSubject(self.names).call(name, *args)

    def do_value(self, name: str) -> Any:
        """Return an answer of the student's."""
        found = self.names.get(name)
        if isinstance(found, absent.Absent):
            return None
        return LocalSubject({name: found}).value(name)

    def do_judge(self, room: str, check_id: str, case: Any) -> bytes:
        """Make a check here, with everything in this one process, as a notebook does.

        What comes out may be forged, so it may lower a grade and never raise it.
        """
        check = self.labs[room][check_id]
        verdict = check.examine(LocalSubject(self.names), case)
        return msgspec.json.encode(verdict)

    def _turn_of(self, node: int) -> Any:
        """Return a node whose turn it is now: what is done counts as its doing."""
        self.acting = self.contexts[node]
        return self.nodes[node]

    def _answer(self, number: int, do: Callable[..., Any], args: list[Any]) -> bytes:
        value, raised = b"", None
        try:
            value = values.dump(do(*args))
        except BaseException as error:  # noqa: BLE001  # SystemExit as well
            raised = self._told(error, "your code")
        effects: list[Any] = []
        if self.acting is not None:
            effects, self.acting.effects = self.acting.effects, []
        text, chars = self.printed.take()
        answer = frames.Answer(
            number, effects, value, raised, text, chars, strange.taken()
        )
        return frames.encode(answer)

    def _told(self, error: BaseException, where: str) -> frames.Raised:
        """Return what to say of an error; its own methods may be as bad as it is."""
        try:
            if isinstance(error, RemoteProtocolError):
                return frames.Raised("RemoteProtocolError", _clip(error.reason, 80))
            if not isinstance(error, LabError):
                error = student_error(error, where)
            lines = error.own_lines if isinstance(error, StudentError) else ""
            kind = type(error).__name__
            return frames.Raised(kind, _clip(error, 1000), _clip(lines, 3000))
        except BaseException as worse:  # noqa: BLE001  # an evil __str__, for one
            kind = values.clipped_name(type(worse))
            reason = f"{where} raised an error that itself fails with {kind}"
            return frames.Raised("StudentError", reason)


_clip = frames.clipped


def live(channel: frames.Channel, nursery: Nursery, birth: Birth) -> None:
    """Be a sandboxed process until the other end closes; does not return."""
    try:
        child = Child(channel, nursery, birth)
        child.run_cells()
        child.serve()
    except frames.Broken:
        os._exit(0)
    finally:
        os._exit(1)  # no clean-up of the student's runs, nor any of ours
