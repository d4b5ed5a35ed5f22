# SPDX-License-Identifier: GPL-2.0-only
"""Which layer a protocol has, and at which ports scapy is to use it.

Scapy guesses what a datagram holds by going through a list of ports, and everybody adds
to its end. A protocol of ours is bound at the front: that is right where another one
claims the port, and half the time of a dissection. Importing binds nothing.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet

from p2pkit.core import LocalProtocolError, MsgpackCodec
from p2pkit.observe.capture.layers.gnutella import Gnutella
from p2pkit.observe.capture.layers.kit import frame_of, layers_for
from p2pkit.observe.capture.layers.krpc import KRPC
from p2pkit.observe.capture.layers.memberlist import Memberlist
from p2pkit.observe.capture.layers.napster import Napster
from p2pkit.protocols.central_index.wire import NapsterCodec
from p2pkit.protocols.gnutella.wire import GnutellaCodec
from p2pkit.protocols.kademlia.krpc import KrpcCodec
from p2pkit.protocols.swim.wire import MemberlistCodec


@dataclass(frozen=True)
class Layers:
    """The layers of one protocol.

    Parameters
    ----------
    datagram, stream : type of Packet
        What a datagram holds, and what a stream is a row of.
    mostly_streams : bool
        Which of them a peer is greeted by, where the protocol has both.
    """

    datagram: type[Packet]
    stream: type[Packet]
    mostly_streams: bool = False


_BY_CODEC: dict[type, Layers] = {
    KrpcCodec: Layers(KRPC, KRPC),
    MemberlistCodec: Layers(Memberlist, Memberlist),
    GnutellaCodec: Layers(Gnutella, Gnutella, mostly_streams=True),
    NapsterCodec: Layers(Napster, Napster),
}


def register(codec_class: type, layers: Layers) -> None:
    """Say which layers a wire has that was written after these.

    Parameters
    ----------
    codec_class : type
        The class of the codec that its protocols name.
    layers : Layers
        What reads it.
    """
    _BY_CODEC[codec_class] = layers


def layers_of(protocol_class: Any) -> Layers:
    """Return the layers of a protocol, by the codec it names.

    Raises
    ------
    LocalProtocolError
        If nobody has registered any for it.
    """
    codec = protocol_class.codec
    if isinstance(codec, MsgpackCodec):
        message = layers_for(protocol_class.__name__, *codec.types)
        return Layers(message, frame_of(message))
    found = next(
        (one for kind, one in _BY_CODEC.items() if isinstance(codec, kind)), None
    )
    if found is None:
        reason = (
            f"there is no scapy layer for {type(codec).__name__}, which "
            f"{protocol_class.__name__} speaks: write one and give it to "
            "p2pkit.observe.capture.layers.register(codec_class, Layers(...))"
        )
        raise LocalProtocolError(reason)
    return found


class Ports(set[int]):
    """Some ports, equal to each of them: scapy compares a port with what is bound."""

    def __eq__(self, other: object) -> bool:
        return other in self

    __hash__ = None


class Binding:
    """A protocol at its ports, until `unbind`; also a context manager.

    Parameters
    ----------
    ports : iterable of int
        Where the nodes listen.
    layers : Layers
        What they speak.

    Attributes
    ----------
    ports : Ports
        May grow and shrink as nodes come and go.
    """

    def __init__(self, ports: Iterable[int], layers: Layers) -> None:
        self.ports, self.layers = Ports(ports), layers
        self._guesses = [
            (carrier, ({side: self.ports}, layer))
            for carrier, layer in ((UDP, layers.datagram), (TCP, layers.stream))
            for side in ("sport", "dport")
        ]
        self.to_front()

    def to_front(self) -> None:
        """Let this be the first guess, whatever was bound since."""
        first = UDP.payload_guess[0] if UDP.payload_guess else None
        if any(guess is first for _, guess in self._guesses):
            return
        self.unbind()
        for carrier, guess in self._guesses:
            carrier.payload_guess.insert(0, guess)

    def unbind(self) -> None:
        """Let scapy forget it; once is enough, and twice does no harm."""
        for carrier, guess in self._guesses:
            carrier.payload_guess[:] = [
                one for one in carrier.payload_guess if one is not guess
            ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unbind()


def bind(nodes: Any, protocol_class: Any = None) -> Binding:
    """Let scapy dissect what some nodes say to each other.

    Parameters
    ----------
    nodes : Cluster or iterable of int
        A cluster, or the ports that nodes listen at.
    protocol_class : type, optional
        What they run; a cluster knows.

    Returns
    -------
    Binding
        It ends with ``unbind()``, and at the end of ``with``.
    """
    if protocol_class is None:
        protocol_class = nodes.run.task.protocol_class
    addresses = getattr(nodes, "addresses", None)
    ports = nodes if addresses is None else [port for _, port in addresses]
    return Binding(ports, layers_of(protocol_class))


_KEPT: weakref.WeakKeyDictionary[Any, Binding] = weakref.WeakKeyDictionary()


def keep_bound(owner: object, ports: Iterable[int], layers: Layers) -> Binding:
    """Bind layers for as long as somebody holds `owner`, in front of all others.

    Parameters
    ----------
    owner : object
        A capture or a cluster; asked again for, its binding gets the new ports.
    ports : iterable of int
        Where its nodes listen.
    layers : Layers
        What they speak.
    """
    binding = _KEPT.get(owner)
    if binding is None:
        binding = _KEPT[owner] = Binding(ports, layers)
        weakref.finalize(owner, binding.unbind)
    binding.ports.update(ports)
    binding.to_front()
    return binding
