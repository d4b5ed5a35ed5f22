"""Handshake: three blocks of text make a stream a link.

Who opened the stream says ``GNUTELLA CONNECT/0.6`` and what it can do; the other
answers 200, or 503 and whom else to try; the first says 200 as well, and from then on
both send messages. Version 0.4 had two lines and no headers; it is still answered. A
crawler says that it is one, is told who our peers are, and goes.
Source: RFC-Gnutella 0.6, section 1. Read next: ``speech.py``, ``node.py``.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from p2pkit.protocols.gnutella import speech as said
from p2pkit.protocols.gnutella.host_cache import read_host, read_hosts
from p2pkit.protocols.gnutella.link import Link, Stage
from p2pkit.protocols.gnutella.text import Greeting

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.links import Links


class Line(Enum):
    """What the first line of a block means."""

    OFFER = "GNUTELLA CONNECT/"
    OFFER_04 = said.CONNECT_04
    ACCEPT = "GNUTELLA/0.6 200"
    ACCEPT_04 = said.OK_04
    REFUSE = "GNUTELLA/0.6 "
    NONSENSE = "anything else"


TURNS: dict[tuple[Stage, Line], str] = {
    (Stage.OPENED, Line.OFFER): "_on_offer",
    (Stage.OPENED, Line.OFFER_04): "_on_offer_04",
    (Stage.OFFERED, Line.ACCEPT): "_on_answer",
    (Stage.OFFERED, Line.ACCEPT_04): "_on_agreed",
    (Stage.OFFERED, Line.REFUSE): "_on_refusal",
    (Stage.ANSWERED, Line.ACCEPT): "_on_agreed",
    (Stage.ANSWERED, Line.REFUSE): "_on_refusal",
}
"""Who may say what, when; all else ends the stream."""

TRIES = "x-try", "x-try-ultrapeers"
NAMES = "listen-ip", "node", "x-my-address"
"""Headers that say where a servent listens; which one depends on its vendor."""


class Handshake:
    """Takes the steps."""

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
        headers = *greeting.headers, *link.greeting.headers  # the latest counts
        link.greeting = Greeting(greeting.line, headers)
        for name in TRIES:
            for address in read_hosts(greeting.header(name)):
                self.links.hosts.add(address)
        step = TURNS.get((link.stage, meaning(greeting.line)))
        if step is None:
            self.links.refuse(link, "out of turn")
        else:
            getattr(self, step)(link)

    def _on_offer(self, link: Link) -> None:
        self._hear_name(link)
        if link.greeting.header("crawler"):
            self._end(link, said.OK)
        elif self._is_crossing(link):
            self._end(link, said.TWICE)
        elif line := self.speech.objection(link, self.links.count_with(link)):
            self._end(link, line)
        else:
            link.stage = Stage.ANSWERED
            self.speech.say(link, said.OK)

    def _on_offer_04(self, link: Link) -> None:
        if self.speech.objection(link, self.links.count_with(link)):
            self.links.close(link)  # there was no word for that
        else:
            self.speech.say(link, said.OK_04)
            self._on_agreed(link)

    def _on_answer(self, link: Link) -> None:
        if line := self.speech.second_thoughts(link):
            self._end(link, line)
            return
        self.speech.say(link, said.OK)
        self._on_agreed(link)

    def _on_agreed(self, link: Link) -> None:
        self.links.opened(link)

    def _on_refusal(self, link: Link) -> None:
        self.links.close(link)  # no offense

    def _end(self, link: Link, line: str) -> None:
        self.speech.say(link, line)
        self.links.close(link)

    def _hear_name(self, link: Link) -> None:
        """Note where the peer listens; its host is the stream's, whatever it says."""
        for name in NAMES:
            listens = read_host(link.greeting.header(name))
            if listens is not None:
                link.peer = (link.stream[0], listens[1])
                return

    def _is_crossing(self, link: Link) -> bool:
        """Whether we are dialing the peer that dials us, and our stream is to stay.

        Both ends keep the stream of the one with the lower address. A link that was
        open before gives way: its peer has started again.
        """
        mine = [one for one in self.links.to(link.peer) if one.ours and not one.is_open]
        is_dialing = bool(mine) or link.peer in self.links.dialing
        return is_dialing and self.links.ctx.me.address < link.peer


def meaning(line: str) -> Line:
    """Return what a first line means.

    Examples
    --------
    >>> meaning("GNUTELLA/0.6 200 Welcome").name, meaning("GNUTELLA CONNECT/0.7").name
    ('ACCEPT', 'OFFER')
    """
    exact = {one.value: one for one in (Line.OFFER_04, Line.ACCEPT_04)}
    if line in exact:
        return exact[line]
    begins = (one for one in (Line.OFFER, Line.ACCEPT, Line.REFUSE))
    return next((one for one in begins if line.startswith(one.value)), Line.NONSENSE)
