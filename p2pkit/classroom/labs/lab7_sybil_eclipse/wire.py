"""What the keepers of lab 7 say to each other, and where they are."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core import Contact, Event, Message, MsgpackCodec, Rng, Settings
from p2pkit.harness import ProtocolSpec

ID_BITS = 32
"""Few enough that an attacker tries ids by the thousand in a blink."""

MAX_PEERS = 64
MAX_VALUE_BYTES = 64
MAX_BYTES = 4096
"""Of one message: 64 contacts of 30 bytes each fit twice over."""

Id = Annotated[int, Meta(ge=0, lt=1 << ID_BITS)]
Tid = Annotated[int, Meta(ge=0, lt=1 << 32)]
Value = Annotated[bytes, Meta(max_length=MAX_VALUE_BYTES)]
Peers = Annotated[tuple[Contact, ...], Meta(max_length=MAX_PEERS)]


class Find(Message, frozen=True):
    """A question: the value of this key, please, or who is nearer to it.

    Parameters
    ----------
    tid : int
        Number of the question, which the answer repeats.
    me : int
        Id of who asks.
    key : int
        What is looked for.
    """

    tid: Tid
    me: Id
    key: Id


class Found(Message, frozen=True):
    """Answer to `Find`: the nearest peers that I know, and the value if I hold it.

    An empty value means that there is none here.
    """

    tid: Tid
    me: Id
    peers: Peers = ()
    value: Value = b""


class Store(Message, frozen=True):
    """Please keep this value. Its key is its hash, so nobody can forge one."""

    me: Id
    value: Value


class Ping(Message, frozen=True):
    """A question whether somebody is there."""

    tid: Tid
    me: Id


class Pong(Message, frozen=True):
    """Answer to `Ping`."""

    tid: Tid
    me: Id


class Read(Event, frozen=True):
    """A read has ended; the value is empty if it was not found."""

    key: int
    value: bytes


class Config(Settings, frozen=True, kw_only=True):
    """Settings of a keeper.

    Parameters
    ----------
    k : int
        Peers that hold a value, contacts in a bucket, and peers in an answer.
    alpha : int
        Questions on their way at once.
    asks : int
        Peers that one path of a read may ask.
    paths : int
        Paths that a read may try, one after the other.
    patience_s : float
        Seconds after which a question is sent again, and then given up.
    """

    k: Annotated[int, Meta(ge=1, le=MAX_PEERS)] = 4
    alpha: Annotated[int, Meta(ge=1, le=16)] = 2
    asks: Annotated[int, Meta(ge=1, le=100)] = 8
    paths: Annotated[int, Meta(ge=1, le=8)] = 3
    patience_s: Annotated[float, Meta(gt=0.0)] = 0.5


def key_of(value: bytes) -> int:
    """Return the key of a value: its hash.

    Examples
    --------
    >>> key_of(b"the library opens at nine") >> 24
    220
    """
    return _hash(b"value/" + value, 4)


def make_id(number: int) -> int:
    """Return the id that the `number`-th key pair of a peer would have.

    In a network that takes the hash of a public key for an id, nobody can choose one;
    but anybody may make key pairs, and keep the one that suits. Each costs a try.

    Examples
    --------
    >>> make_id(0) == make_id(0) != make_id(1)
    True
    """
    return _hash(b"pair/%d" % number, 4)


def net_of(host: str) -> str:
    """Return the /24 that a host is in.

    Examples
    --------
    >>> net_of("127.1.9.20")
    '127.1.9'
    """
    return host.rpartition(".")[0]


def id_at(host: str) -> int:
    """Return the only id that a host may have, where ids are bound to addresses.

    The first half comes from the /24, the second from the machine in it. Of the /24
    its last number counts alone: the two before it are the same for all here.

    Examples
    --------
    >>> one, other = id_at("127.1.9.20"), id_at("127.1.9.21")
    >>> one >> 16 == other >> 16, one == other
    (True, False)
    """
    net, machine = host.split(".")[2:]
    near, far = _hash(b"net/" + net.encode(), 2), _hash(b"host/" + machine.encode(), 2)
    return near << 16 | far


def _hash(data: bytes, size: int) -> int:
    return int.from_bytes(blake2b(data, digest_size=size).digest(), "big")


class Parameters(Settings, frozen=True, kw_only=True):
    """What differs from student to student.

    Parameters
    ----------
    nodes : int
        Honest keepers in your network.
    k : int
        As in `Config`.
    slots : int
        Identities that the attacker has.
    tries : int
        Key pairs that the attacker can afford to make.
    seed : int
        Of the run that the questions are about.
    """

    nodes: int
    k: int
    slots: int
    tries: int
    seed: int


def draw(rng: Rng) -> Parameters:
    """Draw the parameters of one student."""
    return Parameters(
        nodes=2 * rng.randint(18, 22),
        k=4,
        slots=rng.choice((8, 9, 10)),
        tries=1000 * rng.randint(18, 24),
        seed=rng.randrange(1_000_000),
    )


MESSAGES = (Find, Found, Store, Ping, Pong)

SPEC = ProtocolSpec(
    codec=MsgpackCodec(*MESSAGES, max_bytes=MAX_BYTES),
    config=Config,
    verbs=("publish", "read"),
    events=(Read,),
    messages=MESSAGES,
)

LIAR_SPEC = ProtocolSpec(
    codec=SPEC.codec,
    config=Config,
    verbs=("aim",),
    events=(Read,),
    messages=MESSAGES,
)


def config_of(case: Any, **changes: Any) -> Config:
    """Return the settings of a case."""
    return Config.of(Config(k=case["k"]), **changes)
