"""Paths: whom a lookup asked, when, and who had named whom.

A `Finished` event carries the steps of its operation; `cluster.trace.of(Finished)`
has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from p2pkit.core import Finished, Record, Step, short
from p2pkit.observe.extras import load
from p2pkit.observe.snapshot import Snapshot
from p2pkit.observe.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

ANSWERED = "answered"


def names(snapshot: Snapshot) -> dict[int, str]:
    """Return the name of each node by its id, for labels."""
    return {node.id: node.name for node in snapshot.nodes}


def referrers(finished: Finished) -> dict[int, int | None]:
    """Return who first named each peer that was asked.

    Returns
    -------
    dict of int to int or None
        Peer to referrer, in order of asking: a tree whose root is the asking node,
        written None. The referrer is the earliest to answer among the peers one hop
        nearer to us that had named this peer before it was asked.
    """
    return {step.peer: _referrer(step, finished.steps) for step in finished.steps}


def _referrer(step: Step, steps: tuple[Step, ...]) -> int | None:
    if step.hop <= 1:
        return None
    named = [
        (other.ended_s, order, other.peer)
        for order, other in enumerate(steps)
        if other.hop == step.hop - 1
        and other.outcome == ANSWERED
        and other.ended_s <= step.asked_s
        and step.peer in other.returned
    ]
    return min(named)[2] if named else None


def steps(finished: Finished, named: Mapping[int, str] | None = None) -> pd.DataFrame:
    """Return a table of a lookup: a row a peer, in order of asking.

    Parameters
    ----------
    finished : Finished
        The lookup's closing event.
    named : mapping of int to str, optional
        Names by id, as `names` gives them; the first 8 hex digits if not given.

    Returns
    -------
    pandas.DataFrame
        Columns `peer`, `hop`, `named_by`, `asked_ms` and `took_ms` (from the lookup's
        begin), `outcome`, `returned` (how many contacts), and `distance_bits`, the
        bit length of the peer's XOR distance to the target.
    """
    label = dict(named or {})
    tree = referrers(finished)
    rows = [_row(step, tree[step.peer], finished, label) for step in finished.steps]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows, columns=list(_COLUMNS))
    return table


_COLUMNS = (
    "peer",
    "hop",
    "named_by",
    "asked_ms",
    "took_ms",
    "outcome",
    "returned",
    "distance_bits",
)


def _row(
    step: Step, referrer: int | None, finished: Finished, label: Mapping[int, str]
) -> tuple[Any, ...]:
    return (
        label.get(step.peer, short(step.peer)),
        step.hop,
        "own table" if referrer is None else label.get(referrer, short(referrer)),
        round((step.asked_s - finished.began_s) * 1000, 3),
        round((step.ended_s - step.asked_s) * 1000, 3),
        step.outcome,
        len(step.returned),
        (step.peer ^ finished.target).bit_length(),
    )


def hops(finished: Finished) -> int:
    """Return the hop of the answering peer nearest to the target; 0 if none did."""
    answered = [step for step in finished.steps if step.outcome == ANSWERED]
    if not answered:
        return 0
    return min(answered, key=lambda step: step.peer ^ finished.target).hop


def operations(trace: Trace, verb: str | None = None) -> list[dict[str, Any]]:
    """Return a row for each finished operation: what it cost and how far it went.

    Returns
    -------
    list of dict
        `at_s`, `node`, `verb`, `ok`, `took_ms`, `hops`, `asked` and `failed`: peers
        asked, and those of them that never answered.
    """
    finished = [
        (record, record.event)
        for record in trace.of(Finished)
        if isinstance(record.event, Finished)
    ]
    return [
        _operation(record, event)
        for record, event in finished
        if verb is None or event.verb == verb
    ]


def _operation(record: Record, event: Finished) -> dict[str, Any]:
    return {
        "at_s": record.at_s,
        "node": record.node,
        "verb": event.verb,
        "ok": event.ok,
        "took_ms": (record.at_s - event.began_s) * 1000,
        "hops": hops(event),
        "asked": len(event.steps),
        "failed": sum(step.outcome == "failed" for step in event.steps),
    }
