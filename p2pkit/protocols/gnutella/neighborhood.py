"""Neighborhood: what neighbors of ours tell each other, so that less has to be asked.

How many links a servent has, for walks that prefer large ones; it says so in the
handshake, and again when that has changed. And, with one-hop replication, what it
shares: then a neighbor answers in its place, and a walker need only come near.
Source: Y. Chawathe et al., "Making Gnutella-like P2P Systems Scalable", SIGCOMM 2003,
section 3.2, which has both.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from p2pkit.core import BothContext, RemoteProtocolError, Timer
from p2pkit.protocols.gnutella.checks import say
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.guid import new_guid, servent_guid
from p2pkit.protocols.gnutella.library import Library, words
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.messages import Query, QueryHit, Result, Vendor
from p2pkit.protocols.gnutella.results import read_results, write_results
from p2pkit.protocols.gnutella.speech import AGENT
from p2pkit.protocols.gnutella.trailer import PLAIN, VENDOR

DEGREE, FILES, MORE_FILES = 3, 4, 5
MAX_FILES = 1_000
"""Files of one neighbor that are remembered."""

FILES_A_MESSAGE = 100
SETTLE_S = 0.5
"""How long a change of links or files waits for more, before neighbors are told."""


class Neighborhood:
    """What one servent tells its neighbors, and what they have told it."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, links: Links, library: Library
    ) -> None:
        self.ctx, self.config = ctx, config
        self.links, self.library = links, library
        self._files: dict[Link, list[tuple[frozenset[str], Result]]] = {}
        self._told: dict[Link, int] = {}  # the degree that a neighbor was told
        self._has_changed = False
        self._timer: Timer | None = None

    def on_up(self, link: Link) -> None:
        """Hear what a peer has said of itself, and tell it what we share."""
        said = link.greeting.header("x-degree")
        if said.isascii() and said.isdigit() and len(said) < 6:
            link.degree = int(said)
        if link.greeting.header("user-agent").startswith(AGENT):
            self._told[link] = self.config.degree
            if self.config.one_hop:
                self._tell_files(link)
        self._settle()

    def on_down(self, link: Link) -> None:
        """Forget what a peer has said."""
        self._files.pop(link, None)
        self._told.pop(link, None)
        if link.is_open:
            self._settle()

    def on_change(self) -> None:
        """Hear that our library has changed."""
        if self.config.one_hop:
            self._has_changed = True
            self._settle()

    def on_vendor(self, link: Link, message: Vendor) -> None:
        """Hear what a neighbor tells; what is not for us is passed over.

        Raises
        ------
        RemoteProtocolError
            If it cannot be read, or is too much.
        """
        if message.vendor != VENDOR:
            return
        try:
            if message.selector == DEGREE:
                (link.degree,) = struct.unpack("<H", message.data)
            elif message.selector in (FILES, MORE_FILES) and self.config.one_hop:
                self._on_files(link, message)
        except (struct.error, IndexError, ValueError) as error:
            raise RemoteProtocolError("malformed payload") from error  # noqa: EM101, TRY003

    def answers(self, query: Query) -> Iterator[QueryHit]:
        """Yield the hits of our neighbors for a question."""
        wanted = words(query.text) if self._files else frozenset()
        for link, files in self._files.items() if wanted else ():
            found = [result for known, result in files if wanted <= known]
            if found:
                yield QueryHit(
                    guid=query.guid,
                    ttl=query.hops + 1,
                    address=link.peer,
                    results=tuple(found[: self.config.max_hits]),
                    servent=servent_guid(link.peer),
                    trailer=PLAIN,
                )

    def stop(self) -> None:
        """Tell nobody any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _settle(self) -> None:
        if self._timer is None:
            self._timer = self.ctx.after(SETTLE_S, self._on_settled)

    def _on_settled(self) -> None:
        self._timer = None
        degree, has_changed = len(self.links.open()), self._has_changed
        self._has_changed = False
        for link, told in list(self._told.items()):
            if told != degree:
                self._told[link] = degree
                self._say(link, DEGREE, struct.pack("<H", min(degree, 0xFFFF)))
            if has_changed:
                self._tell_files(link)

    def _tell_files(self, link: Link) -> None:
        shared = list(self.library.files.values())[:MAX_FILES]
        for at in range(0, len(shared) or 1, FILES_A_MESSAGE):
            some = shared[at : at + FILES_A_MESSAGE]
            results = [Result(one.number, len(one.data), one.name) for one in some]
            selector = MORE_FILES if at else FILES
            self._say(link, selector, write_results(results))

    def _on_files(self, link: Link, message: Vendor) -> None:
        results, _ = read_results(message.data, 0, len(message.data), FILES_A_MESSAGE)
        known = [] if message.selector == FILES else self._files.get(link, [])
        if len(known) + len(results) > MAX_FILES:
            raise RemoteProtocolError("too many files of a neighbor")  # noqa: EM101, TRY003
        self._files[link] = known + [(words(one.name), one) for one in results]

    def _say(self, link: Link, selector: int, data: bytes) -> None:
        guid = new_guid(self.ctx.rng)
        self.ctx.send_stream(link.stream, say(guid, selector, data))
