"""Frames: captures that are the same for the same seed, made without a network.

Nodes of the Mainline DHT talk in virtual time, and one file of messages crosses a TCP
connection. What they send is put into the frames that a tap on their sockets would
have noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from p2pkit.core import Address, Id, Rng
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link, Plan
from p2pkit.observe.capture.packing import (
    ACK,
    FIN,
    Segment,
    Stream,
    datagram,
    opening,
    pieces,
)
from p2pkit.protocols import Kademlia
from p2pkit.sim import Simulation

TALK_S = 20.0
PORT, CLIENT_PORT = 6881, 40_000
MOST_MESSAGES = 9
PAD_BYTES = 60
"""Shortest frame of a real Ethernet, without its checksum: shorter ones are padded."""


class _Datagrams:
    """A tap that turns each datagram into a frame."""

    sends, hears = True, False

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def sent(self, node: Any, to: Address, message: Any, data: bytes) -> None:
        number = len(self.frames)
        self.frames.append(datagram(node.me.address, to, data, number))

    def heard(self, node: Any, sender: Address, message: Any, data: bytes) -> None:
        raise NotImplementedError

    def lost(self, node: Any, peer: Address, data: bytes, reason: str) -> None:
        """Do nothing: what gets lost was on the wire all the same."""


def address_of(number: int, seed: int) -> Address:
    """Return where a node of a capture is; the net follows from the seed."""
    return f"127.{1 + seed % 250}.{number}.1", PORT


def dht_frames(nodes: int, seed: int) -> list[bytes]:
    """Return the datagrams of a DHT whose nodes join, put a value and get it."""
    sim = Simulation(seed=seed, faults=Plan(link=Link(latency=Constant(0.01))))
    sim.tap = tap = _Datagrams()
    for number in range(nodes):
        sim.add(f"n{number:02}", Kademlia, address_of(number, seed))
    for number, node in enumerate(sim.nodes.values()):
        known = [address_of(0, seed)] if number else []
        sim.run(node.protocol.bootstrap(known), TALK_S)
    one, other = (sim.nodes[f"n{n:02}"].protocol for n in (1, nodes - 1))
    key = sim.run(one.put(b"the tide is out"), TALK_S)
    sim.run(other.get(key), TALK_S)
    infohash = Id.parse(seeded(seed, "infohash").randbytes(20))
    sim.run(one.announce(infohash, 6999), TALK_S)
    sim.run(other.get_peers(infohash), TALK_S)
    return tap.frames


def stream_messages(rng: Rng) -> list[bytes]:
    """Return some messages of very different lengths, an empty one among them."""
    lengths = [0, 1, rng.randint(1500, 6000)]
    lengths += [rng.randint(2, 900) for _ in range(MOST_MESSAGES - len(lengths))]
    rng.shuffle(lengths)
    return [rng.randbytes(length) for length in lengths]


def framed(messages: list[bytes]) -> bytes:
    """Return messages as they are on a stream, each behind its length in four bytes."""
    return b"".join(len(one).to_bytes(4, "big") + one for one in messages)


def stream_frames(source: Address, target: Address, data: bytes) -> Iterator[bytes]:
    """Yield the segments of a connection that carries some bytes one way."""
    stream = Stream(is_begun=False)
    client: Address = (source[0], CLIENT_PORT)
    said = [*opening(client, target)]
    for piece in pieces(client, target, data):
        said += [piece, Segment(target, client, ACK)]
    said += [
        Segment(client, target, FIN | ACK),
        Segment(target, client, FIN | ACK),
        Segment(client, target, ACK),
    ]
    for number, one in enumerate(said):
        yield stream.segment(one, number)


def own_capture(parameters: Any) -> list[bytes]:
    """Return the frames of your own capture, in order: datagrams, then a stream.

    They are the same each time, for your seed is one of your parameters.

    Parameters
    ----------
    parameters : Parameters
        ``lab.parameters``.
    """
    return capture(parameters.dht_nodes, parameters.seed)


def capture(nodes: int, seed: int) -> list[bytes]:
    """Return the frames of a capture of so many nodes."""
    data = framed(stream_messages(seeded(seed, "stream")))
    ends = address_of(0, seed), address_of(1, seed)
    return [*dht_frames(nodes, seed), *stream_frames(*ends, data)]


def with_options(frame: bytes, rng: Rng) -> bytes:
    """Return a frame whose IP header has options, which are rare and allowed."""
    words = rng.randint(1, 10)
    head, inside = bytearray(frame[14:34]), frame[34:]
    head[0] = 0x40 | 5 + words
    head[2:4] = (len(frame) - 14 + 4 * words).to_bytes(2, "big")
    return frame[:14] + bytes(head) + b"\x01" * 4 * words + inside


def padded(frame: bytes, rng: Rng) -> bytes:
    """Return a frame with bytes behind its packet, as Ethernet fills short ones up."""
    return frame.ljust(max(PAD_BYTES, len(frame) + rng.randint(1, 9)), b"\xee")
