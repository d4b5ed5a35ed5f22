"""The bodies of memberlist's messages: maps whose keys are the fields of Go structs.

Read first: ``messages.py``, ``raw.py``. Read next: ``wire.py``.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw

UInt = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]
Port = Annotated[int, Meta(ge=0, le=0xFFFF)]
NIL: Final = Raw(b"\xc0")


class Body(msgspec.Struct, rename="pascal"):
    """Base of the bodies; unknown keys are ignored, for newer versions add some."""


class PingBody(Body):
    """0: ping; the source is there since memberlist 0.2.4."""

    seq_no: UInt
    node: Raw = NIL
    source_addr: Raw = NIL
    source_port: Port = 0
    source_node: Raw = NIL


class IndirectBody(Body):
    """1: indirect ping."""

    seq_no: UInt
    target: Raw
    port: Port
    node: Raw = NIL
    nack: bool = False
    source_addr: Raw = NIL
    source_port: Port = 0
    source_node: Raw = NIL


class AckBody(Body):
    """2: ack, and 11: nack, which has no payload."""

    seq_no: UInt
    payload: Raw = NIL


class BlameBody(Body):
    """3: suspect, and 5: dead."""

    incarnation: UInt
    node: Raw
    by: Raw = msgspec.field(default=NIL, name="From")


class AliveBody(Body):
    """4: alive."""

    incarnation: UInt
    node: Raw
    addr: Raw
    port: Port
    meta: Raw = NIL
    vsn: Raw = NIL


class HeaderBody(Body):
    """6: what stands before the members of a push/pull."""

    nodes: UInt
    user_state_len: UInt = 0
    join: bool = False


class EntryBody(Body):
    """One member of a push/pull."""

    name: Raw
    addr: Raw
    port: Port
    meta: Raw = NIL
    incarnation: UInt = 0
    state: Annotated[int, Meta(ge=0, le=3)] = 0
    vsn: Raw = NIL


class CompressBody(Body):
    """9: a whole message, compressed."""

    algo: UInt
    buf: Raw


class FailureBody(Body):
    """13: why a stream was not taken."""

    error: Raw
