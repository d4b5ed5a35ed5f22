"""Answers: the hits of our own files."""

from __future__ import annotations

from collections.abc import Iterator

from p2pkit.core import Address
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.guid import servent_guid
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.messages import Query, QueryHit, Result


class Answers:
    """Answers questions out of one servent's library."""

    def __init__(self, me: Address, config: GnutellaConfig, library: Library) -> None:
        self.me, self.config, self.library = me, config, library
        self.guid = servent_guid(me)

    def to(self, query: Query) -> Iterator[QueryHit]:
        """Yield the hits for a question: none, if no file matches."""
        found = self.library.find(query.text, self.config.max_hits)
        if not found:
            return
        yield QueryHit(
            guid=query.guid,
            ttl=query.hops + 1,  # as far as the question has come
            address=self.me,
            results=tuple(Result(one.number, len(one.data), one.name) for one in found),
            servent=self.guid,
            speed=self.config.speed_kbit,
        )
