"""What both drivers owe a framing: one for each stream, at each end."""

from __future__ import annotations

import pytest

from p2pkit.core import LengthPrefix
from tests.contract.protocols import Talker, TalkerOfBoth


class Counting:
    """Puts a number before each message of a stream, and drops what is out of turn."""

    def __init__(self):
        self.plain = LengthPrefix(200_000)
        self.sent = self.heard = 0

    def start(self):
        return Counting()

    def wrap(self, payload):
        self.sent += 1
        return self.plain.wrap(bytes([self.sent]) + payload)

    def split(self, buffer):
        messages = []
        for numbered in self.plain.split(buffer):
            self.heard += 1
            if numbered[0] == self.heard:
                messages.append(numbered[1:])
        return messages


class CountingTalker(Talker):
    framing = Counting()


class CountingTalkerOfBoth(TalkerOfBoth):
    framing = Counting()


@pytest.mark.parametrize("kind", [CountingTalker, CountingTalkerOfBoth])
def test_every_stream_has_a_framing_of_its_own(bench, kind):
    hub, *others = (bench.add(f"n0{i}", kind) for i in range(4))
    for other in others:
        other.protocol.connect(hub.me.address)
    assert bench.until(lambda: len(hub.protocol.news) == 3)
    assert bench.until(lambda: all(one.protocol.news for one in others))

    for number in range(1, 5):
        for other in others:
            other.protocol.say(hub.me.address, number)
        for peer in hub.protocol.peers():
            hub.protocol.say(peer, number)

    assert bench.until(lambda: len(hub.protocol.heard) == 12)
    assert bench.until(lambda: all(len(one.protocol.heard) == 4 for one in others))
    assert [one.protocol.numbers() for one in others] == [[1, 2, 3, 4]] * 3
