"""Search: a question that was asked, until enough answers have come or time is up."""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.core import Address, Operation, Step, StreamContext
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.flooding import Flooding
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query, QueryHit

ANSWERED = "answered"


class Hit(NamedTuple):
    """A file that was found: where it is fetched, and how far away it is."""

    name: str
    size_bytes: int
    number: int
    address: Address
    servent: bytes
    hops: int


class Search(Operation[list[Hit]]):
    """One question of ours.

    Parameters
    ----------
    want : int
        Files that are enough; what comes later is not waited for.
    """

    def __init__(self, began_s: float, number: int, want: int) -> None:
        super().__init__("search", number=number, began_s=began_s)
        self.want = want
        self.hits: list[Hit] = []
        self._seen: set[tuple[bytes, int]] = set()

    def on_hit(self, now_s: float, hit: QueryHit) -> None:
        """Take the files of one servent."""
        hops = hit.hops + 1
        servent = int.from_bytes(hit.servent, "big")
        step = Step(servent, hops, self.began_s, now_s, ANSWERED)
        self.steps = (*self.steps, step)
        for result in hit.results:
            known = (hit.servent, result.index)
            if known not in self._seen:
                self._seen.add(known)
                found = (result.name, result.size_bytes, result.index)
                self.hits.append(Hit(*found, hit.address, hit.servent, hops))
        if len(self.hits) >= self.want:
            self.finish(self.hits)

    def on_time(self) -> None:
        """End with what there is."""
        self.finish(self.hits)


class Searches:
    """The searches of one servent that are under way."""

    def __init__(
        self, ctx: StreamContext, config: GnutellaConfig, flooding: Flooding
    ) -> None:
        self.ctx, self.config, self.flooding = ctx, config, flooding
        self._searches: dict[bytes, Search] = {}
        self._begun = 0

    def begin(self, text: str, ttl: int, want: int) -> Search:
        """Ask a question."""
        self._begun += 1
        search = Search(self.ctx.now(), self._begun, want)
        query = Query(guid=new_guid(self.ctx.rng), ttl=ttl, text=text)
        self._searches[query.guid] = search

        def ended(operation: Operation[list[Hit]]) -> None:
            del self._searches[query.guid]
            self.ctx.emit(operation.event())

        search.then(ended)
        self.ctx.after(self.config.search_s, search.on_time)
        self.flooding.ask(query)
        return search

    def on_hit(self, link: Link, hit: QueryHit) -> None:
        """Take a hit that is for us; pass on what is not."""
        if self.flooding.on_hit(hit) and hit.guid in self._searches:
            self._searches[hit.guid].on_hit(self.ctx.now(), hit)
