"""Floor 1: ids, contacts, messages, events, errors, settings and the port."""

from p2pkit.core.address import Address, format_address, parse_address
from p2pkit.core.contact import Contact, Edge
from p2pkit.core.context import (
    BothContext,
    Context,
    NodeProtocol,
    Rng,
    StreamContext,
    Timer,
)
from p2pkit.core.counters import Counters, Tally
from p2pkit.core.delivery import Delivered, Recent, message_id, require_payload
from p2pkit.core.driver import Node, NodeState
from p2pkit.core.errors import (
    CaptureError,
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
from p2pkit.core.links import Hello, Links
from p2pkit.core.message import Codec, Message, MsgpackCodec
from p2pkit.core.operation import Operation
from p2pkit.core.requests import Requests
from p2pkit.core.settings import Settings
from p2pkit.core.tap import Sighting, Tap
from p2pkit.core.targets import ForbiddenTarget, Targets

__all__ = [
    "Address",
    "BothContext",
    "CaptureError",
    "ClusterError",
    "Codec",
    "Contact",
    "Context",
    "ControlLost",
    "Counters",
    "Crashed",
    "Delivered",
    "Edge",
    "Event",
    "Finished",
    "ForbiddenTarget",
    "FrameTooLarge",
    "Framing",
    "Hello",
    "Id",
    "InvariantViolated",
    "Joined",
    "LabError",
    "LengthPrefix",
    "Links",
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
    "Recent",
    "Record",
    "RemoteProtocolError",
    "RequestTimeout",
    "Requests",
    "Rng",
    "Settings",
    "Sighting",
    "SpawnFailed",
    "Step",
    "StreamContext",
    "Tally",
    "Tap",
    "Targets",
    "Timer",
    "TransportError",
    "format_address",
    "message_id",
    "parse_address",
    "require_payload",
    "short",
]
