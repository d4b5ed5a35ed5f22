"""Rumor mongering: keep telling the news until it stops being news.

What it shows: a few tellings a site reach almost everyone, then silence; how few stay
untold depends on who calls whom, and on what makes a teller lose interest.
Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance",
PODC 1987, section 1.4, complex epidemics. Simplified: each rumor travels alone.
Read next: ``interest.py``; then ``naive.py``, the careless twin, and
``anti_entropy.py``, which reaches the rest.
"""

from __future__ import annotations

from typing import Any, ClassVar, assert_never

from p2pkit.core import Address, Context, Message, MsgpackCodec, RemoteProtocolError
from p2pkit.protocols.rounds import Rounds
from p2pkit.protocols.rumor.config import RumorConfig
from p2pkit.protocols.rumor.interest import Hot
from p2pkit.protocols.rumor.news import (
    Cooled,
    Learned,
    Memory,
    RumorId,
    Tell,
    require_body,
    rumor_id,
)


class Ask(Message, frozen=True, gc=False):
    """A question: what is new with you."""


class Feedback(Message, frozen=True, gc=False):
    """Answer to a `Tell`: whether it was news."""

    rumor: RumorId
    was_news: bool


class Rumor(Rounds):
    """One site."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Tell, Ask, Feedback)
    Config = RumorConfig
    config: RumorConfig

    def __init__(self, ctx: Context, config: RumorConfig) -> None:
        super().__init__(ctx, config)
        self.memory = Memory(config.memory)
        self.hot: dict[bytes, Hot] = {}
        self.asks = 0  # answered in this round

    def publish(self, body: bytes) -> bytes:
        """Begin a rumor; return its id. What is known here does not begin again."""
        require_body(body)
        rumor = rumor_id(body)
        if self.memory.add(rumor):
            self._learn(rumor, Tell(body), None)
        return rumor

    def knows(self, rumor: bytes) -> bool:
        """Tell whether this site has heard a rumor."""
        return rumor in self.memory

    def inspect(self) -> dict[str, Any]:
        """Return how many rumors are known, and the ids of those still told."""
        return {"known": len(self.memory), "hot": list(self.hot)}

    def save(self) -> bytes:
        """Keep the ids of the rumors known."""
        return self.memory.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.memory.restore(saved)

    def receive(self, sender: Address, message: Tell | Ask | Feedback) -> None:
        """Handle one message."""
        match message:
            case Tell():
                self._on_tell(sender, message)
            case Feedback():
                self._on_feedback(sender, message)
            case Ask():
                self._on_ask(sender)
            case _:
                assert_never(message)

    def on_round(self) -> None:
        """Lose interest where it is time; then call a random peer, or a few."""
        self.asks, mode = 0, self.config.mode
        if mode == "push" and not self.hot:
            return
        number, draw, hot = self.round, self.ctx.rng.random, self.hot.items()
        for rumor in [one for one, it in hot if it.cools(self.config, number, draw)]:
            self._cool(rumor)
        for _ in range(self.config.fanout if self.view else 0):
            peer = self.pick()
            if mode != "push":
                self.ctx.send(peer, Ask())
            if mode != "pull":
                self._tell(peer, number)

    def _tell(self, peer: Address, number: int) -> None:
        """Tell all that is hot, but for what was learned in this very round."""
        for hot in self.hot.values():
            if hot.since < number:
                hot.on_told(peer)
                self.ctx.send(peer, hot.tell)

    def _on_ask(self, sender: Address) -> None:
        if self.asks >= self.config.max_asks:
            raise RemoteProtocolError("too many questions in one round")  # noqa: EM101, TRY003
        self.asks += 1
        self._tell(sender, self.round)

    def _on_tell(self, sender: Address, message: Tell) -> None:
        rumor = rumor_id(message.body)
        was_news = self.memory.add(rumor)
        if was_news:
            self._learn(rumor, message, sender)
        elif self.config.synchronous and (hot := self.hot.get(rumor)):
            was_news = hot.since == self.round  # it was, when this round began
        if self.config.feedback:
            self.ctx.send(sender, Feedback(rumor, was_news))

    def _on_feedback(self, sender: Address, message: Feedback) -> None:
        hot = self.hot.get(message.rumor)
        # One that is cold by now may still be answered, so that is no offense.
        if hot is not None and not hot.on_feedback(sender, message.was_news):
            raise RemoteProtocolError("feedback on what it was not told")  # noqa: EM101, TRY003

    def _learn(self, rumor: bytes, message: Tell, sender: Address | None) -> None:
        self.ctx.emit(Learned(rumor, sender, message.hops))
        if len(self.hot) >= self.config.max_hot:
            self._cool(next(iter(self.hot)))
        self.hot[rumor] = Hot(message.onward, self.round)

    def _cool(self, rumor: bytes) -> None:
        del self.hot[rumor]
        self.ctx.emit(Cooled(rumor))
