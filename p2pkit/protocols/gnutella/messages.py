"""Messages: what servents tell each other, once a stream is open.

All but the handshake begin with the same 23 bytes: an id, a type, how far the message
may still go, how far it has come, and the length of what follows.
Source: "The Gnutella Protocol Specification v0.4" (Clip2, 2001), and "RFC-Gnutella
0.6" (Klingberg and Manfredi, 2002), section 2. How each looks in bytes: ``wire.py``.
Read next: ``handshake.py``, then ``node.py``.
"""

from __future__ import annotations

import msgspec

from p2pkit.core import Address, Message

MAX_TTL = 7
"""What TTL and hops may add up to; the network's horizon (0.6, section 2.2)."""


class Descriptor(Message, frozen=True, kw_only=True, gc=False):
    """What has the header of 23 bytes.

    Parameters
    ----------
    guid : bytes
        16 bytes that name a question; its answers carry the same.
    ttl : int
        Links it may still cross, this one included; 0 to 255.
    hops : int
        Links it has crossed before this one; 0 to 255.
    """

    guid: bytes
    ttl: int = 1
    hops: int = 0


class Ping(Descriptor, frozen=True, kw_only=True, gc=False):
    """A question: who is there. `ext` is a GGEP block, or nothing."""

    ext: bytes = b""


class Pong(Descriptor, frozen=True, kw_only=True, gc=False):
    """A servent listens at `address` and shares `files` files of `kbytes` kB."""

    address: Address
    files: int = 0
    kbytes: int = 0
    ext: bytes = b""


class Bye(Descriptor, frozen=True, kw_only=True, gc=False):
    """The last message on a link: a code as in HTTP, and a sentence."""

    code: int = 200
    reason: str = ""


class Push(Descriptor, frozen=True, kw_only=True, gc=False):
    """To a servent behind a firewall: connect to `address` and offer your file."""

    servent: bytes
    index: int
    address: Address
    ext: bytes = b""


class Query(Descriptor, frozen=True, kw_only=True, gc=False):
    """A question: who shares a file whose name has all of these words.

    Parameters
    ----------
    flags : int
        Once the least speed of an answer, in kbit/s; with bit 15 set, options.
    text : str
        The words.
    ext : bytes
        HUGE and GGEP extensions, as they stand on the wire.
    """

    text: str
    flags: int = 0x8000
    ext: bytes = b""


class Result(msgspec.Struct, frozen=True, gc=False):
    """One file of a `QueryHit`: its number and length at its servent, its name."""

    index: int
    size_bytes: int
    name: str
    ext: bytes = b""


class QueryHit(Descriptor, frozen=True, kw_only=True, gc=False):
    """The files of one servent that match a query of the same `guid`.

    Parameters
    ----------
    address : Address
        Where the files are fetched.
    results : tuple of Result
        1 to 255 files.
    servent : bytes
        The servent's own id, which a `Push` names.
    speed : int
        Of its line in kbit/s, as it says.
    trailer : bytes
        What stands between the results and the servent's id: vendor and flags.
    """

    address: Address
    results: tuple[Result, ...]
    servent: bytes
    speed: int = 1000
    trailer: bytes = b""


class Other(Descriptor, frozen=True, kw_only=True, gc=False):
    """A message of another type: a vendor's, or one of a later version."""

    kind: int
    payload: bytes = b""


class Vendor(Descriptor, frozen=True, kw_only=True, gc=False):
    """What one vendor's servents tell each other; others skip it.

    Parameters
    ----------
    vendor : bytes
        The vendor's four letters.
    selector, version : int
        Which of its messages this is; 0 to 65,535.
    data : bytes
        What it says.
    is_standard : bool
        Whether all vendors have agreed on it (type 0x32, else 0x31).
    """

    vendor: bytes
    selector: int
    version: int = 1
    data: bytes = b""
    is_standard: bool = False
