"""A protocol that says much: each answer brings the next question."""

from __future__ import annotations

from p2pkit.core import Address
from tests.cluster.pinger import Ping, Pinger, Pong


class Chatter(Pinger):
    """Asks again as soon as it is answered."""

    def chat(self, to: Address) -> None:
        """Begin, and never end."""
        self.ctx.send(to, Ping(0, self._my_id()))

    def burst(self, to: Address, count: int) -> None:
        """Say many things at once, which nobody answers."""
        for number in range(1, count + 1):
            self.ctx.send(to, Pong(number, self._my_id()))

    def receive(self, sender: Address, message: Ping | Pong) -> None:
        """Answer, or ask again."""
        if isinstance(message, Ping):
            self.ctx.send(sender, Pong(message.number, self._my_id()))
        elif message.number == 0:
            self.ctx.send(sender, Ping(0, self._my_id()))
