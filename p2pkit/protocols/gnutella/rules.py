"""Rules: ways of searching, which may be exchanged while everything else stays.

A rule has two halves. Where a question is asked, a `Rule` sends it off and says what
is done until the search ends. Where it is heard, a `Course` passes it on. Most courses
ride in the question, in an extension of ours (GGEP) that others pass over: so one
overlay serves every rule at once, and a servent that nobody here wrote floods what it
is allowed to, by TTL.

A rule of your own is a subclass of each, given to a servent of your own as `courses`.
Read next: ``flooding.py``, ``expanding_ring.py``, ``random_walk.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import msgspec

from p2pkit.core import RemoteProtocolError, Settings
from p2pkit.protocols.gnutella.ggep import MAGIC, read_ggep, write_ggep

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.config import GnutellaConfig
    from p2pkit.protocols.gnutella.link import Link
    from p2pkit.protocols.gnutella.messages import Query
    from p2pkit.protocols.gnutella.router import Router
    from p2pkit.protocols.gnutella.search import Search

EXTENSION = "P2PK"
"""The name under which a course rides in a question."""


class Rule(Settings, frozen=True, kw_only=True):
    """How a servent searches; its fields are what can be set about it."""

    def begin(self, router: Router, search: Search) -> None:
        """Send a question on its way; timers may go on while not `search.done`."""
        raise NotImplementedError

    def lasts_s(self, config: GnutellaConfig) -> float:
        """Return how long a search waits for hits, in seconds."""
        return config.search_s


class Course(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """How a question is passed on; its fields travel with the question."""

    def relay(self, router: Router, link: Link, query: Query, is_news: bool) -> None:
        """Pass on a question that came by `link` and has been answered.

        Parameters
        ----------
        router : Router
            Whom it may go to, and how it gets there.
        link : Link
            Where it came from.
        query : Query
            The question, as it came.
        is_news : bool
            Whether this servent has not heard it before.
        """
        raise NotImplementedError

    def crossed(self, query: Query) -> int:
        """Return how many links a question has crossed when it is heard."""
        return query.hops + 1

    @property
    def is_far(self) -> bool:
        """Whether it goes further than TTL allows; its hits go as far back."""
        return False


class Courses:
    """Reads and writes the courses that one class of servents knows.

    Parameters
    ----------
    plain : Course
        The course of a question that carries none.
    *kinds : type
        Those that a question may carry.
    """

    def __init__(self, plain: Course, *kinds: type[Course]) -> None:
        self.plain = plain
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Union[kinds]).decode  # noqa: UP007

    def write(self, course: Course) -> bytes:
        """Return the extension that carries a course."""
        if course == self.plain:
            return b""
        return write_ggep({EXTENSION: self._encode(course)})

    def read(self, query: Query) -> Course:
        """Return the course of a question.

        Raises
        ------
        RemoteProtocolError
            If it carries one that cannot be read.
        """
        at = query.ext.find(MAGIC)
        if at < 0:
            return self.plain
        data = read_ggep(query.ext[at:])[0].get(EXTENSION)
        if data is None:
            return self.plain
        try:
            course: Any = self._decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise RemoteProtocolError("unreadable course") from error  # noqa: EM101, TRY003
        return course  # type: ignore[no-any-return]
