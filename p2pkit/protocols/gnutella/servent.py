"""Gnutella: a servent, server and client in one, which knows no files but its own.

What it shows: search without any index. Neighbors are whoever there was; a question
goes from neighbor to neighbor, and its answers find back by the way it came.
Source: RFC-Gnutella 0.6 (Klingberg and Manfredi, 2002).
Read first: ``node.py``. Read next: ``router.py``, ``rules.py``, ``flooding.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from p2pkit.core import (
    Address,
    Contact,
    Edge,
    LocalProtocolError,
    Operation,
    format_address,
)
from p2pkit.protocols.gnutella.crawling import Crawled
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.node import GnutellaNode
from p2pkit.protocols.gnutella.rules import Rule
from p2pkit.protocols.gnutella.search import rule_of


class Gnutella(GnutellaNode):
    """One servent, with its verbs."""

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these; ends with the number of links, when all are decided."""
        self.upkeep.start()
        return self.growth.join(contacts)

    def connect(self, peer: Address) -> Operation[bool]:
        """Link to a peer; ends with whether it is."""
        return self.growth.connect(peer)

    def disconnect(self, peer: Address) -> bool:
        """Close the link to a peer; return whether there was one."""
        return self.growth.disconnect(peer)

    def search(
        self,
        text: str,
        rule: Rule | str = "flood",
        ttl: int | None = None,
        want: int = 1,
    ) -> Operation[list[Hit]]:
        """Ask for files whose names have all these words; ends with those found.

        Parameters
        ----------
        text : str
            The words.
        rule : Rule or str
            How: by name, see `search.RULES`, or one with settings of its own.
        ttl : int, optional
            How far, where the rule has such a setting.
        want : int
            Files that are enough; without them the search takes all its time.
        """
        return self.searches.begin(text, rule_of(rule, ttl), want)

    def fetch(
        self, hit: Hit, start: int = 0, end: int | None = None
    ) -> Operation[bytes]:
        """Fetch a file that was found, or its bytes from `start` to before `end`."""
        return self.downloads.fetch(Hit(*hit), start, end)

    def share(self, name: str, data: bytes = b"") -> int:
        """Share a file; return its number."""
        number = self.library.add(name, data).number
        self.neighborhood.on_change()
        return number

    def unshare(self, number: int) -> None:
        """Share a file no more."""
        self.library.remove(number)
        self.neighborhood.on_change()

    def list_files(self) -> list[dict[str, Any]]:
        """Return what is shared: number, name, length and SHA-1 of each file."""
        return [
            {"number": one.number, "name": one.name, "size_bytes": len(one.data),
             "sha1": one.sha1.hex()}
            for one in self.library.files.values()
        ]  # fmt: skip

    def ping(self, peer: Address) -> Operation[float]:
        """Ping a peer that is linked; ends with the seconds it took.

        Raises
        ------
        LocalProtocolError
            If there is no link to it.
        """
        for link in self.links.to(peer):
            if link.is_open:
                return self.pongs.time(link, self.config.handshake_s)
        reason = f"there is no link to {format_address(peer)}: connect to it first"
        raise LocalProtocolError(reason)

    def crawl(self, peer: Address) -> Operation[Crawled]:
        """Ask a servent that is not linked to us who its peers are."""
        return self.crawling.crawl(peer)

    def maintain(self) -> Operation[int]:
        """Look after the links at once; ends with the number there are now."""
        operation: Operation[int] = Operation("maintain", began_s=self.ctx.now())
        self.upkeep.look()
        operation.finish(len(self.links.open()))
        return operation

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers of open links."""
        for link in self.links.open():
            number = self.choose_id(self.ctx.rng, link.peer, self.config)
            yield Edge(link.role, Contact(number, link.peer))

    def inspect(self) -> dict[str, Any]:
        """Return what it shares, whom it knows, and how many questions came twice."""
        return {
            "role": "peer",
            "files": [one.name for one in self.library.files.values()],
            "links": [format_address(link.peer) for link in self.links.open()],
            "hosts": [format_address(one) for one in self.hosts.known()],
            "duplicates": self.router.duplicates,
        }

    def save(self) -> bytes:
        """Return the addresses of other servents, for a restart."""
        return self.growth.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.growth.restore(saved)
