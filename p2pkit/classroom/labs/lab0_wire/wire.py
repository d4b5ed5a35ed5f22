"""What the nodes of lab 0 say to each other, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Address, Context, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

Number = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Ping(Message, frozen=True):
    """Are you there? `number` says which ping it is, `clock` is the sender's."""

    number: Number
    clock: Number = 0


class Pong(Message, frozen=True):
    """Yes: the answer to the ping of that number."""

    number: Number
    clock: Number = 0


class Answered(Event, frozen=True):
    """A ping was answered, after so many tries."""

    number: int
    tries: int


class GaveUp(Event, frozen=True):
    """A ping was not answered, and is tried no more."""

    number: int


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a node.

    Parameters
    ----------
    timeout_s : float
        Seconds to wait for an answer.
    tries : int
        Pings that are sent before a node gives up.
    """

    timeout_s: Annotated[float, Meta(gt=0.0)] = 0.5
    tries: Annotated[int, Meta(ge=1, le=20)] = 3


class Node:
    """What your class begins with: a context, settings, peers, and a clock at 0."""

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.view: tuple[Address, ...] = ()
        self.clock = 0

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Keep the contacts as the view."""
        self.view = tuple(contacts)


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    nodes : int
        How many there are in your own run.
    tries : int
        As in `Config`.
    seed : int
        Of your own run.
    """

    nodes: int
    tries: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        nodes=rng.randint(8, 12), tries=rng.choice((2, 3)), seed=rng.randrange(10**6)
    )


CODEC = MsgpackCodec(Ping, Pong)

SPEC = ProtocolSpec(
    codec=CODEC,
    config=Config,
    verbs=("ping",),
    events=(Answered, GaveUp),
    messages=(Ping, Pong),
)


def config_of(case: Any) -> Config:
    """Return the settings of a case."""
    return Config(tries=case["tries"])
