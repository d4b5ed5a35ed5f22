"""Gnutella: a servent, server and client in one, which knows no files but its own.

What it shows: search without any index. Neighbors are whoever there was; a question
goes from neighbor to neighbor, and its answers find back by the way it came.
Source: RFC-Gnutella 0.6 (Klingberg and Manfredi, 2002).
Read first: ``node.py``. Read next: ``router.py``, ``rules.py``, ``flooding.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from p2pkit.core import Address, Contact, Edge, Operation, format_address
from p2pkit.protocols.gnutella.node import GnutellaNode
from p2pkit.protocols.gnutella.rules import Rule
from p2pkit.protocols.gnutella.search import Hit, rule_of


class Gnutella(GnutellaNode):
    """One servent, with its verbs."""

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these; ends with the number of links, when all are decided."""
        return self.growth.join(contacts)

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

    def share(self, name: str, data: bytes = b"") -> int:
        """Share a file; return its number."""
        return self.library.add(name, data).number

    def maintain(self) -> Operation[int]:
        """Open links where some are missing; ends with those there are now."""
        operation: Operation[int] = Operation("maintain", began_s=self.ctx.now())
        self.growth.grow()
        operation.finish(len(self.links.open()))
        return operation

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers of open links."""
        for link in self.links.open():
            number = self.choose_id(self.ctx.rng, link.peer, self.config)
            yield Edge("stream", Contact(number, link.peer))

    def inspect(self) -> dict[str, Any]:
        """Return what it shares, whom it knows, and how many questions came twice."""
        return {
            "role": "peer",
            "files": [one.name for one in self.library.files.values()],
            "links": [format_address(link.peer) for link in self.links.open()],
            "hosts": [format_address(one) for one in self.hosts.newest()],
            "duplicates": self.router.duplicates,
        }
