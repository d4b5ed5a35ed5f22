"""What nodes of a cluster can be asked to do: their public verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from p2pkit.cluster.calls import Call, begin_call, call_many
from p2pkit.cluster.lifetime import Lifetime


class Asked(Lifetime):
    """The part of a `Cluster` that calls its nodes."""

    def call(
        self,
        index: int,
        verb: str,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Call a public verb of a node, as ``cluster[index].verb(...)`` does.

        Raises
        ------
        P2PError
            Whatever the verb raises; `RequestTimeout` if it takes too long,
            `ControlLost` if its process ends, `ClusterError` with the traceback if
            the protocol's class has a bug.
        """
        run = self.run
        future = begin_call(run, index, verb, args, kwargs or {})
        what = f"{run.seat_at(index).name}.{verb}"
        return run.result(future, what, self._limit_s(timeout_s))

    def call_many(
        self,
        calls: Iterable[Call],
        in_flight: int = 16,
        timeout_s: float | None = None,
        return_errors: bool = False,
    ) -> list[Any]:
        """Do many calls, some at once; return their results in the order given.

        Parameters
        ----------
        calls : iterable of (int, str, tuple)
            Index of the node, verb, arguments.
        in_flight : int
            How many at once, at least 1.
        timeout_s : float, optional
            How long all of them may take.
        return_errors : bool
            Whether errors stand among the results; else the first is raised.
        """
        limit_s = self._limit_s(timeout_s)
        return call_many(self.run, calls, in_flight, limit_s, return_errors)
