"""What the stations of lab 1 say to each other, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Address, Context, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

ID_BYTES = 8
MAX_BODY_BYTES = 200
MAX_IDS = 64
"""Ids in one message at most: 64 of 8 bytes each fit a datagram twice over."""

RumorId = Annotated[bytes, Meta(min_length=ID_BYTES, max_length=ID_BYTES)]
RumorIds = Annotated[tuple[RumorId, ...], Meta(max_length=MAX_IDS)]
Body = Annotated[bytes, Meta(max_length=MAX_BODY_BYTES)]
Hops = Annotated[int, Meta(ge=0, le=65_535)]


class Tell(Message, frozen=True):
    """The news, and how many times it has been passed on."""

    body: Body
    hops: Hops = 0


class Known(Message, frozen=True):
    """Answer to a telling: I knew that already."""

    rumor: RumorId


class Digest(Message, frozen=True):
    """The ids of all the news I hold, sorted; you are welcome to compare."""

    rumors: RumorIds


class Want(Message, frozen=True):
    """Answer to a digest: please tell me these, sorted."""

    rumors: RumorIds


class Learned(Event, frozen=True):
    """A station heard a rumor for the first time, after so many hops."""

    rumor: bytes
    hops: int


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a station.

    Parameters
    ----------
    fanout : int
        Peers that `Push` tells.
    k : int
        Answers of ``Known`` after which `Monger` loses interest.
    round_s, repair_s : float
        Seconds between two rounds of telling, and of comparing.
    """

    fanout: Annotated[int, Meta(ge=1, le=64)] = 3
    k: Annotated[int, Meta(ge=1, le=100)] = 2
    round_s: Annotated[float, Meta(gt=0.0)] = 0.2
    repair_s: Annotated[float, Meta(gt=0.0)] = 1.0


class Station:
    """What your classes begin with: a context, settings, and peers to talk to.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(peer, message)``, ``ctx.after(delay_s, call)``, ``ctx.emit(event)``,
        ``ctx.now()``, and ``ctx.rng``, your only source of chance.
    config : Config
        Settings.
    view : tuple of Address
        The peers that this station may talk to; itself is not among them.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.view: tuple[Address, ...] = ()

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Keep the contacts as the view, and begin."""
        self.view = tuple(contacts)
        self.begin()

    def begin(self) -> None:
        """Begin, once the view is there: the place to set the first timer."""

    def pick(self, count: int = 1) -> list[Address]:
        """Return `count` different peers of the view at random, or all there are."""
        return self.ctx.rng.sample(self.view, min(count, len(self.view)))

    def somewhen(self, period_s: float) -> float:
        """Return a random moment of a period, so that not all stations act at once."""
        return self.ctx.rng.random() * period_s


def rumor_id(body: bytes) -> bytes:
    """Return the id of a text: a hash, so that nobody can tell another one under it.

    Examples
    --------
    >>> rumor_id(b"storm warning").hex()[:8]
    '9b1fe7fa'
    """
    return blake2b(body, digest_size=ID_BYTES).digest()


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    nodes : int
        Stations on your coast.
    fanout, k : int
        As in `Config`.
    degree : int
        Peers that each station has in the part on repair.
    seed : int
        Of the run that the questions are about.
    """

    nodes: int
    fanout: int
    k: int
    degree: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        nodes=2 * rng.randint(24, 36),
        fanout=rng.choice((2, 3)),
        k=rng.choice((1, 2)),
        degree=rng.choice((4, 5, 6)),
        seed=rng.randrange(1_000_000),
    )


SPEC = ProtocolSpec(
    codec=MsgpackCodec(Tell, Known, Digest, Want),
    config=Config,
    verbs=("publish", "knows"),
    events=(Learned,),
    messages=(Tell, Known, Digest, Want),
)


def config_of(case: Any) -> Config:
    """Return the settings of a case."""
    return Config(fanout=case["fanout"], k=case["k"])
