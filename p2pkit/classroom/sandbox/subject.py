"""The submission as checks see it, with its code in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from p2pkit.classroom.sandbox.limits import Limits
from p2pkit.classroom.sandbox.proxy import Sandboxed, error_of, loaded, sandboxed
from p2pkit.classroom.sandbox.remote import Remote
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.harness.spec import ProtocolSpec


class SandboxSubject:
    """A `harness.Subject` whose classes, functions and answers are elsewhere.

    One is made for each check: its functions and answers that come from the same cells
    share one process; its nodes live in others, see `hosts`.

    Parameters
    ----------
    sandbox : Sandbox
        Where the cells run; they have been loaded.
    structs : sequence of type
        The lab's own classes, which functions and answers may be made of.
    behind : callable, optional
        Takes a name, returns the numbers of the cells that it comes from: only those
        are run for it. All, if not given.
    limits : Limits, optional
        Those of a process for functions and answers; else those of a node.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        structs: Sequence[type] = (),
        behind: Callable[[str], Sequence[int] | None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self.sandbox, self.structs, self.behind = sandbox, tuple(structs), behind
        self.limits = limits
        self._callers: dict[tuple[int, ...] | None, Remote] = {}

    def protocol(self, name: str, spec: ProtocolSpec) -> type[Sandboxed]:
        """Return a class that drivers can run as a protocol.

        Raises
        ------
        LabError
            If there is no class of that name, or it lacks a method.
        """
        self._ask("look", name, spec)
        return sandboxed(self.sandbox, name, spec, self.behind(name))

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the student's.

        Raises
        ------
        LabError
            If there is no such function, or it raised an error.
        """
        return self._ask("call", name, *args)

    def value(self, name: str) -> Any:
        """Return an answer; None if there is none yet."""
        return self._ask("value", name)

    def close(self) -> None:
        """End the processes that calls run in."""
        for caller in self._callers.values():
            caller.close()
        self._callers.clear()

    def _ask(self, task: str, name: str, *args: Any) -> Any:
        # Answers may come from `lab.run()`, which finds classes by their names.
        cells = None if task == "value" else self.behind(name)
        answer = self._caller(cells).ask(0.0, task, name, *args)
        if answer.raised is not None:
            raise error_of(answer.raised)
        with self.sandbox.account.heeding():
            return loaded(answer.value, self.structs)

    def _caller(self, cells: Sequence[int] | None) -> Remote:
        """Return the process that has run these cells, or all."""
        key = None if cells is None else tuple(cells)
        caller = self._callers.get(key)
        if caller is None or caller.dead:
            caller = self.sandbox.child(cells, self.limits, knows_checks=cells is None)
            self._callers[key] = caller
        return caller
