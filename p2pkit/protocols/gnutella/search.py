"""Search: a question that was asked, until enough answers have come or time is up."""

from __future__ import annotations

from p2pkit.core import BothContext, LocalProtocolError, Operation, Step, Timer
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.expanding_ring import ExpandingRing
from p2pkit.protocols.gnutella.flooding import Flood
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.huge import sha1_of
from p2pkit.protocols.gnutella.messages import QueryHit
from p2pkit.protocols.gnutella.random_walk import RandomWalk
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.rules import Rule

ANSWERED = "answered"

MAX_TEXT_BYTES = 256
"""Longest text of a question; real servents drop what is longer."""

MAX_HITS = 10_000
"""Files, and answers, that one search takes."""

RULES: dict[str, Rule] = {
    "flood": Flood(),
    "ring": ExpandingRing(),
    "walk": RandomWalk(walkers=1),
    "walks": RandomWalk(),
}
"""Rules by the names that a command line can give."""


class Search(Operation[list[Hit]]):
    """One search: its questions and what they have found so far.

    Parameters
    ----------
    began_s, number
        When it began, and which of the servent's it is.
    text : str
        What is looked for.
    want : int
        Files that are enough; what comes later is not waited for.
    """

    def __init__(self, began_s: float, number: int, text: str, want: int) -> None:
        super().__init__("search", number=number, began_s=began_s)
        self.text, self.want = text, want
        self.hits: list[Hit] = []
        self.queries: list[bytes] = []  # the ids of its questions; a ring asks anew
        self._seen: set[tuple[bytes, int]] = set()
        self._answers: list[Step] = []

    def on_hit(self, now_s: float, hit: QueryHit, hops: int) -> None:
        """Take the files of one servent, `hops` links away."""
        servent = int.from_bytes(hit.servent, "big")
        self._answers.append(Step(servent, hops, self.began_s, now_s, ANSWERED))
        for result in hit.results:
            known = (hit.servent, result.index)
            if known not in self._seen:
                self._seen.add(known)
                found = (result.name, result.size_bytes, result.index, hit.address)
                sha1 = sha1_of(result.ext)
                self.hits.append(Hit(*found, hit.servent, hops, sha1))
        if len(self.hits) >= min(self.want, MAX_HITS) or len(self._answers) >= MAX_HITS:
            self.end()

    def end(self) -> None:
        """End with what there is."""
        self.steps = tuple(self._answers)
        self.finish(self.hits)


class Searches:
    """The searches of one servent that are under way."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, router: Router
    ) -> None:
        self.ctx, self.config, self.router = ctx, config, router
        self._begun = 0
        self._timers: dict[Search, Timer] = {}

    def begin(self, text: str, rule: Rule, want: int) -> Search:
        """Ask a question by a rule.

        Raises
        ------
        LocalProtocolError
            If no question can have this text.
        """
        if len(text.encode()) > MAX_TEXT_BYTES or "\0" in text:
            reason = f"a question has up to {MAX_TEXT_BYTES} bytes and no zero among "
            raise LocalProtocolError(reason + "them: search for fewer words")
        self._begun += 1
        search = Search(self.ctx.now(), self._begun, text, want)
        lasts_s = rule.lasts_s(self.config)
        self._timers[search] = self.ctx.after(lasts_s, search.end)

        def ended(operation: Operation[list[Hit]]) -> None:
            self._timers.pop(search).cancel()
            self.router.forget(search)
            self.ctx.emit(operation.event())

        search.then(ended)
        rule.begin(self.router, search)
        return search

    def stop(self) -> None:
        """Wait for no hits any more, without telling the askers."""
        for timer in self._timers.values():
            timer.cancel()


def rule_of(rule: Rule | str, ttl: int | None) -> Rule:
    """Return a rule that was given by itself or by name.

    Raises
    ------
    LocalProtocolError
        If there is none of this name, or `ttl` is given for one without.
    """
    if isinstance(rule, str):
        if rule not in RULES:
            reason = f"there is no rule {rule!r}: say {', '.join(RULES)}, or give one"
            raise LocalProtocolError(reason)
        rule = RULES[rule]
    return rule if ttl is None else type(rule).of(rule, ttl=ttl)
