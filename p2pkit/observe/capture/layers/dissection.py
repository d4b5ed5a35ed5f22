# SPDX-License-Identifier: GPL-2.0-only
"""Packets of a capture, taken apart when somebody looks at them.

A capture holds bytes, and places of packets among them; scapy sees the one packet that
is asked for. Its note says which ports speak what, so the kit's layers are bound there
for as long as somebody holds the capture.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from scapy.config import conf
from scapy.packet import Packet, Raw
from scapy.plist import PacketList
from scapy.utils import EDecimal

from p2pkit.core import parse_address
from p2pkit.observe.capture.layers.binding import keep_bound, layers_of

if TYPE_CHECKING:
    from p2pkit.observe.capture.note import Note
    from p2pkit.observe.capture.packets import Packets

__all__ = ["Packet", "PacketList", "dissect", "packet_list", "protocol_of"]


def dissect(packets: Packets, index: int) -> Packet:
    """Return one packet of a capture with all its layers.

    Raises
    ------
    IndexError
        If there is none.
    """
    record = packets.record(index)
    _bind(packets)
    packet = _first_layer(record.link, record.data)
    packet.time = EDecimal(record.at_ns) / 10**9
    packet.wirelen = record.wire_bytes
    return packet


def packet_list(packets: Packets, which: Iterable[int]) -> PacketList:
    """Return some packets of a capture, as scapy's own functions take them."""
    found = [dissect(packets, index) for index in which]
    return PacketList(found, name=packets.path.name)


def protocol_of(note: Note) -> Any:
    """Return the class that nodes of a capture ran; None if it is not known here.

    A file must not have modules loaded, so only what has been loaded is looked at: the
    protocols of the kit, and classes of this session.
    """
    import p2pkit.protocols  # noqa: F401  # they are known, whoever made the file

    module, _, name = note.protocol.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    return found if hasattr(found, "codec") else None


def _first_layer(link: int, data: bytes) -> Packet:
    """Dissect from the link's header on; what is too short for one stays raw."""
    layer: type[Packet] = conf.l2types.num2layer.get(link, Raw)
    try:
        return layer(data)
    except struct.error:  # scapy shields all layers from damage, but not the first
        return Raw(data)


def _bind(packets: Packets) -> None:
    if packets.note is None:
        return
    protocol_class = protocol_of(packets.note)
    if protocol_class is not None:
        ports = {parse_address(one)[1] for one in packets.note.names.values()}
        keep_bound(packets, ports, layers_of(protocol_class))
