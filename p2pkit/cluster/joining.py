"""How a cluster comes together: joining in waves, and repair until it holds.

The first node is alone. Then as many join at once as are already in, each through a
few of those: ten waves make a thousand nodes. Where a topology is given all join at
once, each through those it is linked to.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.cluster.progress import NoProgress, Progress
from p2pkit.cluster.run import Run
from p2pkit.cluster.seat import Seat
from p2pkit.core import Address, ClusterError, RequestTimeout
from p2pkit.observe import Snapshot
from p2pkit.observe.converged import gaps

VIA = 3
"""Nodes that a new node joins through: if one is lost, two are left."""
NAMED = 5
"""Nodes that an error names before it counts the rest."""


def join(
    run: Run,
    newcomers: Sequence[Seat],
    outside: Sequence[Address],
    timeout_s: float,
    progress: Progress,
) -> list[str]:
    """Let nodes join in doubling waves; return a sentence for each that failed.

    Parameters
    ----------
    run : Run
        Where they are seated already.
    newcomers : sequence of Seat
        Who joins.
    outside : sequence of Address
        Peers that are not ours; the first node joins through them, if any.
    timeout_s : float
        How long all of it may take.
    progress : Progress
        Is told how many have joined.
    """
    new = {one.index for one in newcomers}
    inside = [
        one
        for one in run.seats
        if one.state == "alive" and one.joined and one.index not in new
    ]
    for one in newcomers:
        one.crash, one.joined = None, False
    todo, failed = list(newcomers), list[str]()
    deadline_s = run.carrier.now() + timeout_s
    while todo:
        most = len(todo) if run.linked else max(1, len(inside))
        wave, todo = todo[:most], todo[most:]
        orders: dict[int, list[tuple[str, list[Address]]]] = {}
        for one in wave:
            known = _known(run, one, inside) or list(outside)
            orders.setdefault(one.host, []).append((one.name, known))
        left_s = max(0.1, deadline_s - run.carrier.now())
        said = run.ask_each("join", orders, left_s)
        why = {name: reason for some in said.values() for name, reason in some}
        failed += [f"{name}: {reason}" for name, reason in why.items()]
        for one in wave:
            one.joined = one.name not in why
        inside += wave
        progress.advance(len(wave))
    _raise_crash(newcomers)
    return failed


def _known(run: Run, newcomer: Seat, inside: Sequence[Seat]) -> list[Address]:
    """Return the addresses that a node joins through."""
    if run.linked is not None:
        return [run.seats[other].address for other in run.linked[newcomer.index]]
    via = run.rng.sample(inside, min(VIA, len(inside)))
    return [other.address for other in via]


def settle(
    run: Run, k: int, timeout_s: float, progress: Progress, id_bits: int = 0
) -> None:
    """Let nodes repair until the overlay has converged.

    Each round asks the nodes that lack something to `maintain()`. If that did not help,
    the next one asks all, for a node may be unknown to those who ought to know it.

    Raises
    ------
    ClusterError
        If it has not converged in time; the sentences say what is missing.
    """
    deadline_s = run.carrier.now() + timeout_s
    before: dict[str, str] = {}
    ask_all = False
    while lacking := gaps(_honest(run), k, id_bits):
        alive = [
            one for one in run.seats if one.state == "alive" and not one.is_attacker
        ]
        progress.reach(len(alive) - len(lacking), len(alive))
        if lacking == before:
            ask_all = not ask_all
            run.carrier.step()
        before = lacking
        seats = alive if ask_all else [run.by_name[name] for name in lacking]
        left_s = deadline_s - run.carrier.now()
        try:
            if left_s > 0:
                _repair(run, seats, left_s)
                continue
        except RequestTimeout:
            pass  # said below, with what is missing
        sentences = list(lacking.values())
        raise ClusterError(_not_converged(sentences, len(alive), timeout_s, k))


def _honest(run: Run) -> Snapshot:
    """Return a snapshot of the nodes that are to converge: attackers are not."""
    seen = run.snapshot(details=False)
    nodes = (one for one in seen.nodes if not run.by_name[one.name].is_attacker)
    return Snapshot(seen.at_s, tuple(nodes))


def _repair(run: Run, seats: Sequence[Seat], timeout_s: float) -> None:
    """Let nodes look around; those that never got in try that again."""
    outsiders = [one for one in seats if not one.joined]
    if outsiders and any(one.joined for one in run.seats):
        join(run, outsiders, (), timeout_s, NoProgress())
    run.at([one for one in seats if one.joined], "maintain", timeout_s)


def _not_converged(sentences: list[str], total: int, timeout_s: float, k: int) -> str:
    shown = "; ".join(sentences[:NAMED])
    more = f"; and {len(sentences) - NAMED} more" if len(sentences) > NAMED else ""
    cure = "Allow more time, or look at faults that hold now"
    if k == 1:
        # A walk with one candidate ends where nobody names a nearer one, and whoever
        # is in nobody's only place is never named.
        cure = (
            "With k = 1 some nodes are never named to those who lack them: use k = 2 "
            "or more, or go on without wait_ready"
        )
    return (
        f"after {timeout_s:g} s {len(sentences)} of {total} alive nodes still lack "
        f"something: {shown}{more}. {cure}"
    )


def _raise_crash(newcomers: Sequence[Seat]) -> None:
    crashed = [(one.name, one.crash) for one in newcomers if one.crash is not None]
    if crashed:
        name, event = crashed[0]
        reason = (
            f"{len(crashed)} of {len(newcomers)} nodes crashed while they joined, the "
            f"first was {name}: {event.error}\n\n{event.traceback}"
        )
        raise ClusterError(reason)
