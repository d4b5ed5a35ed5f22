"""The part of a run that gives hosts commands, and waits for what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from p2pkit.cluster.carrier import Carrier
from p2pkit.cluster.seat import Seat, by_host
from p2pkit.core import RequestTimeout

COMMAND_S = 30.0
"""How long a host may take for a command that needs no peer's answer."""


class Asking:
    """What a `Run` can ask of its hosts.

    Attributes
    ----------
    carrier : Carrier
        Passes the commands on.
    seats : list of Seat
        The nodes, in order.
    """

    carrier: Carrier
    seats: list[Seat]

    def ask(self, host: int, command: str, *args: Any, timeout_s: float) -> Any:
        """Give one host a command and return what it says.

        Raises
        ------
        RequestTimeout
            If it has not answered in time; the command may still be carried out.
        """
        future = self.carrier.begin(host, command, *args)
        return self.result(future, command, timeout_s)

    def result(self, future: Future[Any], what: str, timeout_s: float) -> Any:
        """Wait for a future and return its result."""
        if not self.carrier.wait([future], timeout_s):
            reason = (
                f"{what} has not ended after {timeout_s:g} s: allow more with "
                "timeout_s, or look in the trace for whom it waits"
            )
            raise RequestTimeout(reason)
        return future.result()

    def ask_each(
        self, command: str, orders: dict[int, Any], timeout_s: float
    ) -> dict[int, Any]:
        """Give hosts one command each, all at once; return what each says."""
        futures = {
            host: self.carrier.begin(host, command, order)
            for host, order in orders.items()
        }
        if not self.carrier.wait(futures.values(), timeout_s):
            late = [str(host) for host, one in futures.items() if not one.done()]
            reason = (
                f"{command} has not ended after {timeout_s:g} s on host "
                f"{', '.join(late)}: allow more with timeout_s, or use fewer nodes"
            )
            raise RequestTimeout(reason)
        return {host: future.result() for host, future in futures.items()}

    def at(self, seats: Sequence[Seat], command: str, timeout_s: float) -> list[str]:
        """Let these nodes do the same; return a sentence for each that failed."""
        orders = {
            host: [one.name for one in some] for host, some in by_host(seats).items()
        }
        said = self.ask_each(command, orders, timeout_s)
        return [f"{name}: {why}" for some in said.values() for name, why in some]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Let time pass until `condition` holds."""
        deadline_s = self.carrier.now() + timeout_s
        while not condition():
            if self.carrier.now() >= deadline_s:
                reason = (
                    f"the condition did not hold within {timeout_s:g} s: allow more "
                    "with timeout_s, or look at the trace for what happened instead"
                )
                raise RequestTimeout(reason)
            self.carrier.step()

    def tell_all(self, command: str, *args: Any) -> list[Future[Any]]:
        """Give every host a command; return the futures of those not paused.

        A paused process obeys when it goes on, before anything else.
        """
        hosts = [one for one in range(self.carrier.hosts) if self.carrier.is_up(one)]
        paused = {one.host for one in self.seats if one.last is not None}
        futures = {one: self.carrier.begin(one, command, *args) for one in hosts}
        return [future for host, future in futures.items() if host not in paused]

    def wait_for(self, futures: list[Future[Any]]) -> None:
        """Wait until hosts have obeyed; raise what one of them says against it."""
        self.carrier.wait(futures, COMMAND_S)
        for future in futures:
            future.result()
