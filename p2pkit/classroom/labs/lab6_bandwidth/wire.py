"""What the stations of lab 6 say to each other, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Address, Context, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec, Run

SUMMARY_BYTES = 8
MAX_STATIONS = 64
"""Stations of one network; all their readings in one message fit a datagram."""

HEADER_BYTES = 14 + 20 + 8
"""Ethernet, IPv4 and UDP around each datagram."""

Station = Annotated[int, Meta(ge=0, lt=MAX_STATIONS)]
Version = Annotated[int, Meta(ge=1, lt=1 << 32)]
Value = Annotated[bytes, Meta(max_length=64)]
Item = tuple[Station, Version, Value]
Named = tuple[Station, Version]


class Readings(Message, frozen=True):
    """Readings: of each the station it is from, its version, and its value."""

    items: Annotated[tuple[Item, ...], Meta(max_length=MAX_STATIONS)]


class Digest(Message, frozen=True):
    """A hash of all that I hold: if yours is the same, we hold the same."""

    summary: Annotated[bytes, Meta(min_length=SUMMARY_BYTES, max_length=SUMMARY_BYTES)]


class Versions(Message, frozen=True):
    """Which version I hold of each station's reading, sorted by station."""

    held: Annotated[tuple[Named, ...], Meta(max_length=MAX_STATIONS)]


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a station.

    Parameters
    ----------
    period_s : float
        Seconds between two times that a station speaks unasked.
    """

    period_s: Annotated[float, Meta(gt=0.0)] = 1.0


class Chatty:
    """A station that tells everybody everything: the protocol that you will mend.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(peer, message)``, ``ctx.after(delay_s, call)``, ``ctx.now()``, and
        ``ctx.rng``, your only source of chance.
    config : Config
        Settings.
    view : tuple of Address
        The peers that this station may talk to.
    board : dict of int to (int, bytes)
        The newest version and value it has of each station's reading.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.view: tuple[Address, ...] = ()
        self.board: dict[int, tuple[int, bytes]] = {}

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Keep the contacts as the view, and begin somewhen in a period."""
        self.view = tuple(contacts)
        self.ctx.after(self.ctx.rng.random() * self.config.period_s, self.on_period)

    def measure(self, station: int, value: bytes) -> None:
        """Take up a new value of our own."""
        version, _ = self.board.get(station, (0, b""))
        self.board[station] = version + 1, value

    def holds(self, station: int) -> bytes:
        """Return the newest value we have of a station; nothing if there is none."""
        return self.board.get(station, (0, b""))[1]

    def receive(self, sender: Address, message: Any) -> None:
        """Take in what is newer than what we have."""
        if isinstance(message, Readings):
            self.take_in(message.items)

    def on_period(self) -> None:
        """Tell all peers all we know, and see to the next time."""
        if self.board:
            for peer in self.view:
                self.ctx.send(peer, readings_of(self.board))
        self.ctx.after(self.config.period_s, self.on_period)

    def take_in(self, items: Sequence[Item]) -> list[int]:
        """Keep what is newer; return whose readings those are."""
        newer = []
        for station, version, value in items:
            if version > self.board.get(station, (0, b""))[0]:
                self.board[station] = version, value
                newer.append(station)
        return newer


def readings_of(
    board: dict[int, tuple[int, bytes]], stations: Sequence[int] | None = None
) -> Readings:
    """Return a message with the readings of some stations, or of all on a board."""
    some = sorted(board if stations is None else stations)
    return Readings(tuple((one, *board[one]) for one in some if one in board))


def versions_of(board: dict[int, tuple[int, bytes]]) -> Versions:
    """Return a message that says which versions are on a board.

    Examples
    --------
    >>> versions_of({3: (2, b"warm"), 1: (1, b"cold")}).held
    ((1, 1), (3, 2))
    """
    return Versions(tuple((one, board[one][0]) for one in sorted(board)))


def summary_of(board: dict[int, tuple[int, bytes]]) -> bytes:
    """Return a hash of a board: the same for the same readings in any order.

    Examples
    --------
    >>> summary_of({1: (1, b"a"), 2: (1, b"b")}) == summary_of(
    ...     {2: (1, b"b"), 1: (1, b"a")}
    ... )
    True
    """
    text = repr(sorted(board.items())).encode()
    return blake2b(text, digest_size=SUMMARY_BYTES).digest()


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    dht_nodes : int
        Nodes of the network that your capture is from.
    mtu : int
        Bytes of the longest IP packet on your link.
    nodes, degree : int
        Stations of the network that you make thrifty, and peers of each.
    seed : int
        Of your capture and of your own run.
    """

    dht_nodes: int
    mtu: int
    nodes: int
    degree: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        dht_nodes=rng.randint(9, 14),
        mtu=rng.choice((576, 1280, 1400, 1492, 1500)),
        nodes=2 * rng.randint(8, 12),
        degree=rng.choice((4, 5, 6)),
        seed=rng.randrange(1_000_000),
    )


SPEC = ProtocolSpec(
    codec=MsgpackCodec(Readings, Digest, Versions),
    config=Config,
    verbs=("measure", "holds"),
    messages=(Readings, Digest, Versions),
)


def wire_bytes(run: Run) -> int:
    """Return the bytes of a run on the wire, headers included."""
    return run.journal.bytes_sent() + HEADER_BYTES * run.journal.count("sent")
