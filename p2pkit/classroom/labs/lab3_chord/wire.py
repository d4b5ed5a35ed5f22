"""What the members of lab 3 say to each other, and what they are given."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Contact, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

MAX_BITS = 32
MAX_HOPS = 1_000
MAX_LIST = 16

Key = Annotated[int, Meta(ge=0, lt=2**MAX_BITS)]
Tag = Annotated[int, Meta(ge=0, lt=2**31)]
Hops = Annotated[int, Meta(ge=0, le=MAX_HOPS)]
Contacts = Annotated[tuple[Contact, ...], Meta(max_length=MAX_LIST)]


class Find(Message, frozen=True):
    """Who owns this key? Tell the asker, not me; `hops` counts the ways so far."""

    tag: Tag
    key: Key
    asker: Contact
    hops: Hops = 0


class Found(Message, frozen=True):
    """Answer to the asker of a `Find`: this is the owner."""

    tag: Tag
    key: Key
    owner: Contact
    hops: Hops


class Ask(Message, frozen=True):
    """Question to a successor: who stands before you, and who comes after you."""

    tag: Tag


class Neighbors(Message, frozen=True):
    """Answer to `Ask`: the predecessor if there is one, and the next nodes."""

    tag: Tag
    me: Contact
    predecessor: Contact | None
    successors: Contacts


class Notify(Message, frozen=True):
    """I believe that I stand right before you."""

    me: Contact


class Located(Event, frozen=True):
    """A lookup that somebody asked for has found the owner of its key."""

    tag: int
    key: int
    owner: int
    hops: int


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a member.

    Parameters
    ----------
    bits : int
        Ids and keys are numbers below ``2 ** bits``.
    successors : int
        Length of the successor list.
    stabilize_s, fix_s : float
        Seconds between two rounds of stabilizing, and between two fingers.
    answer_s : float
        Seconds until a member that does not answer counts as silent.
    """

    bits: Annotated[int, Meta(ge=4, le=MAX_BITS)] = 16
    successors: Annotated[int, Meta(ge=1, le=MAX_LIST)] = 4
    stabilize_s: Annotated[float, Meta(gt=0.0)] = 1.0
    fix_s: Annotated[float, Meta(gt=0.0)] = 0.25
    answer_s: Annotated[float, Meta(gt=0.0)] = 0.4


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    bits, successors : int
        As in `Config`.
    nodes : int
        Members of your ring.
    seed : int
        Starts all chance of your own run.
    """

    bits: int
    successors: int
    nodes: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        bits=rng.choice((16, 18, 20, 22, 24)),
        successors=rng.choice((3, 4, 5)),
        nodes=rng.randint(24, 36),
        seed=rng.randrange(1, 1_000_000),
    )


MESSAGES = (Find, Found, Ask, Neighbors, Notify)

SPEC = ProtocolSpec(
    codec=MsgpackCodec(*MESSAGES, max_bytes=2_048),
    config=Config,
    verbs=("locate", "table"),
    events=(Located,),
    messages=MESSAGES,
)


def config_of(case: Any) -> Config:
    """Return the settings of a case."""
    return Config(bits=case["bits"], successors=case["successors"])
