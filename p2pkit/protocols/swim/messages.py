"""Messages of SWIM as memberlist speaks it: probes, claims about members, tables.

A *probe* asks whether a member is there, itself or through helpers. A *claim* says
what somebody believes of a member: alive, suspect or dead, at an incarnation number
that the member alone may raise. A *table* is everything one node believes, for another
to compare over a stream. Members are known by name; a ping carries the name it means.
Source: A. Das, I. Gupta, A. Motivala, "SWIM", DSN 2002, sections 3 and 4; the layout
is that of memberlist, protocol versions 1 to 5.
Read next: ``wire.py`` for the bytes, ``members.py`` for what claims do.
"""

from __future__ import annotations

from p2pkit.core import Address, Event, Message


class Ping(Message, frozen=True):
    """Are you there, you who are called `node`? Answered by `Ack` with `seq`."""

    seq: int
    node: str
    source: Address | None = None
    source_node: str = ""


class IndirectPing(Message, frozen=True):
    """Ping `node` at `target` for me; with `nack`, say so if it does not answer."""

    seq: int
    node: str
    target: Address
    nack: bool = True
    source: Address | None = None
    source_node: str = ""


class Ack(Message, frozen=True):
    """I am there, or a helper says that it is; serf adds its coordinates."""

    seq: int
    payload: bytes = b""


class Nack(Message, frozen=True):
    """A helper's word that it is there itself, and the member did not answer it."""

    seq: int


class Suspect(Message, frozen=True):
    """`by` had no answer from `node`, which was at this incarnation."""

    incarnation: int
    node: str
    by: str


class Alive(Message, frozen=True):
    """`node` is at `address`; `meta` is its own data, `vsn` six protocol versions."""

    incarnation: int
    node: str
    address: Address
    meta: bytes = b""
    vsn: bytes = b""


class Dead(Message, frozen=True):
    """`by` holds `node` for dead; said by the node itself, it has left."""

    incarnation: int
    node: str
    by: str


Claim = Alive | Suspect | Dead
"""What may be believed of a member."""


class Entry(Message, frozen=True):
    """One member in a table; `state` is 0 alive, 1 suspect, 2 dead, 3 left."""

    node: str
    address: Address
    meta: bytes
    incarnation: int
    state: int
    vsn: bytes = b""


class PushPull(Message, frozen=True):
    """All that the sender believes; on a stream, and answered with the same.

    `user_state` belongs to what runs above membership, such as serf.
    """

    join: bool
    entries: tuple[Entry, ...]
    user_state: bytes = b""


class User(Message, frozen=True):
    """A message of what runs above membership; we have nothing there."""

    payload: bytes


class Failure(Message, frozen=True):
    """Why a peer did not take what came on a stream."""

    text: str


class Unreadable(Message, frozen=True):
    """One part of a compound that does not decode; the others count all the same."""

    reason: str


class Compound(Message, frozen=True):
    """Several messages in one datagram: claims ride on probes."""

    parts: tuple[Message, ...]


class ViewChanged(Event, frozen=True):
    """The node believes something new of the member `peer`.

    `state` is one of ``alive``, ``suspect``, ``dead`` and ``left``.
    """

    peer: int
    name: str
    state: str
    incarnation: int


class ProbeFailed(Event, frozen=True):
    """A probe of the member `peer` that began at `began_s` brought no answer."""

    peer: int
    began_s: float
