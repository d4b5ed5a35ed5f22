"""Handshake: three blocks of text make a stream a link.

Who opened the stream says ``GNUTELLA CONNECT/0.6`` and what it can do; the other
answers 200, or 503 and whom else to try; the first says 200 as well, and from then on
both send messages. Version 0.4 had two lines and no headers; it is still answered.
Source: RFC-Gnutella 0.6, section 1. Read next: ``node.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.protocols.gnutella import speech as said
from p2pkit.protocols.gnutella.host_cache import read_host, read_hosts
from p2pkit.protocols.gnutella.link import Link, Stage
from p2pkit.protocols.gnutella.text import Greeting

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.links import Links

ACCEPTS = "GNUTELLA/0.6 200", said.OK_04


class Handshake:
    """Takes the steps; `Stage` says what each link waits for."""

    def __init__(self, links: Links, speech: said.Speech) -> None:
        self.links, self.speech = links, speech

    def offer(self, link: Link) -> None:
        """Speak first, on a stream of ours."""
        link.stage = Stage.OFFERED
        self.speech.say(link, said.CONNECT)

    def on_greeting(self, link: Link, greeting: Greeting) -> None:
        """Take the next step.

        Raises
        ------
        RemoteProtocolError
            If the peer says what is not its turn to say.
        """
        link.greeting = greeting
        for name in ("x-try", "x-try-ultrapeers"):
            for address in read_hosts(greeting.header(name)):
                self.links.hosts.add(address)
        offers = greeting.line.startswith("GNUTELLA CONNECT/")
        accepts = greeting.line.startswith(ACCEPTS)
        if link.stage is Stage.OPENED and offers:
            self._on_offer(link, greeting)
        elif link.stage is Stage.OFFERED and accepts:
            if greeting.line != said.OK_04:
                self.speech.say(link, said.OK)
            self._on_agreed(link)
        elif link.stage is Stage.ANSWERED and accepts:
            self._on_agreed(link)
        elif greeting.line.startswith("GNUTELLA/0.6 ") and not link.is_open:
            self.links.close(link)  # a refusal is no offense
        else:
            self.links.refuse(link, "out of turn")

    def _on_offer(self, link: Link, greeting: Greeting) -> None:
        listens = read_host(greeting.header("listen-ip"))
        if listens is not None:  # the host is the stream's: nobody speaks for another
            link.peer = (link.stream[0], listens[1])
        if self._is_twice(link):
            self._decline(link, said.TWICE)
        elif len(self.links.open()) >= self.links.config.max_links:
            self._decline(link, said.BUSY)
        elif greeting.line == said.CONNECT_04:
            self.speech.say(link, said.OK_04)
            self._on_agreed(link)
        else:
            link.stage = Stage.ANSWERED
            self.speech.say(link, said.OK)

    def _decline(self, link: Link, line: str) -> None:
        self.speech.say(link, line)
        self.links.close(link)

    def _is_twice(self, link: Link) -> bool:
        """Whether the peer is linked already, or the two of us dialed at once.

        Then the stream of the one with the lower address stays, at both ends.
        """
        others = [one for one in self.links.by_stream.values() if one is not link]
        crossing = [one for one in others if one.peer == link.peer]
        if not crossing and link.peer not in self.links.dialing:
            return False
        if any(not one.ours or one.is_open for one in crossing):
            return True
        return self.links.ctx.me.address < link.peer

    def _on_agreed(self, link: Link) -> None:
        link.stage = Stage.OPEN
        for other in list(self.links.by_stream.values()):
            if other is not link and other.peer == link.peer:
                self.links.close(other)
        self.links.hosts.add(link.peer)
        self.links.on_up(link)
