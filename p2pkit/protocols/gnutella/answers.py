"""Answers: the hits of our own files, and of those that neighbors have told us of."""

from __future__ import annotations

from collections.abc import Iterator

from p2pkit.core import Address
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.guid import servent_guid
from p2pkit.protocols.gnutella.huge import sha1_of, write_urn
from p2pkit.protocols.gnutella.library import Library, SharedFile
from p2pkit.protocols.gnutella.messages import Query, QueryHit, Result
from p2pkit.protocols.gnutella.neighborhood import Neighborhood
from p2pkit.protocols.gnutella.trailer import PLAIN

EVERYTHING = "    "
"""What a neighbor asks to be told of every file; from farther away it asks nothing."""


class Answers:
    """Answers questions out of one servent's library."""

    def __init__(
        self,
        me: Address,
        config: GnutellaConfig,
        library: Library,
        neighborhood: Neighborhood,
    ) -> None:
        self.me, self.config, self.library = me, config, library
        self.neighborhood = neighborhood
        self.servent = servent_guid(me)

    def to(self, query: Query) -> Iterator[QueryHit]:
        """Yield the hits for a question: none, if no file matches."""
        found = self._find(query)
        for at in range(0, len(found), self.config.max_hits):
            part = found[at : at + self.config.max_hits]
            yield QueryHit(
                guid=query.guid,
                ttl=query.hops + 1,  # as far as the question has come
                address=self.me,
                results=tuple(_result(one) for one in part),
                servent=self.servent,
                speed=self.config.speed_kbit,
                trailer=PLAIN,
            )
        yield from self.neighborhood.answers(query)

    def _find(self, query: Query) -> list[SharedFile]:
        if query.ext and (sha1 := sha1_of(query.ext)):
            shared = self.library.by_sha1(sha1)
            return [] if shared is None else [shared]
        if query.text == EVERYTHING and (query.ttl, query.hops) == (1, 0):
            return list(self.library.files.values())
        return self.library.find(query.text, self.config.max_hits)


def _result(one: SharedFile) -> Result:
    return Result(one.number, len(one.data), one.name, write_urn(one.sha1))
