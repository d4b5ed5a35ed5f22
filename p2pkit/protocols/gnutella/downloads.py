"""Downloads: the files that a servent is fetching.

There can be one stream of ours to an address. If a link has it, or nobody answers
there, the servent is asked by a `Push` to open a stream to us, and begins with ``GIV``.
Source: RFC-Gnutella 0.6, sections 2.2.8 and 3. Read first: ``download.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from p2pkit.core import (
    Address,
    BothContext,
    LocalProtocolError,
    P2PError,
    RemoteProtocolError,
)
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.download import Download
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.kept_streams import KeptStreams
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Text


class Downloads:
    """The downloads of one servent.

    `push` asks a hit's servent to open a stream to us, and returns whether there is a
    way to it.
    """

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        streams: Streams,
        push: Callable[[Hit], bool],
    ) -> None:
        self.ctx, self.config, self.streams, self.push = ctx, config, streams, push
        # By stream, those that use it one after the other; by None, those that wait
        # for a servent to open one.
        self._waiting: dict[Address | None, list[Download]] = {None: []}
        # The other end waits for us for twice as long.
        self.kept = KeptStreams(ctx, config.http_s / 2, self._leave)
        self._begun = 0

    def fetch(self, hit: Hit, start: int, end: int | None) -> Download:
        """Fetch a file, or its bytes from `start` to before `end`."""
        stop = hit.size_bytes if end is None else min(end, hit.size_bytes)
        if not 0 <= start <= stop:
            reason = f"a file of {hit.size_bytes} bytes has none from {start} to {end}"
            raise LocalProtocolError(reason)
        self._begun += 1
        one = Download(self.ctx.now(), self._begun, hit, start, stop)
        one.then(lambda ended: self.ctx.emit(ended.event()))
        if start == stop:
            one.finish(b"")
        elif (stream := self.kept.to(hit.address)) is not None:
            self._waiting[stream].append(one)
            if self.kept.wake(stream):
                self._go_on(stream)
        elif self.streams.dial(hit.address, self):
            self.kept.add(hit.address, hit.address)
            self._waiting[hit.address] = [one]
        else:
            self._ask_push(one)
        return one

    def on_giv(self, stream: Address, text: Text) -> bool:
        """Take a stream that a servent has opened for us; return whether we asked."""
        waiting = self._waiting[None]
        asked = [one for one in waiting if one.is_offered(text.line)]
        if asked:
            waiting.remove(asked[0])
            self.streams.give(stream, self)
            self.kept.add(asked[0].hit.address, stream)
            self._waiting[stream] = asked[:1]
            self._go_on(stream)
        return bool(asked)

    def on_open(self, stream: Address, ours: bool) -> None:
        """Ask for the first part."""
        self._go_on(stream)

    def on_close(self, stream: Address) -> None:
        """Ask for a push, if there was no stream yet; else give up."""
        self.kept.forget(stream)
        for one in self._waiting.pop(stream, []):
            if one.timer is None and not one.is_pushed:
                self._ask_push(one)
            else:
                one.lose("has closed: search again, or fetch it elsewhere")

    def on_text(self, stream: Address, text: Text) -> None:
        """Take a part, and ask for the next."""
        waiting = self._waiting[stream]
        try:
            is_whole = waiting[0].hear(text)
        except P2PError as error:
            waiting.pop(0).settle(error)
            self._leave(stream)
            if isinstance(error, RemoteProtocolError):
                raise
            return
        if is_whole:
            waiting.pop(0).settle(None)
        self._go_on(stream)

    def stop(self) -> None:
        """Give everything up without telling the askers."""
        for one in itertools.chain(*self._waiting.values()):
            one.cancel()
        self.kept.stop()
        self._waiting = {None: []}

    def _go_on(self, stream: Address) -> None:
        """Ask for what is next on a stream; keep it a while if nothing is."""
        waiting = self._waiting[stream]
        if waiting:
            self._await(waiting[0], stream)
            self.streams.send(stream, waiting[0].request())
        else:
            self.kept.rest(stream)

    def _ask_push(self, one: Download) -> None:
        one.is_pushed = True
        if not self.push(one.hit):
            one.lose("does not answer, and no link leads there: search again")
            return
        self._waiting[None].append(one)
        self._await(one, None)

    def _await(self, one: Download, stream: Address | None) -> None:
        """End a download unless it gets on in time."""
        one.cancel()
        wait_s = self.config.http_s
        one.timer = self.ctx.after(wait_s, lambda: self._on_late(one, stream))

    def _on_late(self, one: Download, stream: Address | None) -> None:
        self._waiting[stream].remove(one)
        if stream is not None:
            self._leave(stream)
        one.lose(f"has sent nothing in {self.config.http_s:g} s: fetch it elsewhere")

    def _leave(self, stream: Address) -> None:
        self.streams.close(stream)
        self.on_close(stream)
