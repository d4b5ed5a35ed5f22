"""Two small protocols that the contract is examined with."""

from __future__ import annotations

from p2pkit.core import (
    Message,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Settings,
)


class Say(Message, frozen=True):
    """Something said."""

    number: int
    text: bytes = b""


class Reply(Message, frozen=True):
    """What is answered to it."""

    number: int


class Speaker:
    """Keeps what it hears, and answers numbers below zero."""

    codec = MsgpackCodec(Say, Reply, max_bytes=1200)
    carrier = "datagram"
    Config = Settings

    def __init__(self, ctx, config):
        self.ctx, self.config = ctx, config
        self.heard = []
        self.rang = []
        self.is_inside = False
        self.restored = None
        self.stopped = False

    @staticmethod
    def choose_id(rng, address, config):
        return rng.getrandbits(160)

    def say(self, to, number, text=b""):
        self.ctx.send(to, Say(number, text))

    def ask(self, to):
        """Send a question; ends when its answer comes."""
        self.operation = Operation("ask")
        self.ctx.send(to, Say(-1))
        return self.operation

    def ring_in(self, delay_s, name="x"):
        return self.ctx.after(
            delay_s, lambda: self.rang.append((name, self.ctx.now(), self.is_inside))
        )

    def receive(self, sender, message):
        assert not self.is_inside, "calls overlap"
        self.is_inside = True
        self._hear(sender, message)
        self.is_inside = False

    def _hear(self, sender, message):
        self.heard.append((self.ctx.now(), sender, message))
        match message:
            case Say(number=-1):
                self.ring_in(0.0, "inside")
                self.ctx.send(sender, Reply(-1))
            case Say(number=-2):
                self.is_inside = False
                raise RemoteProtocolError("said minus two")
            case Say(number=-3):
                raise ZeroDivisionError("said minus three")
            case Reply():
                self.operation.finish(message.number)

    def numbers(self):
        return [message.number for _, _, message in self.heard]

    def save(self):
        return str(len(self.heard)).encode()

    def restore(self, saved):
        self.restored = saved

    def stop(self):
        self.stopped = True


class Talker(Speaker):
    """The same on streams."""

    codec = MsgpackCodec(Say, Reply, max_bytes=200_000)
    carrier = "stream"

    def __init__(self, ctx, config):
        super().__init__(ctx, config)
        self.news = []

    def connect(self, to):
        self.ctx.connect(to)

    def close(self, to):
        self.ctx.close(to)

    def on_connected(self, peer):
        assert not self.is_inside, "calls overlap"
        self.news.append(("connected", peer))

    def on_closed(self, peer):
        assert not self.is_inside, "calls overlap"
        self.news.append(("closed", peer))

    def peers(self):
        return [peer for what, peer in self.news if what == "connected"]

    def closed(self):
        return [peer for what, peer in self.news if what == "closed"]


class SpeakerOfBoth(Speaker):
    """Datagrams on a node that has streams as well."""

    carrier = "both"

    def on_connected(self, peer):
        raise AssertionError("nobody opens a stream")

    on_closed = receive_stream = on_connected


class TalkerOfBoth(Talker):
    """Streams on a node that has datagrams as well."""

    carrier = "both"

    def say(self, to, number, text=b""):
        self.ctx.send_stream(to, Say(number, text))

    def receive_stream(self, sender, message):
        Talker.receive(self, sender, message)

    def receive(self, sender, message):
        raise AssertionError("what comes on a stream is no datagram")
