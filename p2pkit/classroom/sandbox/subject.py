"""The submission as checks see it, with its code in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from p2pkit.classroom.sandbox.proxy import Sandboxed, error_of, loaded, sandboxed
from p2pkit.classroom.sandbox.sandbox import Remote, Sandbox
from p2pkit.harness.spec import ProtocolSpec


class SandboxSubject:
    """A `harness.Subject` whose classes, functions and answers are elsewhere.

    One is made for each check: its functions and answers share one process, which has
    run all cells; its nodes have one each.

    Parameters
    ----------
    sandbox : Sandbox
        Where the cells run; they have been loaded.
    structs : sequence of type
        The lab's own classes, which functions and answers may be made of.
    behind : callable, optional
        Takes the name of a class, returns the numbers of the cells that it comes from:
        those its nodes run. All, if not given.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        structs: Sequence[type] = (),
        behind: Callable[[str], Sequence[int] | None] = lambda _: None,
    ) -> None:
        self.sandbox, self.structs, self.behind = sandbox, tuple(structs), behind
        self._caller: Remote | None = None

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
        """End the process that calls run in."""
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def _ask(self, task: str, *args: Any) -> Any:
        if self._caller is None or self._caller.dead:
            self._caller = self.sandbox.child()
        answer = self._caller.ask(0.0, task, *args)
        if answer.raised is not None:
            raise error_of(answer.raised)
        with self.sandbox.account.heeding():
            return loaded(answer.value, self.structs)
