"""Query tables of one servent: its own, which it sends, and those of its peers.

A leaf tells its ultrapeers the words of its files. An ultrapeer tells other ultrapeers
its own words and those of its leaves, all in one table; that is the last hop, and no
table goes further. Changes are sent together, as patches.
Read first: ``query_table.py``, ``qrp_messages.py``.
"""

from __future__ import annotations

from collections.abc import Collection

from p2pkit.core import BothContext, Timer
from p2pkit.protocols.gnutella.election import LEAF, ULTRAPEER, Election
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.qrp_incoming import IncomingTable
from p2pkit.protocols.gnutella.qrp_messages import RoutePatch, RouteReset, patches
from p2pkit.protocols.gnutella.query_table import QueryTable


class QueryTables:
    """What peers may have, and what they know of us."""

    def __init__(
        self, ctx: BothContext, table_s: float, library: Library, election: Election
    ) -> None:
        self.ctx, self.table_s = ctx, table_s
        self.library, self.election = library, election
        self._theirs: dict[Link, IncomingTable] = {}
        self._sent: dict[Link, QueryTable] = {}
        self._timer: Timer | None = None

    def on_up(self, link: Link) -> None:
        """Send our table to an ultrapeer that can read it."""
        if link.role == ULTRAPEER and link.has_table:
            self.ctx.send_stream(link.stream, RouteReset(guid=new_guid(self.ctx.rng)))
            self._sent[link] = QueryTable()
            self._update(link, self._own())

    def on_down(self, link: Link) -> None:
        """Forget a peer's table; if it was a leaf, ours has changed."""
        self._sent.pop(link, None)
        if self._theirs.pop(link, None) is not None:
            self.on_change()

    def on_reset(self, link: Link, message: RouteReset) -> None:
        """Begin a table of a peer anew."""
        self._theirs.setdefault(link, IncomingTable()).on_reset(message)

    def on_patch(self, link: Link, message: RoutePatch) -> None:
        """Change a table of a peer."""
        incoming = self._theirs.setdefault(link, IncomingTable())
        if incoming.on_patch(message) and link.role == LEAF:
            self.on_change()

    def on_change(self) -> None:
        """Hear that our own table may have changed, and tell in a while."""
        if self._timer is None:
            self._timer = self.ctx.after(self.table_s, self._on_settled)

    def may_have(self, link: Link, words: Collection[str]) -> bool:
        """Whether a peer, or a leaf of it, may have a file with these words."""
        incoming = self._theirs.get(link)
        if incoming is None or incoming.table is None:
            # Who sends tables and has not yet, has nothing yet.
            return not link.has_table
        return incoming.table.may_have(words)

    def table_of(self, link: Link) -> QueryTable | None:
        """Return the table of a peer, if it has sent one."""
        incoming = self._theirs.get(link)
        return None if incoming is None else incoming.table

    def stop(self) -> None:
        """Tell nobody any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _own(self) -> QueryTable:
        table = QueryTable()
        table.fill(self.library.words)
        if self.election.is_ultrapeer:
            for link, incoming in self._theirs.items():
                if link.role == LEAF and incoming.table is not None:
                    table.merge(incoming.table)
        return table

    def _on_settled(self) -> None:
        self._timer = None
        own = self._own()
        for link in list(self._sent):
            self._update(link, own)

    def _update(self, link: Link, own: QueryTable) -> None:
        patch = own.patch_from(self._sent[link])
        if patch:
            self._sent[link] = own
            for message in patches(new_guid(self.ctx.rng), patch):
                self.ctx.send_stream(link.stream, message)
