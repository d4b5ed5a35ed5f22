"""What the members of lab 5 say to each other, and what they are given."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from p2pkit.core import Address, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

MOST_NEWS = 6
"""News in one message: six fit a datagram several times over."""

State = Literal["alive", "suspect", "dead"]
Tag = Annotated[int, Meta(ge=0, lt=2**31)]
Incarnation = Annotated[int, Meta(ge=0, lt=2**31)]


class News(msgspec.Struct, frozen=True):
    """What somebody believes of a member.

    Only the member itself raises its `incarnation`; it does so to object.
    """

    about: Address
    state: State
    incarnation: Incarnation = 0


AllNews = Annotated[tuple[News, ...], Meta(max_length=MOST_NEWS)]


class Beat(Message, frozen=True):
    """I am here; said to everybody, again and again."""


class Ping(Message, frozen=True):
    """Question whether somebody is there."""

    tag: Tag
    news: AllNews = ()


class PingReq(Message, frozen=True):
    """Please ping the target for me, and pass on its answer."""

    tag: Tag
    target: Address
    news: AllNews = ()


class Ack(Message, frozen=True):
    """Answer to `Ping`, with its tag; or to `PingReq`, with the tag of that."""

    tag: Tag
    news: AllNews = ()


class Down(Event, frozen=True):
    """A member has declared another one dead."""

    about: Address


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a member.

    Parameters
    ----------
    period_s : float
        Seconds between two beats, or two probes.
    silence_s : float
        Seconds without a beat after which `Heartbeat` declares a member dead.
    ack_s : float
        Seconds until helpers are asked; less than a third of a period.
    helpers : int
        How many are asked.
    suspicion_s : float
        Seconds that a suspect has to object.
    """

    period_s: Annotated[float, Meta(gt=0.0)] = 1.0
    silence_s: Annotated[float, Meta(gt=0.0)] = 3.5
    ack_s: Annotated[float, Meta(gt=0.0)] = 0.3
    helpers: Annotated[int, Meta(ge=0, le=16)] = 3
    suspicion_s: Annotated[float, Meta(gt=0.0)] = 12.0


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    helpers : int
        As in `Config`.
    nodes : int
        Members of your group.
    loss : float
        Share of the packets that get lost where your false alarms are counted.
    seed : int
        Starts all chance of your own run.
    """

    helpers: int
    nodes: int
    loss: float
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    helpers = rng.choice((1, 2, 3))
    return Parameters(
        helpers=helpers,
        nodes=rng.randint(20, 32),
        loss={1: 0.1, 2: 0.15, 3: 0.2}[helpers],
        seed=rng.randrange(1, 1_000_000),
    )


MESSAGES = (Beat, Ping, PingReq, Ack)

SPEC = ProtocolSpec(
    codec=MsgpackCodec(*MESSAGES), config=Config, verbs=("is_down",),
    events=(Down,), messages=MESSAGES,
)  # fmt: skip


def config_of(case: Any) -> Config:
    """Return the settings of a case."""
    return Config(helpers=case["helpers"])
