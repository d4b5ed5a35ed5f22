"""Central index: one node knows who has what, and everybody asks it.

What it shows: the fastest search there is, and its price. Two messages find whatever
exists anywhere; one node does all the work, and without it nothing is found, though
every file is still there.
Source: Napster, as the OpenNap project describes it (drscholl, 2000); what is left out
is told in ``messages.py``. Read first: ``index.py``, ``membership.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha1
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Edge,
    Joined,
    LocalProtocolError,
    Operation,
    Rng,
    StreamContext,
    format_address,
)
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.downloads import Downloads, Source
from p2pkit.protocols.central_index.framing import NapsterFraming
from p2pkit.protocols.central_index.index import Index
from p2pkit.protocols.central_index.membership import Membership
from p2pkit.protocols.central_index.offices import Offices
from p2pkit.protocols.central_index.searching import Searching
from p2pkit.protocols.central_index.shelf import Shelf
from p2pkit.protocols.central_index.wire import NapsterCodec

ID_BYTES = 8


class CentralIndex(Offices):
    """One node: the index, or a peer of it."""

    codec: ClassVar[NapsterCodec] = NapsterCodec()
    framing: ClassVar[NapsterFraming] = NapsterFraming()
    carrier: ClassVar[str] = "stream"
    Config: ClassVar[type[CentralIndexConfig]] = CentralIndexConfig
    id_bits: ClassVar[int] = 8 * ID_BYTES

    def __init__(
        self, ctx: StreamContext, config: CentralIndexConfig | None = None
    ) -> None:
        self.ctx, self.config = ctx, self.Config.of(config)
        self.shelf, self.guests = Shelf(), {}
        self.index: Index | None = None
        self.searching = Searching(ctx, self.config)
        self.downloads = Downloads(ctx, self.config)
        gone = self.searching.on_index_gone
        self.membership = Membership(ctx, self.config, self.shelf.files, gone)

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: CentralIndexConfig) -> int:
        """Return an id made of the address: who knows the one knows the other."""
        digest = sha1(format_address(address).encode()).digest()
        return int.from_bytes(digest[:ID_BYTES], "big")

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Be the index, or log in with one; see the setting `role`."""
        others = [one for one in contacts if one != self.ctx.me.address]
        if self.config.role == "peer" or (self.config.role == "auto" and others):
            if self.index is None:
                return self.membership.join(others)
        elif self.index is None:
            self.index = Index(self.ctx, self.config)
        assert self.index is not None, "an index was restored or has just been made"
        self.index.start()
        self.ctx.emit(Joined(0))
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        operation.finish(0)
        return operation

    def share(self, name: str, data: bytes = b"") -> None:
        """Share a file, and tell the index of it.

        Raises
        ------
        LocalProtocolError
            If this is the index, or the name or the file is too long.
        """
        if self.index is not None:
            reason = "an index lists files and has none: share at a peer"
            raise LocalProtocolError(reason)
        self.shelf.add(name, data, self.config.max_files)
        self.membership.list_file(name)

    def unshare(self, name: str) -> None:
        """Share a file no more."""
        if self.shelf.files.pop(name, None) is not None:
            self.membership.drop_file(name)

    def search(self, text: str, want: int = 100) -> Operation[list[Source]]:
        """Ask who has files whose names have all these words; at most `want` copies.

        At the index itself it costs nothing.
        """
        want = min(want, self.config.max_hits)
        if self.index is not None:
            operation: Operation[list[Source]] = Operation("search")
            found = self.index.catalog.find(text, want)
            operation.finish(
                [Source(o.name, o.size_bytes, o.nick, o.address) for o in found]
            )
            return operation
        index = self.membership.index
        number = self.choose_id(self.ctx.rng, index, self.config) if index else 0
        return self.searching.ask(index, number, text, want)

    def fetch(self, source: Source) -> Operation[bytes]:
        """Get a file straight from a peer that has it."""
        name, size_bytes, nick, (host, port) = source
        return self.downloads.fetch(Source(name, size_bytes, nick, (host, port)))

    def neighbors(self) -> Iterator[Edge]:
        """Yield a peer's index, or the peers of the index."""
        for kind, address in self._streams():
            number = self.choose_id(self.ctx.rng, address, self.config)
            yield Edge(kind, Contact(number, address))

    def inspect(self) -> dict[str, Any]:
        """Return the role, the files, and what an index has listed."""
        if self.index is None:
            index = self.membership.index
            where = format_address(index) if index else None
            return {"role": "peer", "files": list(self.shelf.files), "index": where}
        catalog = self.index.catalog
        listed = {"peers": len(catalog.peers), "copies": catalog.files}
        return {"role": "index", **listed, "expired": self.index.expired}
