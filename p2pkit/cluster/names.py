"""Names: which node is meant by an id or an address."""

from __future__ import annotations

from p2pkit.core import Address, Contact, format_address


class Names:
    """The nodes of one cluster by id and address; a peer of others is its address."""

    def __init__(self) -> None:
        self._by_id: dict[int, str] = {}
        self._by_address: dict[Address, str] = {}
        self._by_host: dict[str, str | None] = {}

    def add(self, name: str, node_id: int, address: Address) -> None:
        """Enter a node."""
        self._by_id[node_id] = self._by_address[address] = name
        known = self._by_host.setdefault(address[0], name)
        if known != name:
            self._by_host[address[0]] = None  # several nodes share this host

    def of_id(self, node_id: int) -> str | None:
        """Return the name of the node with an id; None if none of ours has it."""
        return self._by_id.get(node_id)

    def of_address(self, address: Address) -> str:
        """Return the name of the node that speaks from an address.

        Who opens a stream speaks from a port of its own: where a host has one node
        alone, it is that one.
        """
        name = self._by_address.get(address) or self._by_host.get(address[0])
        return name or format_address(address)

    def of_contact(self, contact: Contact) -> str:
        """Return the name of the node that a contact stands for.

        By id first: one address may speak for several ids, as in an attack.
        """
        name = self._by_id.get(contact.id) or self._by_address.get(contact.address)
        return name or format_address(contact.address)
