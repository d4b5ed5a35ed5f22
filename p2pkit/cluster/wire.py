"""The control plane's messages: pickles, over an encrypted channel of our own alone.

Only the controller and its own host processes hold the keys, which are made for one
cluster and handed over on an inherited channel. The data plane never unpickles.
"""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import zmq
import zmq.utils.z85

from p2pkit.cluster.structs import dumps
from p2pkit.core import ClusterError, Event, Record

HEARTBEAT_MS = 2_000
"""Time between two heartbeats on a control connection."""
SILENCE_MS = 30_000
"""How long a control connection may be silent. A host sees its controller's death at
once on its life line; this is for a connection that hangs, and long enough that a
controller stopped in a debugger keeps its cluster."""
MAX_IN_FLIGHT = 100_000
"""Calls that may wait for their reply; also the bound of each control socket."""


class Handover(msgspec.Struct, frozen=True):
    """What a host process must be told, on a channel that nobody else can read.

    Parameters
    ----------
    endpoint : str
        Where the controller listens, as ZeroMQ names it.
    server_key, public_key, secret_key : str
        CURVE keys in Z85: the controller's public one, and the pair of the hosts.
    sys_path : list of str
        Where the controller imports from, so that hosts find the same modules.
    preload : list of str
        Modules that the supervisor imports before it forks.
    """

    endpoint: str
    server_key: str
    public_key: str
    secret_key: str
    sys_path: list[str]
    preload: list[str]


def pack(value: Any) -> bytes:
    """Pickle a value of the controller: what its ``__main__`` holds goes by value."""
    return dumps(value)


def pack_reply(kind: str, number: int, value: Any) -> bytes:
    """Pack what a host says: its value apart, so that a bad one spoils nothing else.

    Values go by reference where that will do: it is faster.
    """
    try:
        inner = pickle.dumps(value, protocol=5)
    except (pickle.PicklingError, AttributeError, TypeError):
        inner = pack(value)
    return pickle.dumps((kind, number, inner), protocol=5)


def pack_error(call: int, error: BaseException) -> bytes:
    """Pack a failed call; an error that cannot be sent goes as a sentence."""
    try:
        data = pack_reply("failed", call, error)
        unpack(unpack(data)[2])  # some errors pickle well and cannot be made again
    except Exception:  # noqa: BLE001  # whatever a student's error class raises
        sentence = ClusterError(f"{type(error).__name__}: {error}")
        data = pack_reply("failed", call, sentence)
    return data


class NotSent(Event, frozen=True):
    """Stands in a trace for an event that could not leave its host process.

    Parameters
    ----------
    event : str
        The event's class.
    why : str
        What became of it, and what to do, as a sentence.
    """

    event: str
    why: str


def pack_records(let_go: int, records: list[Record]) -> bytes:
    """Pack what nodes reported; an event that cannot be sent goes as `NotSent`."""
    try:
        return pack_reply("records", let_go, records)
    except Exception:  # noqa: BLE001  # pickling may raise anything
        sendable = [_sendable(one) for one in records]
        return pack_reply("records", let_go, sendable)


def _sendable(record: Record) -> Record:
    try:
        pack_reply("records", 0, record)
    except Exception as error:  # noqa: BLE001  # pickling may raise anything
        why = (
            "this event cannot be sent out of its host process "
            f"({type(error).__name__}: {error}): put plain values into events"
        )
        event = NotSent(type(record.event).__name__, why)
        return Record(record.at_s, record.node, event)
    return record


def pack_news(news: bytes) -> bytes:
    """Pack what changed at a host's nodes, see `cluster.news`."""
    return pack_reply("news", 0, news)


def unpack_value(kind: str, inner: bytes) -> tuple[str, Any]:
    """Unpack what a host says; what cannot be made again here is a failure."""
    try:
        return kind, unpack(inner)
    except Exception as error:  # noqa: BLE001  # whatever a student's class raises
        sentence = (
            "the result cannot be made again in this process "
            f"({type(error).__name__}: {error}): return plain values from verbs"
        )
        return "failed", ClusterError(sentence)


unpack = pickle.loads


def make_keys() -> tuple[str, str]:
    """Return a new CURVE pair, public and secret, in Z85."""
    public, secret = zmq.curve_keypair()
    return public.decode(), secret.decode()


def bind_router(context: zmq.Context[Any], server_secret: str) -> zmq.Socket[bytes]:
    """Return the controller's socket, with its key and bounds, not yet bound."""
    router: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
    router.linger = 0
    router.curve_server = 1
    router.curve_secretkey = server_secret.encode()
    router.router_mandatory = 1
    router.sndhwm = router.rcvhwm = MAX_IN_FLIGHT
    return router


def connect_dealer(
    context: zmq.Context[Any], handover: Handover, identity: bytes
) -> zmq.Socket[bytes]:
    """Return a host's socket, connected to its controller."""
    dealer: zmq.Socket[bytes] = context.socket(zmq.DEALER)
    dealer.linger = 1_000
    dealer.identity = identity
    dealer.curve_serverkey = handover.server_key.encode()
    dealer.curve_publickey = handover.public_key.encode()
    dealer.curve_secretkey = handover.secret_key.encode()
    dealer.heartbeat_ivl = HEARTBEAT_MS
    dealer.heartbeat_timeout = dealer.heartbeat_ttl = SILENCE_MS
    dealer.sndhwm = dealer.rcvhwm = MAX_IN_FLIGHT
    dealer.connect(handover.endpoint)
    return dealer


class DoorKeeper:
    """Answers ZeroMQ's question who may connect: whoever holds the cluster's key."""

    def __init__(self, context: zmq.Context[Any], public_key: str) -> None:
        self._allowed = zmq.utils.z85.decode(public_key.encode())
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        # The address and the frames are those of RFC 27, "ZAP".
        self.socket.bind("inproc://zeromq.zap.01")

    def answer(self) -> None:
        """Answer one request that has arrived."""
        frames = self.socket.recv_multipart()
        good = frames[5:] == [b"CURVE", self._allowed]
        status = [b"200", b"OK"] if good else [b"400", b"this key is not ours"]
        self.socket.send_multipart([b"1.0", frames[1], *status, b"", b""])
