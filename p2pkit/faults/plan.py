"""The plan: which rules hold now, in order, and the link behind them all."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from p2pkit.core import LocalProtocolError
from p2pkit.faults.link import Link
from p2pkit.faults.packet import Chance, Packet, Rule, Verdict


class Plan:
    """An ordered list of rules over a default link; drivers ask it and obey.

    The first rule that gives a verdict wins, and what no rule decides goes over
    `link`. A change holds from the next packet on. A plan keeps copies, so that what
    a rule remembers (a queue that is full) does not pass from one run to the next.

    Parameters
    ----------
    rules : iterable of Rule
        The rules that hold from the start.
    link : Link, optional
        What every other packet crosses. Without one, a driver puts its own there:
        no delay on real sockets, 10 ms in virtual time.

    Attributes
    ----------
    fixed_delay_s : float or None
        The delay of every packet if no rule and no chance is involved, so that a
        driver need not ask; None if it must.

    Examples
    --------
    >>> from p2pkit.faults import Loss
    >>> plan = Plan(link=Link())
    >>> plan.fixed_delay_s
    0.0
    >>> handle = plan.add(Loss(0.1))
    >>> plan.fixed_delay_s is None
    True
    >>> plan.remove(handle)
    >>> plan.fixed_delay_s
    0.0
    """

    def __init__(self, rules: Iterable[Rule] = (), link: Link | None = None) -> None:
        self._rules = dict(enumerate(deepcopy(tuple(rules)), 1))
        self._next_handle = len(self._rules) + 1
        self._link = deepcopy(link)
        self.fixed_delay_s: float | None = None
        self._refresh()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that hold, in order of asking."""
        return tuple(self._rules.values())

    @property
    def link(self) -> Link | None:
        """The link behind all rules; setting it changes it for the next packet."""
        return self._link

    @link.setter
    def link(self, link: Link | None) -> None:
        self._link = deepcopy(link)
        self._refresh()

    def add(self, rule: Rule) -> int:
        """Append a rule, and return the handle that removes it."""
        handle = self._next_handle
        self._next_handle += 1
        self._rules[handle] = deepcopy(rule)
        self._refresh()
        return handle

    def remove(self, handle: int) -> None:
        """Take a rule out.

        Raises
        ------
        LocalProtocolError
            If no rule has that handle (any more).
        """
        if self._rules.pop(handle, None) is None:
            reason = f"no rule has the handle {handle}: it was removed, or never added"
            raise LocalProtocolError(reason)
        self._refresh()

    def clear(self) -> None:
        """Take every rule out; the link stays."""
        self._rules.clear()
        self._refresh()

    def judge(self, packet: Packet, rng: Chance) -> Verdict:
        """Return what becomes of `packet`."""
        for rule in self._rules.values():
            verdict = rule.judge(packet, rng)
            if verdict is not None:
                return verdict
        return self._link.judge(packet, rng) if self._link else Verdict((0.0,))

    def _refresh(self) -> None:
        fixed_s = self._link.fixed_delay_s if self._link else 0.0
        self.fixed_delay_s = None if self._rules else fixed_s
