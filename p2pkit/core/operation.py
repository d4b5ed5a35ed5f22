"""Operations: what a public verb begins when it takes several round trips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from p2pkit.core.errors import P2PError
from p2pkit.core.event import Finished, Step

T = TypeVar("T")


class Operation(Generic[T]):
    """A result that is to come, without `async`: it ends once, then tells.

    Parameters
    ----------
    verb : str
        The public verb that began it.
    target : int
        The key it is about; 0 where there is none.
    number : int
        Its number at the node, from 1; 0 if nobody counts.
    began_s : float
        When it began, in seconds of the run.
    """

    def __init__(
        self, verb: str, target: int = 0, number: int = 0, began_s: float = 0.0
    ) -> None:
        self.verb, self.target, self.number = verb, target, number
        self.began_s = began_s
        self.steps: tuple[Step, ...] = ()  # the trace; whoever steps it fills it in
        self.done = False
        self.error: P2PError | None = None
        self._result: T | None = None
        self._then: list[Callable[[Operation[T]], None]] = []

    @property
    def result(self) -> T:
        """The result; raises the operation's error if it failed.

        Raises
        ------
        P2PError
            The reason why the operation failed.
        """
        if self.error is not None:
            raise self.error
        assert self.done, f"{self.verb} has not ended yet"
        return self._result  # type: ignore[return-value]  # set by `finish`

    def finish(self, result: T) -> None:
        """End with a result; what comes later changes nothing."""
        self._end(result, None)

    def fail(self, error: P2PError) -> None:
        """End with an error; what comes later changes nothing."""
        self._end(None, error)

    def then(self, call: Callable[[Operation[T]], None]) -> None:
        """Call `call` with this operation when it has ended, at once if it has."""
        if self.done:
            call(self)
        else:
            self._then.append(call)

    def event(self) -> Finished:
        """Return the closing event, for the node to emit."""
        ok, why = self.error is None, str(self.error or "")
        return Finished(
            self.number, self.verb, self.target, ok, self.began_s, self.steps, why
        )

    def _end(self, result: Any, error: P2PError | None) -> None:
        if self.done:
            return
        self.done, self._result, self.error = True, result, error
        for call in self._then:
            call(self)
        self._then.clear()
