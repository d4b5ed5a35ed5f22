"""Who told whom: the hops of news that spread, out of events that name a sender.

Works for any protocol: an event with a field `sender` tells that its node heard
something from there (None: it began here), and its first field of bytes says of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from p2pkit.core import (
    Contact,
    Event,
    LocalProtocolError,
    Record,
    format_address,
    short,
)


class Hop(msgspec.Struct, frozen=True, gc=False):
    """One line of a path, from node to node.

    Parameters
    ----------
    at_s : float
        When it began, in seconds of the run; of news that spread, when it was heard.
    took_s : float
        Until the answer, or the arrival; 0 if not known.
    source, target : str
        Names. A lookup's source is who named the peer that is asked.
    label : str
        The verb, the event's class, or the message's class.
    ok : bool
        Whether it was answered, or arrived.
    number : int
        Its place in the path, from 1.
    depth : int
        How many hops from where the path began, from 1; 0 if not known.
    """

    at_s: float
    took_s: float
    source: str
    target: str
    label: str
    ok: bool
    number: int
    depth: int = 0


def same_news(event: Event, trace: Iterable[Record]) -> list[Record]:
    """Return the records of the same kind that are about the same as an event."""
    return [
        record
        for record in trace
        if type(record.event) is type(event)
        and subject_of(record.event) == subject_of(event)
    ]


def news_of(subject: Any, trace: Iterable[Record]) -> list[Record]:
    """Return the records that tell of a subject: of the first kind that does.

    Raises
    ------
    LocalProtocolError
        If there is none.
    """
    found = [
        record
        for record in trace
        if hasattr(record.event, "sender") and subject_of(record.event) == subject
    ]
    if not found:
        shown = subject.hex() if isinstance(subject, bytes) else subject
        reason = (
            f"nobody told of {shown}: the trace has no event with a sender that is "
            "about that id; give trace=cluster.trace, after it has spread"
        )
        raise LocalProtocolError(reason)
    return same_news(found[0].event, found)


def subject_of(event: Event) -> Any:
    """Return what an event is about: its first field of bytes, an id.

    Where it has none, its first field but the sender.
    """
    names = [one for one in event.__struct_fields__ if one != "sender"]
    values = [getattr(event, name) for name in names]
    ids = [value for value in values if isinstance(value, bytes)]
    return (ids or values or [None])[0]


def told(records: list[Record], named: Mapping[Any, str]) -> list[Hop]:
    """Return who told whom: a tree, for who hears it again knew it already."""
    depth: dict[str, int] = {}
    hops: list[Hop] = []
    for record in sorted(records, key=_when):
        sender = getattr(record.event, "sender", None)
        if record.node in depth:
            continue
        if sender is None:
            depth[record.node] = 0
            continue
        teller, label = name_of(sender, named), type(record.event).__name__
        depth[record.node] = depth.get(teller, 0) + 1
        hop = (record.at_s, 0.0, teller, record.node, label, True, len(hops) + 1)
        hops.append(Hop(*hop, depth[record.node]))
    return hops


def _when(record: Record) -> tuple[float, int]:
    # Hosts report in batches, so a trace may have a child before its parent; where
    # both are of one moment, fewer hops come first.
    return record.at_s, int(getattr(record.event, "hops", 0))


def name_of(who: Any, named: Mapping[Any, str]) -> str:
    """Return the name of a peer given by name, id, address or contact."""
    if isinstance(who, Contact):
        return named.get(who.id) or name_of(tuple(who.address), named)
    if isinstance(who, list):
        who = tuple(who)
    if who in named:
        return named[who]
    if isinstance(who, tuple):
        return format_address((str(who[0]), int(who[1])))
    if isinstance(who, bytes):
        return name_of(int.from_bytes(who, "big"), named)
    return short(who) if isinstance(who, int) else str(who)
