"""KRPC: the messages of the DHT as bencoded dictionaries, one datagram each.

A query has ``y`` = ``q``, its method in ``q`` and its arguments in ``a``; a reply has
``y`` = ``r`` and its values in ``r``; an error ``y`` = ``e``, a code and a text.
Source: BEP 5 "KRPC Protocol", and the BEPs named in ``messages.py``.
Read next: ``writer.py``, then ``reader.py``.
"""

from __future__ import annotations

from p2pkit.protocols.kademlia.krpc.reader import MAX_BYTES, read
from p2pkit.protocols.kademlia.krpc.writer import write


class KrpcCodec:
    """Messages to datagrams and back."""

    max_bytes = MAX_BYTES
    encode = staticmethod(write)
    decode = staticmethod(read)


__all__ = ["KrpcCodec", "read", "write"]
