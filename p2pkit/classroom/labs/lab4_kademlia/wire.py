"""What the nodes of lab 4 say to each other, and what they are given."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Contact, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

BITS = 32
"""Ids and keys are numbers below ``2 ** BITS``."""

MAX_K = 32
MAX_VALUE_BYTES = 200

Id = Annotated[int, Meta(ge=0, lt=2**BITS)]
Tag = Annotated[int, Meta(ge=0, lt=2**31)]
Contacts = Annotated[tuple[Contact, ...], Meta(max_length=MAX_K)]
Data = Annotated[bytes, Meta(max_length=MAX_VALUE_BYTES)]


class Ping(Message, frozen=True):
    """Question whether somebody is there."""

    tag: Tag
    me: Contact


class Pong(Message, frozen=True):
    """Answer to `Ping`: I am."""

    tag: Tag
    me: Contact


class FindNode(Message, frozen=True):
    """Question for the contacts closest to an id."""

    tag: Tag
    me: Contact
    target: Id


class Nodes(Message, frozen=True):
    """Answer: the closest that I know, the closest first."""

    tag: Tag
    me: Contact
    contacts: Contacts


class FindValue(Message, frozen=True):
    """Question for a value, or else for the contacts closest to its key."""

    tag: Tag
    me: Contact
    key: Id


class Value(Message, frozen=True):
    """Answer: I have it."""

    tag: Tag
    me: Contact
    value: Data


class Store(Message, frozen=True):
    """Please keep this value."""

    me: Contact
    key: Id
    value: Data


class Ended(Event, frozen=True):
    """A lookup has ended: the closest nodes that were found, or the value."""

    tag: int
    target: int
    closest: tuple[int, ...] = ()
    value: bytes | None = None


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a node.

    Parameters
    ----------
    k : int
        Contacts in a bucket, in an answer, and copies of a value.
    alpha : int
        Questions that one lookup has under way at most.
    answer_s : float
        Seconds until a node that does not answer counts as silent.
    refresh_s : float
        Seconds between two lookups of a random id, which keep buckets filled.
    """

    k: Annotated[int, Meta(ge=1, le=MAX_K)] = 8
    alpha: Annotated[int, Meta(ge=1, le=16)] = 3
    answer_s: Annotated[float, Meta(gt=0.0)] = 0.5
    refresh_s: Annotated[float, Meta(gt=0.0)] = 5.0


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    k, alpha : int
        As in `Config`.
    nodes : int
        Nodes of your overlay.
    seed : int
        Starts all chance of your own run.
    """

    k: int
    alpha: int
    nodes: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        k=rng.choice((5, 6, 7, 8)),
        alpha=rng.choice((2, 3, 4)),
        nodes=rng.randint(40, 60),
        seed=rng.randrange(1, 1_000_000),
    )


MESSAGES = (Ping, Pong, FindNode, Nodes, FindValue, Value, Store)

SPEC = ProtocolSpec(
    codec=MsgpackCodec(*MESSAGES, max_bytes=2_048),
    config=Config,
    verbs=("find", "put", "get", "bucket", "holds"),
    events=(Ended,),
    messages=MESSAGES,
)


def config_of(case: Any) -> Config:
    """Return the settings of a case."""
    return Config(k=case["k"], alpha=case["alpha"])
