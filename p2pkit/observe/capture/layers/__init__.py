# SPDX-License-Identifier: GPL-2.0-only
"""Scapy in the kit: layers for its protocols, a socket over the ring, crafted packets.

This folder is GPL-2.0-only, for scapy is, and what subclasses its `Packet` builds on
it; see ``LICENSE.md`` beside this file. Nothing outside imports it before it is needed.
"""

from p2pkit.observe.capture.layers.binding import (
    Binding,
    Layers,
    bind,
    layers_of,
    register,
)
from p2pkit.observe.capture.layers.gnutella import (
    Gnutella,
    GnutellaBye,
    GnutellaPing,
    GnutellaPong,
    GnutellaPush,
    GnutellaQuery,
    GnutellaQueryHit,
    GnutellaResult,
    GnutellaText,
)
from p2pkit.observe.capture.layers.kit import Frame, KitMessage
from p2pkit.observe.capture.layers.krpc import (
    KRPC,
    CompactNode,
    CompactNode6,
    CompactPeer,
    CompactPeer6,
    KRPCArguments,
    KRPCReturn,
)
from p2pkit.observe.capture.layers.memberlist import (
    Memberlist,
    MemberlistAckResp,
    MemberlistAlive,
    MemberlistCompound,
    MemberlistDead,
    MemberlistPing,
    MemberlistPushPull,
    MemberlistSuspect,
)
from p2pkit.observe.capture.layers.napster import Napster
from p2pkit.observe.capture.layers.ring_socket import RingSocket

__all__ = [
    "KRPC",
    "Binding",
    "CompactNode",
    "CompactNode6",
    "CompactPeer",
    "CompactPeer6",
    "Frame",
    "Gnutella",
    "GnutellaBye",
    "GnutellaPing",
    "GnutellaPong",
    "GnutellaPush",
    "GnutellaQuery",
    "GnutellaQueryHit",
    "GnutellaResult",
    "GnutellaText",
    "KRPCArguments",
    "KRPCReturn",
    "KitMessage",
    "Layers",
    "Memberlist",
    "MemberlistAckResp",
    "MemberlistAlive",
    "MemberlistCompound",
    "MemberlistDead",
    "MemberlistPing",
    "MemberlistPushPull",
    "MemberlistSuspect",
    "Napster",
    "RingSocket",
    "bind",
    "layers_of",
    "register",
]
