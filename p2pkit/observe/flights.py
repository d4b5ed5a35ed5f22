"""Flights: messages as both ends saw them, paired."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from p2pkit.core import Address, Codec, RemoteProtocolError, Sighting

SKEW_S = 0.005
"""How much two processes' clocks may differ: a message may seem heard before it was
sent."""

SHOWN_BYTES = 24
"""Bytes of a field that `decoded` writes out."""

SHOWN_ITEMS = 8
"""Items of a sequence that `decoded` writes out."""


class Flight(msgspec.Struct, frozen=True):
    """One message, from one node to another.

    Parameters
    ----------
    sent_s, heard_s : float or None
        When each end saw it, in seconds of the run; None if that end did not: it is
        still on its way, was lost, arrived twice, or is none of ours.
    source, target : str
        Names of the nodes; ``HOST:PORT`` of a foreign peer.
    kind : str
        Name of the message's class; empty if nobody decoded it.
    data : bytes
        The payload as it was on the wire.
    lost : str
        Why it got lost or was refused; empty if it was not, as far as is known.
    """

    sent_s: float | None
    heard_s: float | None
    source: str
    target: str
    kind: str
    data: bytes
    lost: str = ""

    @property
    def at_s(self) -> float:
        """When it was first seen."""
        return min(one for one in (self.sent_s, self.heard_s) if one is not None)


def pair(
    sightings: Iterable[Sighting], name_of: Callable[[Address], str]
) -> list[Flight]:
    """Return the flights behind what single ends saw, in order of time.

    Parameters
    ----------
    sightings : iterable of Sighting
        From any number of nodes, in any order; those of one node in the order of
        seeing.
    name_of : callable
        Gives the name of the node at an address.

    Notes
    -----
    Equal payloads between the same two nodes, as resent requests have, are paired in
    order: the first to arrive with the first that was sent and not dropped at once.
    """
    pairing = _Pairing(name_of)
    # What is lost at its sender follows its sending at once; the sort is stable.
    for one in sorted(sightings, key=lambda one: one.at_s):
        pairing.take(one)
    return sorted(map(_flight, pairing.drafts), key=lambda one: one.at_s)


class _Draft:
    """A flight that is being put together."""

    def __init__(self, source: str, target: str, sighting: Sighting) -> None:
        self.source, self.target = source, target
        self.kind, self.data = sighting.kind, sighting.data
        self.sent_s: float | None = None
        self.heard_s: float | None = None
        self.lost = ""


_Key = tuple[str, str, bytes]


class _Pairing:
    """Takes sightings in order of time, and finds those of the same message."""

    def __init__(self, name_of: Callable[[Address], str]) -> None:
        self._name_of = name_of
        self.drafts: list[_Draft] = []
        self._flying: dict[_Key, deque[_Draft]] = {}
        self._landed: dict[_Key, deque[_Draft]] = {}  # heard, and not seen being sent
        self._heard: dict[_Key, _Draft] = {}  # the last one heard

    def take(self, sighting: Sighting) -> None:
        """Take the next sighting."""
        peer = self._name_of(sighting.peer)
        out: _Key = (sighting.node, peer, sighting.data)
        back: _Key = (peer, sighting.node, sighting.data)
        if sighting.way == "sent":
            self._on_sent(out, sighting)
        elif sighting.way == "heard":
            self._on_heard(back, sighting)
        elif self._flying.get(out):
            self._flying[out].pop().lost = sighting.reason
        elif self._flying.get(back):
            self._flying[back].popleft().lost = sighting.reason
        elif back in self._heard:
            self._heard[back].lost = sighting.reason

    def _on_sent(self, key: _Key, sighting: Sighting) -> None:
        landed = self._landed.get(key)
        if landed and abs(sighting.at_s - (landed[0].heard_s or 0.0)) <= SKEW_S:
            landed.popleft().sent_s = sighting.at_s
            return
        draft = self._draft(key, sighting)
        draft.sent_s = sighting.at_s
        self._flying.setdefault(key, deque()).append(draft)

    def _on_heard(self, key: _Key, sighting: Sighting) -> None:
        flying = self._flying.get(key)
        if flying:
            draft = flying.popleft()
        else:
            draft = self._draft(key, sighting)
            self._landed.setdefault(key, deque()).append(draft)
        draft.heard_s = sighting.at_s
        self._heard[key] = draft

    def _draft(self, key: _Key, sighting: Sighting) -> _Draft:
        draft = _Draft(key[0], key[1], sighting)
        self.drafts.append(draft)
        return draft


def _flight(draft: _Draft) -> Flight:
    return Flight(
        draft.sent_s,
        draft.heard_s,
        draft.source,
        draft.target,
        draft.kind,
        draft.data,
        draft.lost,
    )


def decoded(flight: Flight | Sighting, codec: Codec) -> str:
    """Return what a message says, as text for people: its class, then its fields.

    What does not decode is said in a sentence; long values are cut, and say so.
    """
    try:
        message = codec.decode(flight.data)
    except RemoteProtocolError as error:
        return f"{len(flight.data)} bytes that do not decode: {error.reason}"
    fields = getattr(message, "__struct_fields__", ())
    lines = [f"  {name} = {_shown(getattr(message, name))}" for name in fields]
    return "\n".join([type(message).__name__, *lines])


def _shown(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        text = bytes(value[:SHOWN_BYTES]).hex()
        more = f"... ({len(value)} bytes)" if len(value) > SHOWN_BYTES else ""
        return f"{text}{more}" or "(empty)"
    if isinstance(value, (tuple, list)):
        items = ", ".join(_shown(one) for one in value[:SHOWN_ITEMS])
        more = f", ... ({len(value)} items)" if len(value) > SHOWN_ITEMS else ""
        return f"({items}{more})"
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        parts = (f"{name}={_shown(getattr(value, name))}" for name in names)
        return f"{type(value).__name__}({', '.join(parts)})"
    text = repr(value)
    return text if len(text) <= 4 * SHOWN_BYTES else f"{text[: 4 * SHOWN_BYTES]}..."
