"""Claims: which ids may be at which addresses.

What it shows: with hashed ids every claim of an id, the sender's own or one about
others, is checked against the address it comes with. That stops who would choose its
place on the ring or speak for others. It does not stop those who have many addresses,
those who name addresses where nobody is, or who answer and lie about keys.
Source: CFS (F. Dabek et al., SOSP 2001), section 4.4, for ids made of addresses.
Read next: ``peers.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.core import Address, Contact, RemoteProtocolError
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.ring import Ring, pack_host, positions_at, unpack_host
from p2pkit.protocols.chord.wire import Peer


class Claims:
    """Turns contacts on the wire into contacts, if they can be true, and back."""

    def __init__(self, config: ChordConfig) -> None:
        self.config, self.ring = config, Ring(config.id_bits)

    def contact(self, raw: bytes, address: Address) -> Contact:
        """Return the contact of an id claimed for an address.

        Raises
        ------
        RemoteProtocolError
            If it cannot be: no id, or not one that belongs to the address.
        """
        node_id, config = self.ring.unpack(raw), self.config
        count, bits = config.virtual_nodes, config.id_bits
        if config.hashed_ids and node_id not in positions_at(address, count, bits):
            reason = "id that does not belong to its address"
            raise RemoteProtocolError(reason)
        return Contact(node_id, address)

    def contacts(self, peers: Sequence[Peer]) -> list[Contact]:
        """Return contacts named by a peer, each checked."""
        return [
            self.contact(one.id, (unpack_host(one.host), one.port)) for one in peers
        ]

    def name(self, contact: Contact) -> Peer:
        """Return a contact as it crosses the wire."""
        return Peer(
            self.ring.pack(contact.id),
            pack_host(contact.address[0]),
            contact.address[1],
        )

    def names(self, contacts: Sequence[Contact]) -> tuple[Peer, ...]:
        """Return contacts as they cross the wire."""
        return tuple(map(self.name, contacts))
