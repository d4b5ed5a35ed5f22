"""Spoofing: messages in somebody else's name, and what they can and cannot do.

What it shows: the source of a datagram is whatever its sender wrote there. So nothing
may be believed because of where it seems to come from; but whoever forges a source
never sees the answer, and that is enough to tell the forger from the real one. Storing
wants a token that was sent to the address; entering a table wants an answer to a ping.
Without them a forger announces a victim as the peer of every popular torrent, and the
clients that believe it knock at the victim's door by the thousand.
These are decisions alone: what to say, in whose name, to whom. `Cluster.forge` sends
it, between nodes of its own cluster alone; for an answer goes where the source says.
Source: BEP 5 on tokens; "Kademlia", IPTPS 2002, section 2.3 on who enters a table.
Defense: ``kademlia/tokens.py``, ``kademlia/peers.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from p2pkit.core import Address, Contact, Message, Rng
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.distance import ID_BITS

TID = b"forg"


class Forged(msgspec.Struct, frozen=True):
    """One message in another's name.

    Parameters
    ----------
    source : Address
        In whose name: a node of the cluster, who gets the answer.
    to : Address
        Who is to believe it.
    message : Message
        What is said.
    """

    source: Address
    to: Address
    message: Message


def announcement(victim: Contact, to: Address, infohash: int, token: bytes) -> Forged:
    """Return an announcement that the victim has a torrent.

    Parameters
    ----------
    victim : Contact
        In whose name.
    to : Address
        The node that is to keep it.
    infohash : int
        The torrent, of 160 bits.
    token : bytes
        A guess, or one that the forger was given at its own address.
    """
    port = victim.address[1]
    said = m.AnnouncePeer(TID, victim.id, False, infohash, port, token)
    return Forged(victim.address, to, said)


def strangers(sources: Iterable[Address], to: Address, rng: Rng) -> Iterator[Forged]:
    """Yield a query from each source under an id that nobody has.

    A node that believed every query would fill its table with these.
    """
    for source in sources:
        made_up = rng.getrandbits(ID_BITS)
        yield Forged(source, to, m.Ping(TID, made_up, False))
