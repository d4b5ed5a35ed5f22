"""What the libraries of lab 2 say to each other, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import (
    Address,
    Context,
    Event,
    Message,
    MsgpackCodec,
    Rng,
    Settings,
    topologies,
)
from p2pkit.harness import ProtocolSpec

ID_BYTES = 8
MAX_TEXT = 100

QueryId = Annotated[bytes, Meta(min_length=ID_BYTES, max_length=ID_BYTES)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Count = Annotated[int, Meta(ge=0, le=65_535)]


class Query(Message, frozen=True):
    """A question that floods: who asks for what, and how far it may still go.

    Parameters
    ----------
    id : bytes
        The question's own, drawn by who asks.
    text : str
        The title that is looked for.
    asker : Address
        Where hits go.
    ttl : int
        Links that it may cross, the one that it comes by included.
    hops : int
        Links that it has crossed before.
    """

    id: QueryId
    text: Text
    asker: Address
    ttl: Count
    hops: Count = 0


class Walk(Message, frozen=True):
    """A question that walks: as `Query`, with steps in place of the TTL, and no id."""

    text: Text
    asker: Address
    steps: Count
    hops: Count = 0


class Hit(Message, frozen=True):
    """Answer to who asks: I have it, and the question came to me over so many links."""

    text: Text
    hops: Count


class Found(Event, frozen=True):
    """A hit has come home."""

    text: str
    hops: int


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a library.

    Parameters
    ----------
    ttl : int
        How far `Flood` asks.
    ttls : tuple of int
        How far `Ring` asks, one after the other.
    patience_s : float
        Seconds that `Ring` waits for a hit before it asks farther.
    walkers, steps : int
        How many `Walkers` send out, and links that each may cross.
    """

    ttl: Annotated[int, Meta(ge=1, le=255)] = 7
    ttls: tuple[int, ...] = (1, 2, 3, 5)
    patience_s: Annotated[float, Meta(gt=0.0)] = 1.0
    walkers: Annotated[int, Meta(ge=1, le=64)] = 4
    steps: Annotated[int, Meta(ge=1, le=10_000)] = 10


class Library:
    """What your classes begin with: titles on a shelf, and neighbors to ask.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(peer, message)``, ``ctx.after(delay_s, call)``, ``ctx.emit(event)``,
        ``ctx.me.address``, and ``ctx.rng``, your only source of chance.
    config : Config
        Settings.
    view : tuple of Address
        The neighbors; only they are ever asked. Hits go straight to the asker.
    shelf : dict
        The titles that are here.
    hits : dict
        By title, how many hits have come home.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.view: tuple[Address, ...] = ()
        self.shelf: dict[str, bool] = {}
        self.hits: dict[str, int] = {}

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Keep the contacts as neighbors."""
        self.view = tuple(contacts)

    def share(self, text: str) -> None:
        """Put a title on the shelf."""
        self.shelf[text] = True

    def found(self, text: str) -> int:
        """Return how many hits for a title have come home."""
        return self.hits.get(text, 0)

    def new_id(self) -> bytes:
        """Return an id for a new question."""
        return self.ctx.rng.randbytes(ID_BYTES)

    def receive(self, sender: Address, message: Query | Walk | Hit) -> None:
        """Handle one message: yours are `on_query` and `on_walk`."""
        if isinstance(message, Hit):
            self.hits[message.text] = self.hits.get(message.text, 0) + 1
            self.ctx.emit(Found(message.text, message.hops))
        elif isinstance(message, Query):
            self.on_query(sender, message)
        else:
            self.on_walk(sender, message)

    def on_query(self, sender: Address, query: Query) -> None:
        """Handle a question that floods; here nothing happens."""

    def on_walk(self, sender: Address, walk: Walk) -> None:
        """Handle a question that walks; here nothing happens."""


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    nodes, degree : int
        Libraries in your network, and neighbors of each.
    walkers, steps : int
        As in `Config`.
    asker : int
        Who asks in your own run.
    seed : int
        Of your network, and of your own run.
    """

    nodes: int
    degree: int
    walkers: int
    steps: int
    asker: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        nodes=2 * rng.randint(20, 30),
        degree=rng.choice((4, 5)),
        walkers=rng.choice((3, 4, 5)),
        steps=rng.randint(8, 12),
        asker=rng.randrange(40),
        seed=rng.randrange(1_000_000),
    )


SPEC = ProtocolSpec(
    codec=MsgpackCodec(Query, Walk, Hit),
    config=Config,
    verbs=("search", "share", "found"),
    events=(Found,),
    messages=(Query, Walk, Hit),
)

FAR = 100
"""A TTL that is no limit in networks of a hundred."""


def config_of(case: Any, **changes: Any) -> Config:
    """Return the settings of a case."""
    return Config.of(Config(walkers=case["walkers"], steps=case["steps"]), **changes)


def network_of(case: Any, seed: int) -> topologies.Links:
    """Return a random network in which all have equally many neighbors."""
    return topologies.regular(case["nodes"], case["degree"], seed)
