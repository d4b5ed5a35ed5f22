"""Crawling: a servent is asked who its peers are, and is left at once.

That is how the network was mapped: a crawler says so in its handshake, and is told.
Source: M. Ripeanu, A. Iamnitchi and I. Foster, "Mapping the Gnutella Network", IEEE
Internet Computing 6 (2002), asked with Pings; the header came in the same year.
"""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.core import (
    Address,
    BothContext,
    LocalProtocolError,
    Operation,
    PeerUnreachable,
    format_address,
)
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.host_cache import read_hosts
from p2pkit.protocols.gnutella.speech import AGENT, CONNECT
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Greeting, Text

MAX_PEERS = 1024
"""Peers that one servent may name."""


class Crawled(NamedTuple):
    """What a servent says of itself to a crawler."""

    peers: tuple[Address, ...]
    leaves: tuple[Address, ...]
    agent: str
    is_ultrapeer: bool


class Crawling:
    """The servents that are being asked."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, streams: Streams
    ) -> None:
        self.ctx, self.config, self.streams = ctx, config, streams
        self._asked: dict[Address, Operation[Crawled]] = {}

    def crawl(self, peer: Address) -> Operation[Crawled]:
        """Ask a servent who its peers are.

        Raises
        ------
        LocalProtocolError
            If there is a stream to it already, as to a neighbor.
        """
        if not self.streams.dial(peer, self):
            reason = (
                f"{format_address(peer)} has a stream of ours already: crawl with a "
                "servent that has no links, or disconnect first"
            )
            raise LocalProtocolError(reason)
        operation: Operation[Crawled] = Operation("crawl", began_s=self.ctx.now())
        self._asked[peer] = operation
        timer = self.ctx.after(self.config.handshake_s, lambda: self.on_close(peer))
        operation.then(lambda _: timer.cancel())
        return operation

    def on_open(self, stream: Address, ours: bool) -> None:
        """Ask."""
        if stream in self._asked:
            headers = ("user-agent", AGENT), ("crawler", "0.1")
            self.streams.send(stream, Greeting(CONNECT, headers))
        else:
            self.streams.close(stream)

    def on_text(self, stream: Address, text: Text) -> None:
        """Hear the answer."""
        operation = self._asked.pop(stream)
        self.streams.close(stream)
        peers = tuple(read_hosts(text.header("peers"), MAX_PEERS))
        leaves = tuple(read_hosts(text.header("leaves"), MAX_PEERS))
        is_ultrapeer = text.header("x-ultrapeer").lower() == "true"
        agent = text.header("user-agent")
        operation.finish(Crawled(peers, leaves, agent, is_ultrapeer))

    def on_close(self, stream: Address) -> None:
        """Hear that it did not answer."""
        operation = self._asked.pop(stream, None)
        if operation is not None:
            self.streams.close(stream)
            reason = f"{format_address(stream)} does not answer a crawler: it may be "
            operation.fail(PeerUnreachable(reason + "gone, or may not know the header"))
