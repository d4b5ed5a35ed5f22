"""Router: the way of questions through one servent, and of hits back.

A question is remembered by its id, with the stream it came by: a second time it is no
news, and its hits go back there. Whom it goes to next is its rule's to say. The memory
is bounded: a question that was forgotten is news again, and its hits are lost.
Source: RFC-Gnutella 0.6, section 2.2. Read next: ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from p2pkit.core import Address, BothContext, Recent, RemoteProtocolError
from p2pkit.protocols.gnutella.checks import Checks
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query, QueryHit
from p2pkit.protocols.gnutella.reports import HitRouted, QueryHeard
from p2pkit.protocols.gnutella.rules import Course, Courses
from p2pkit.protocols.gnutella.trailer import read_steps, write_trailer
from p2pkit.protocols.gnutella.travel import travelled

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.search import Search


class Router:
    """What one servent does with questions, and with their answers.

    Parameters
    ----------
    ctx, config
        The node's driver and settings.
    links : callable
        Returns the open links.
    answer : callable
        Given a question, returns the hits that we know of.
    courses : Courses
        Which courses a question may take.
    """

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        links: Callable[[], Iterable[Link]],
        answer: Callable[[Query], Iterable[QueryHit]],
        courses: Courses,
    ) -> None:
        self.ctx, self.config = ctx, config
        self.links, self.answer, self.courses = links, answer, courses
        # A question's id and the stream it came by; None for a question of ours.
        self.came_by: Recent[bytes, Address | None] = Recent(config.max_routes)
        self._far: Recent[bytes, None] = Recent(config.max_routes)
        self.asked: dict[bytes, Search] = {}
        # A servent's id and the stream its hits come by, for a push.
        self.servents: Recent[bytes, Address] = Recent(config.max_routes)
        self.checks = Checks(ctx, config.check_s, self.asked)
        self.duplicates = 0

    def make(self, search: Search, ttl: int, course: Course | None = None) -> Query:
        """Return a new question of ours; nobody has been asked it yet."""
        course = course or self.courses.plain
        ext, ttl = self.courses.write(course), min(ttl, self.config.max_ttl)
        query = Query(guid=new_guid(self.ctx.rng), ttl=ttl, text=search.text, ext=ext)
        search.queries.append(query.guid)
        self.asked[query.guid] = search
        self.came_by.put(query.guid, None)
        self.ctx.emit(QueryHeard(query.guid, None, 0))
        return query

    def onward(self, query: Query, came_by: Link | None = None) -> list[Link]:
        """Return whom a question may go to: all, but where it came from."""
        return [link for link in self.links() if link is not came_by]

    def send(self, links: Iterable[Link], query: Query) -> None:
        """Send one question by each of `links`."""
        for link in links:
            self.ctx.send_stream(link.stream, query)

    def forget(self, search: Search) -> None:
        """Know a search no more; hits that are still under way are let go."""
        for guid in search.queries:
            self.asked.pop(guid, None)

    def on_query(self, link: Link, query: Query) -> None:
        """Answer a question, if it is news, and pass it on as its course says."""
        course = self.courses.read(query) if query.ext else self.courses.plain
        is_news = query.guid not in self.came_by
        if is_news:
            self.came_by.put(query.guid, link.stream)
            if course.is_far:
                self._far.put(query.guid, None)
            event = QueryHeard(query.guid, link.peer, course.crossed(query))
            self.ctx.emit(event)
            self._answer(link, query, course)
        else:
            self.duplicates += 1  # no offense: other ways lead here as well
        course.relay(self, link, query, is_news)

    def on_hit(self, link: Link, hit: QueryHit) -> None:
        """Take a hit that is for us; pass another back the way its question came.

        Raises
        ------
        RemoteProtocolError
            If no question of this id came by.
        """
        if hit.guid not in self.came_by:
            raise RemoteProtocolError("hit for no question")  # noqa: EM101, TRY003
        self.servents.put(hit.servent, link.stream)
        self.ctx.emit(HitRouted(hit.guid, link.peer, hit.hops + 1))
        back = self.came_by[hit.guid]
        if back is None:
            search = self.asked.get(hit.guid)
            if search is not None:
                hops = read_steps(hit.trailer) or hit.hops + 1
                search.on_hit(self.ctx.now(), hit, hops)
        elif hit.guid in self._far:
            hops = min(hit.hops + 1, self.config.max_ttl - 1)
            self.ctx.send_stream(back, msgspec.structs.replace(hit, ttl=1, hops=hops))
        elif hit.ttl > 1:
            self.ctx.send_stream(back, travelled(hit))

    def _answer(self, link: Link, query: Query, course: Course) -> None:
        for hit in self.answer(query):
            if course.is_far:
                trailer = write_trailer(course.crossed(query))
                hit = msgspec.structs.replace(hit, ttl=1, trailer=trailer)
            self.ctx.send_stream(link.stream, hit)
