"""Floor 1: ids, contacts, messages, events, errors, settings and the port."""

from p2pkit.core.address import Address, format_address, parse_address
from p2pkit.core.contact import Contact, Edge
from p2pkit.core.context import Context, NodeProtocol, Rng, StreamContext, Timer
from p2pkit.core.counters import Counters, Tally
from p2pkit.core.driver import Node, NodeState
from p2pkit.core.errors import (
    ClusterError,
    ControlLost,
    FrameTooLarge,
    InvariantViolated,
    LabError,
    LocalProtocolError,
    P2PError,
    PeerUnreachable,
    ProtocolError,
    RemoteProtocolError,
    RequestTimeout,
    SpawnFailed,
    TransportError,
)
from p2pkit.core.event import Crashed, Event, Finished, Joined, Record, Step
from p2pkit.core.framing import Framing, LengthPrefix
from p2pkit.core.ids import Id, short
from p2pkit.core.message import Codec, Message, MsgpackCodec
from p2pkit.core.operation import Operation
from p2pkit.core.requests import Requests
from p2pkit.core.settings import Settings

__all__ = [
    "Address",
    "ClusterError",
    "Codec",
    "Contact",
    "Context",
    "ControlLost",
    "Counters",
    "Crashed",
    "Edge",
    "Event",
    "Finished",
    "FrameTooLarge",
    "Framing",
    "Id",
    "InvariantViolated",
    "Joined",
    "LabError",
    "LengthPrefix",
    "LocalProtocolError",
    "Message",
    "MsgpackCodec",
    "Node",
    "NodeProtocol",
    "NodeState",
    "Operation",
    "P2PError",
    "PeerUnreachable",
    "ProtocolError",
    "Record",
    "RemoteProtocolError",
    "RequestTimeout",
    "Requests",
    "Rng",
    "Settings",
    "SpawnFailed",
    "Step",
    "StreamContext",
    "Tally",
    "Timer",
    "TransportError",
    "format_address",
    "parse_address",
    "short",
]
