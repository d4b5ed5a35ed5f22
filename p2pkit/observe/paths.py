"""Paths: whom a lookup asked, when, and who had named whom; and who told whom.

A `Finished` event carries the steps of its operation; `cluster.trace.of(Finished)`
has them all. `hops_of` makes one kind of path of these, of news that spread, and of
messages that were watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from p2pkit.core import Finished, LocalProtocolError, Record, Step, short
from p2pkit.observe.extras import load
from p2pkit.observe.snapshot import Snapshot
from p2pkit.observe.told import Hop, name_of, news_of, same_news, told
from p2pkit.observe.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ANSWERED",
    "Hop",
    "hops",
    "hops_of",
    "labels",
    "names",
    "operations",
    "referrers",
    "steps",
]

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


def labels(snapshot: Snapshot) -> dict[Any, str]:
    """Return the name of each node by its id and by its address, for `hops_of`."""
    by_address = {node.address: node.name for node in snapshot.nodes}
    return {**by_address, **names(snapshot)}


def hops_of(
    what: Any,
    trace: Iterable[Record] = (),
    named: Mapping[Any, str] | None = None,
    source: str | None = None,
) -> list[Hop]:
    """Return any path as hops, in order: a lookup, a walk, a flood, a rumor, messages.

    Parameters
    ----------
    what : Record, Finished, id, window or list
        An operation that ended; an event with a field `sender`, such as that of a
        rumor, or the id of what was told, as bytes, str or int; `flights`, or an
        object that has them; or hops.
    trace : iterable of Record, optional
        Where the other events of the same news are found.
    named : mapping, optional
        Names by id and by address, as `labels` gives them. Who has none is shown by
        the first digits of the id, or by its address.
    source : str, optional
        Name of the node whose operation it was; a `Record` says it itself.

    Raises
    ------
    LocalProtocolError
        If `what` is none of these, or nobody told of it.
    """
    called = named or {}
    if isinstance(what, Record) and isinstance(what.event, Finished):
        return _asked(what.event, what.node, called)
    if isinstance(what, Finished):
        return _asked(what, source or "", called)
    if isinstance(what, Record) and hasattr(what.event, "sender"):
        return told(same_news(what.event, trace) or [what], called)
    if isinstance(what, (bytes, str, int)):
        return told(news_of(what, trace), called)
    flights = getattr(what, "flights", what)
    if isinstance(flights, (list, tuple)):
        return _listed(list(flights), trace, called)
    raise LocalProtocolError(_NO_PATH.format(type(what).__name__))


_NO_PATH = (
    "no path can be made of a {}: give a record of Finished or of an event with a "
    "sender, the id of what was told together with the trace, or a window of messages"
)


def _asked(finished: Finished, source: str, named: Mapping[Any, str]) -> list[Hop]:
    tree = referrers(finished)
    rows = enumerate(finished.steps, start=1)
    return [
        Hop(
            step.asked_s,
            step.ended_s - step.asked_s,
            source if (by := _asker(step, finished.steps, tree)) is None
            else name_of(by, named),
            name_of(step.peer, named),
            finished.verb,
            step.outcome == ANSWERED,
            number,
            max(step.hop, 1),
        )
        for number, step in rows
    ]  # fmt: skip


def _asker(
    step: Step, steps: tuple[Step, ...], tree: Mapping[int, int | None]
) -> int | None:
    """Return who sent us to a peer: who named it, or in a walk the one hop before."""
    if tree[step.peer] is not None or step.hop <= 1:
        return tree[step.peer]
    before = [other.peer for other in steps if other.hop == step.hop - 1]
    return before[0] if len(before) == 1 else None


def _listed(
    rows: list[Any], trace: Iterable[Record], named: Mapping[Any, str]
) -> list[Hop]:
    if all(isinstance(row, Hop) for row in rows):
        return rows
    if all(isinstance(row, Record) for row in rows):
        return _of_records(rows, trace, named)
    if not all(hasattr(row, "sent_s") for row in rows):
        raise LocalProtocolError(_NO_PATH.format(f"list of {type(rows[0]).__name__}"))
    timed = sorted(rows, key=_begin_s)
    return [
        Hop(
            _begin_s(row),
            _took_s(row),
            row.source,
            row.target,
            row.kind,
            not row.lost,
            number,
        )
        for number, row in enumerate(timed, start=1)
    ]


def _of_records(
    rows: list[Record], trace: Iterable[Record], named: Mapping[Any, str]
) -> list[Hop]:
    tellings = [row for row in rows if hasattr(row.event, "sender")]
    if tellings:
        return told(same_news(tellings[0].event, tellings), named)
    hops = [hop for row in rows for hop in hops_of(row, trace, named)]
    hops.sort(key=lambda hop: hop.at_s)
    return [
        msgspec.structs.replace(hop, number=number)
        for number, hop in enumerate(hops, start=1)
    ]


def _begin_s(flight: Any) -> float:
    return float(flight.heard_s if flight.sent_s is None else flight.sent_s)


def _took_s(flight: Any) -> float:
    known = flight.sent_s is not None and flight.heard_s is not None
    return float(flight.heard_s - flight.sent_s) if known else 0.0
