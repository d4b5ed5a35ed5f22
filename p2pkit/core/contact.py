"""Contacts: how to reach a peer."""

from __future__ import annotations

import msgspec

from p2pkit.core.address import Address, format_address
from p2pkit.core.ids import short


class Contact(msgspec.Struct, frozen=True, gc=False):
    """A peer's id and the address it is reached at.

    When it was last heard from is kept by whoever listens for it (a bucket, a view).
    """

    id: int
    address: Address

    def __str__(self) -> str:
        return f"{short(self.id)}@{format_address(self.address)}"


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A neighbor as the picture shows it: who, and in which role.

    Parameters
    ----------
    kind : str
        The role, such as ``bucket``, ``successor``, ``finger`` or ``active``.
    to : Contact
        The neighbor.
    """

    kind: str
    to: Contact
