"""Hit: a file that was found."""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.core import Address


class Hit(NamedTuple):
    """A file that was found, and how far away.

    Parameters
    ----------
    name : str
        What it is called there.
    size_bytes : int
        Its length.
    number : int
        Its number at its servent.
    address : Address
        Where it is fetched.
    servent : bytes
        The servent's id, for a `Push`.
    hops : int
        Links between here and there, by the way that the question went.
    sha1 : bytes
        The SHA-1 of its content, as its servent says; empty if it does not.
    """

    name: str
    size_bytes: int
    number: int
    address: Address
    servent: bytes
    hops: int
    sha1: bytes = b""
