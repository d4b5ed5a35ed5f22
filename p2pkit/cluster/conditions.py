"""The rules that hold on a running cluster: put in, and taken out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

import msgspec

from p2pkit.cluster.plan import require_rules
from p2pkit.cluster.run import Run
from p2pkit.core import ClusterError
from p2pkit.faults import Link, Partition, Rule


class Installed:
    """Rules that hold on every node until `remove`, or until a ``with`` ends."""

    def __init__(self, run: Run, rules: Iterable[Rule]) -> None:
        self._run, self.rules = run, require_rules(rules)
        run.rules += self.rules
        run.obey_plan()
        run.newsroom.begin(self, ", ".join(type(one).__name__ for one in self.rules))

    def remove(self) -> None:
        """Take these rules out everywhere; twice does nothing."""
        ours = {id(rule) for rule in self.rules}
        left = tuple(rule for rule in self._run.rules if id(rule) not in ours)
        if len(left) != len(self._run.rules):
            self._run.rules = left
            self._run.obey_plan()
        self._run.newsroom.end(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<Installed: {', '.join(type(one).__name__ for one in self.rules)}>"


def partition(run: Run, groups: Sequence[Iterable[int]]) -> Installed:
    """Split the nodes, given by their places, into groups that do not hear each other.

    Raises
    ------
    ClusterError
        If a node stands in two groups, or there are not two groups with nodes.
    """
    members = [[run.seat_at(index) for index in group] for group in groups]
    if sum(map(bool, members)) < 2:
        reason = "one group alone parts nobody: name the other nodes as a second group"
        raise ClusterError(reason)
    names = [one.name for group in members for one in group]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        reason = f"{twice[0]} stands in two groups: a node is in one part, or in none"
        raise ClusterError(reason)
    rule = Partition([[one.address for one in group] for group in members])
    return Installed(run, [rule])


def heal(run: Run) -> None:
    """Take every rule out; the link stays."""
    run.rules = ()
    run.obey_plan()
    run.newsroom.end_all(Installed)


def note_link(run: Run, link: Link | None, usual: Link | None) -> None:
    """Note which link holds, unless it is the one of the beginning."""
    if link is None or link == usual:
        run.newsroom.end("link")
        return
    fields = msgspec.structs.asdict(link)
    default = msgspec.structs.asdict(usual or run.carrier.default_link)
    changed = [
        f"{one} {value}" for one, value in fields.items() if value != default[one]
    ]
    run.newsroom.begin("link", f"link: {', '.join(changed) or 'as usual'}")
