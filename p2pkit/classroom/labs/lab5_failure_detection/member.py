"""What the classes of lab 5 begin with: a group, periods, and news that travel along.

A member calls what students write: `on_period`, `on_beat`, `on_ping_req`, `on_ack`,
`failed` and `on_news`. What they do not write does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2
from typing import Any

import msgspec

from p2pkit.classroom.labs.lab5_failure_detection.wire import (
    MOST_NEWS,
    Ack,
    Beat,
    Config,
    Down,
    News,
    Ping,
    PingReq,
)
from p2pkit.core import Address, Context

COPIES = 3
"""How often a piece of news is told, for each doubling of the group."""


class Member:
    """What your classes begin with.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(peer, message)``, ``ctx.after(delay_s, call)``, ``ctx.now()``.
    config : Config
        Settings.
    me : Address
        Your own address, by which others know you.
    others : list of Address
        All other members, dead or alive.
    down : dict of Address to float
        Whom you have declared dead, and when.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.me: Address = ctx.me.address
        self.others: list[Address] = []
        self.down: dict[Address, float] = {}
        self._tag = 0
        self._news: dict[Address, News] = {}
        self._copies: dict[Address, int] = {}

    # What you may use.

    def new_tag(self) -> int:
        """Return a number that no question of yours has had."""
        self._tag += 1
        return self._tag

    def pick(self, count: int, but: Address | None = None) -> list[Address]:
        """Return `count` different members at random, none of them down, nor `but`."""
        able = [one for one in self.others if one not in self.down and one != but]
        return self.ctx.rng.sample(able, min(count, len(able)))

    def say(self, to: Address, message: Ping | PingReq | Ack) -> None:
        """Send a message, and some news along with it."""
        self.ctx.send(to, msgspec.structs.replace(message, news=self._for(to)))

    def declare(self, peer: Address) -> None:
        """Declare a member dead, and report it."""
        if peer not in self.down:
            self.down[peer] = self.ctx.now()
            self.ctx.emit(Down(peer))

    def spread(self, news: News) -> None:
        """Tell a piece of news along with the next messages."""
        self._news[news.about] = news
        self._copies[news.about] = COPIES * ceil(log2(len(self.others) + 2))

    # What you write.

    def on_period(self) -> None:
        """Do what is to be done once in each period."""

    def on_beat(self, sender: Address) -> None:
        """Hear a beat."""

    def on_ping(self, sender: Address, message: Ping) -> None:
        """Answer a ping; this you need not write."""
        self.say(sender, Ack(message.tag))

    def on_ping_req(self, sender: Address, message: PingReq) -> None:
        """Hear that somebody wants a target to be pinged."""

    def on_ack(self, sender: Address, message: Ack) -> None:
        """Hear an answer."""

    def on_news(self, news: News) -> None:
        """Hear what somebody believes of a member."""

    # The rest is given: it calls the above.

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Learn who the others are, and begin at a random moment of a period."""
        self.others = list(contacts)
        self.ctx.after(self.ctx.rng.random() * self.config.period_s, self._on_period)

    def receive(self, sender: Address, message: Any) -> None:
        """Give a message to who handles it, after the news that came with it."""
        for one in getattr(message, "news", ()):
            self.on_news(one)
        match message:
            case Beat():
                self.on_beat(sender)
            case Ping():
                self.on_ping(sender, message)
            case PingReq():
                self.on_ping_req(sender, message)
            case Ack():
                self.on_ack(sender, message)

    def is_down(self, peer: Sequence[Any]) -> bool:
        """Return whether a member has been declared dead here."""
        host, port = peer
        return (host, port) in self.down

    def _on_period(self) -> None:
        self.ctx.after(self.config.period_s, self._on_period)
        self.on_period()

    def _for(self, to: Address) -> tuple[News, ...]:
        """Return what to tell: first what concerns them, then what was told least."""
        told = [about for about, left in self._copies.items() if left > 0]
        told.sort(key=lambda about: -self._copies[about])
        own = self._news.get(to)
        if own is not None and own.state != "alive":
            # Who is suspected must hear of it, or could not object.
            told = [to, *(about for about in told if about != to)]
        told = told[:MOST_NEWS]
        for about in told:
            self._copies[about] -= 1
        return tuple(self._news[about] for about in told)
