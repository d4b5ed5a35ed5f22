"""Flooding: ask every neighbor, who ask every neighbor of theirs.

What it shows: the simplest search there is, its exact price, and its horizon. In a
connected overlay of n servents and E links, a question that reaches all of them costs
2E - n + 1 messages: each servent but the first passes it to all neighbors but one.
Source: RFC-Gnutella 0.6, section 2.2; C. Lv et al., "Search and Replication in
Unstructured Peer-to-Peer Networks", ICS 2002, section 4.
Read first: ``node.py``. Read next: ``random_walk.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pkit.core import Address, Event, Recent, RemoteProtocolError, StreamContext
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query, QueryHit, travelled


class QueryHeard(Event, frozen=True):
    """A question has reached a servent for the first time.

    Parameters
    ----------
    query : bytes
        The question's id.
    sender : Address or None
        The neighbor it came from; None where it was asked.
    hops : int
        Links it has crossed.
    """

    query: bytes
    sender: Address | None
    hops: int


class Flooding:
    """What one servent does with the questions of others, and with their answers.

    Parameters
    ----------
    ctx : StreamContext
        The node's driver.
    neighbors : callable
        Returns the streams of the links that are open.
    answer : callable
        Given a question, returns the hit of our own files, or None.
    max_routes : int
        Questions whose way back is remembered.
    """

    def __init__(
        self,
        ctx: StreamContext,
        neighbors: Callable[[], Iterable[Address]],
        answer: Callable[[Query], QueryHit | None],
        max_routes: int,
    ) -> None:
        self.ctx, self.neighbors, self.answer = ctx, neighbors, answer
        # A question's id and the stream it came by; None for a question of ours.
        self.came_by: Recent[bytes, Address | None] = Recent(max_routes)
        self.duplicates = 0

    def ask(self, query: Query) -> None:
        """Ask a question of our own."""
        self.came_by.put(query.guid, None)
        self.ctx.emit(QueryHeard(query.guid, None, 0))
        for stream in self.neighbors():
            self.ctx.send(stream, query)

    def on_query(self, link: Link, query: Query) -> None:
        """Answer a question, and pass it on, if it is news."""
        if query.guid in self.came_by:
            self.duplicates += 1  # no offense: other ways lead here as well
            return
        stream = link.stream
        self.came_by.put(query.guid, stream)
        self.ctx.emit(QueryHeard(query.guid, link.peer, query.hops + 1))
        hit = self.answer(query)
        if hit is not None:
            self.ctx.send(stream, hit)
        if query.ttl > 1:
            onward = travelled(query)
            for neighbor in self.neighbors():
                if neighbor != stream:
                    self.ctx.send(neighbor, onward)

    def on_hit(self, hit: QueryHit) -> bool:
        """Pass a hit back the way its question came; return whether it is for us.

        Raises
        ------
        RemoteProtocolError
            If no question of this id came by.
        """
        if hit.guid not in self.came_by:
            raise RemoteProtocolError("hit for no question")  # noqa: EM101, TRY003
        back = self.came_by[hit.guid]
        if back is not None and hit.ttl > 1:
            self.ctx.send(back, travelled(hit))
        return back is None
