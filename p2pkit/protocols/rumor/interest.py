"""Interest: how a site judges, once a round, whether a rumor is still worth telling.

Source: Demers et al., section 1.4: blind or feedback, counter or coin.
Read next: ``mongering.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from p2pkit.core import Address
from p2pkit.protocols.rumor.config import RumorConfig
from p2pkit.protocols.rumor.news import Tell

MAX_WAITING = 1024
"""Peers whose feedback on one rumor is waited for."""


class Hot:
    """A rumor that is told, and what its tellings of this round have come to.

    Parameters
    ----------
    tell : Tell
        What is said.
    since : int
        The round in which it was learned; it is told from the next one on.
    """

    __slots__ = ("count", "since", "tell", "told", "useful", "useless", "waiting")

    def __init__(self, tell: Tell, since: int) -> None:
        self.tell, self.since = tell, since
        self.told = False
        self.useful = self.useless = 0  # told to who had not known it; to who had
        self.count = 0  # rounds that count against it
        self.waiting: dict[Address, int] = {}  # tellings not answered yet

    def on_told(self, peer: Address) -> None:
        """Note that a peer was told."""
        self.told = True
        if len(self.waiting) >= MAX_WAITING:
            del self.waiting[next(iter(self.waiting))]
        self.waiting[peer] = self.waiting.pop(peer, 0) + 1

    def on_feedback(self, peer: Address, was_news: bool) -> bool:
        """Note what a peer answered; return False if it was not asked."""
        left = self.waiting.pop(peer, 0) - 1
        if left < 0:
            return False
        if left:
            self.waiting[peer] = left
        if was_news:
            self.useful += 1
        else:
            self.useless += 1
        return True

    def cools(
        self, config: RumorConfig, number: int, draw: Callable[[], float]
    ) -> bool:
        """Judge the last round; return whether it is to be told no more.

        All peers of a round are one contact, useful if it was to one of them: the
        paper says so of pull, and push has one peer in a round.
        """
        useful, useless, told = self.useful, self.useless, self.told
        self.useful, self.useless, self.told = 0, 0, False
        if number - self.since > config.max_rounds:
            return True
        if useful and config.reset:
            self.count = 0
        counts = useless and not useful if config.feedback else told
        if not counts or config.forget == "never":
            return False
        if config.forget == "coin":
            return draw() < 1 / config.k
        self.count += 1
        return self.count >= config.k
