"""Series behind the plots: numbers over time and over nodes, without any drawing."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from p2pkit.core import Counters, LocalProtocolError, Record
from p2pkit.observe.film import Film
from p2pkit.observe.paths import hops_of
from p2pkit.observe.told import subject_of
from p2pkit.view.measures import MEASURES, measured
from p2pkit.view.overlay import overlay_of

if TYPE_CHECKING:
    from p2pkit.observe.flights import Flight

STEPS = 50
"""Steps of a curve over time, if not said otherwise."""

EVERYTHING = "all messages"
"""Name of the curve where the source does not tell types apart."""


class Rates(NamedTuple):
    """Rates over time.

    `edges_s` are the bounds of the steps, in seconds of the run; `by_kind` has a rate
    a second for each step, the largest kind first.
    """

    edges_s: list[float]
    by_kind: dict[str, list[float]]


Sample = tuple[float, Counters]
"""Seconds of the run, and the counters of all nodes then."""


def rates(source: Any, what: str = "messages", step_s: float | None = None) -> Rates:
    """Return how much was sent a second, by type of message.

    Parameters
    ----------
    source : window, list of Flight, Film, or list of (float, Counters)
        A window, or its flights, counts each message when it was first seen. Counters
        at some moments give the steps between these. A film gives all types as one.
    what : {"messages", "bytes"}
        Messages, or bytes of payload.
    step_s : float, optional
        Length of a step; a fiftieth of the whole if not given. Counters have their
        own steps.

    Raises
    ------
    LocalProtocolError
        If the source is none of these, or `what` is neither.
    """
    if what not in ("messages", "bytes"):
        reason = f"rates are of messages or bytes, not of {what!r}"
        raise LocalProtocolError(reason)
    flights = getattr(source, "flights", source)
    if isinstance(flights, Film):
        return _of_samples(_film_samples(flights, what))
    if not isinstance(flights, (list, tuple)):
        reason = (
            f"no rates in a {type(source).__name__}: give a window of messages, a "
            "film, or a list of (seconds, counters)"
        )
        raise LocalProtocolError(reason)
    if flights and isinstance(flights[0], tuple):
        return _of_samples([(at_s, _totals(one, what)) for at_s, one in flights])
    return _of_flights(flights, what, step_s)


def _of_flights(flights: Sequence[Flight], what: str, step_s: float | None) -> Rates:
    if not flights:
        return Rates([], {})
    times = [one.at_s for one in flights]
    first_s, wide_s = min(times), (max(times) - min(times)) or 1e-3
    step_s = step_s or wide_s / STEPS
    steps = int(wide_s / step_s) + 1
    sums: dict[str, list[float]] = {}
    for flight in flights:
        row = sums.setdefault(flight.kind or "not decoded", [0.0] * steps)
        amount = 1 if what == "messages" else len(flight.data)
        row[min(int((flight.at_s - first_s) / step_s), steps - 1)] += amount / step_s
    edges_s = [first_s + i * step_s for i in range(steps + 1)]
    return Rates(edges_s, _largest_first(sums))


def _of_samples(samples: Sequence[tuple[float, Mapping[str, float]]]) -> Rates:
    kinds = dict.fromkeys(kind for _, totals in samples for kind in totals)
    rows: dict[str, list[float]] = {kind: [] for kind in kinds}
    edges_s = [at_s for at_s, _ in samples]
    for (begin_s, before), (end_s, after) in pairwise(samples):
        if end_s <= begin_s:
            reason = f"samples are in order of time, but {end_s} s follows {begin_s} s"
            raise LocalProtocolError(reason)
        for kind, row in rows.items():
            more = after.get(kind, 0.0) - before.get(kind, 0.0)
            # A node that restarts counts from zero again.
            row.append(max(more, 0.0) / (end_s - begin_s))
    return Rates(edges_s, _largest_first(rows))


def _totals(counters: Counters, what: str) -> dict[str, float]:
    tallies = counters.sent.items()
    if what == "messages":
        return {kind: float(tally.messages) for kind, tally in tallies}
    return {kind: float(tally.payload_bytes) for kind, tally in tallies}


def _film_samples(film: Film, what: str) -> list[tuple[float, dict[str, float]]]:
    first_s, last_s = film.span()
    quantity = "sent" if what == "messages" else "sent_bytes"
    scene = film.scene(first_s)
    nodes = {
        name: node.quantities.get(quantity, 0.0) for name, node in scene.nodes.items()
    }
    samples = [(first_s, {EVERYTHING: sum(nodes.values())})]
    least_s = (last_s - first_s) / STEPS
    for frame in film.between(first_s, last_s):
        for node in frame.nodes:
            nodes[node.name] = node.quantities.get(quantity, 0.0)
        if frame.at_s - samples[-1][0] >= least_s and frame.at_s > samples[-1][0]:
            samples.append((frame.at_s, {EVERYTHING: sum(nodes.values())}))
    return samples


def _largest_first(rows: dict[str, list[float]]) -> dict[str, list[float]]:
    return dict(sorted(rows.items(), key=lambda row: (-sum(row[1]), row[0])))


def coverage(trace: Iterable[Record], news: Any) -> list[tuple[float, int]]:
    """Return how many nodes had heard of something, and when: a staircase.

    Parameters
    ----------
    trace : iterable of Record
        The events.
    news : Record or id
        An event with a sender, or the id of what was told; see `hops_of`.

    Returns
    -------
    list of (float, int)
        Seconds of the run, and the nodes that know it from then on, in order. The
        node it began at counts, from the first moment seen.
    """
    records = list(trace)
    hops = hops_of(news, records)
    subject_begins = [record.at_s for record in records if _begins(record, news)]
    begin_s = min([*subject_begins, *(hop.at_s for hop in hops)], default=0.0)
    heard = sorted(hop.at_s for hop in hops)
    times = sorted({begin_s, *heard})
    return [(at_s, 1 + bisect_right(heard, at_s)) for at_s in times]


def _begins(record: Record, news: Any) -> bool:
    event = news.event if isinstance(news, Record) else None
    same = type(record.event) is type(event) if event else True
    is_origin = getattr(record.event, "sender", ...) is None
    about = subject_of(event) if event else news
    return same and is_origin and subject_of(record.event) == about


def degrees(overlay: Any) -> dict[int, int]:
    """Return how many nodes have how many neighbors, either way, by degree."""
    links = overlay_of(overlay).to_undirected(as_view=True)
    ours = [name for name, data in links.nodes.data() if data.get("state") != "foreign"]
    return dict(sorted(Counter(links.degree(name) for name in ours).items()))


def loads(overlay: Any, by: str = "load") -> dict[str, float]:
    """Return a number for each node, the largest first.

    Parameters
    ----------
    overlay : Cluster, Snapshot or Scene
        Whose nodes.
    by : str
        ``load``, ``traffic``, ``degree`` or ``in-degree``.
    """
    values, _ = measured(overlay_of(overlay), by)
    return dict(sorted(values.items(), key=lambda one: (-one[1], one[0])))


def said_of(by: str) -> str:
    """Return what a measure is, as an axis says it."""
    return MEASURES[by][0] if by in MEASURES else by


def lorenz(values: Iterable[float]) -> list[tuple[float, float]]:
    """Return which share of the whole the lowest share of the values have.

    Examples
    --------
    >>> lorenz([3, 1])
    [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]
    """
    ordered = sorted(values)
    whole = sum(ordered)
    sums = [0.0, *accumulate(ordered)]
    count = max(len(ordered), 1)
    return [(i / count, part / whole if whole else 0.0) for i, part in enumerate(sums)]


def gini(values: Iterable[float]) -> float:
    """Return the Gini coefficient: 0 if all are equal, near 1 if one has everything.

    Examples
    --------
    >>> gini([1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    points = lorenz(values)
    below = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
    return 1 - 2 * below if points[-1][1] else 0.0
