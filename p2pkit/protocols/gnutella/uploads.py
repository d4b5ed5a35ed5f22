"""Uploads: files are given to whoever asks, a few at a time.

Source: RFC-Gnutella 0.6, section 3. Read first: ``http.py``. Read next:
``downloads.py``.
"""

from __future__ import annotations

from p2pkit.core import Address, BothContext, Event, RemoteProtocolError, Timer
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.http import Request, answer, read_range, read_request
from p2pkit.protocols.gnutella.huge import write_urn
from p2pkit.protocols.gnutella.library import Library, SharedFile
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Http, Text


class Uploaded(Event, frozen=True):
    """A part of a file has been sent.

    Parameters
    ----------
    to : Address
        Who asked: the far end of the stream.
    name : str
        The file's name.
    sent_bytes : int
        How much of it.
    """

    to: Address
    name: str
    sent_bytes: int


class Uploads:
    """The streams by which others ask for our files."""

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        streams: Streams,
        library: Library,
    ) -> None:
        self.ctx, self.config = ctx, config
        self.streams, self.library = streams, library
        self._timers: dict[Address, Timer] = {}

    def take(self, stream: Address) -> None:
        """Have a stream on which files will be asked for."""
        self.streams.give(stream, self)
        self._wait(stream)

    def on_open(self, stream: Address, ours: bool) -> None:
        """Never called: streams come here when they have asked for something."""

    def on_close(self, stream: Address) -> None:
        """Hear that whoever asked is gone."""
        self._timers.pop(stream).cancel()

    def on_text(self, stream: Address, text: Text) -> None:
        """Answer a request.

        Raises
        ------
        RemoteProtocolError
            If it is none; the stream is closed.
        """
        try:
            request = read_request(text)
        except RemoteProtocolError:
            self.streams.send(stream, answer(400))
            self._close(stream)
            raise
        answered = self._answer(stream, request, text)
        self.streams.send(stream, answered)
        if request.stays and " 503 " not in answered.line:
            self._wait(stream)
        else:
            self._close(stream)

    def stop(self) -> None:
        """Close every stream."""
        for stream in list(self._timers):
            self._close(stream)

    def _answer(self, stream: Address, request: Request, text: Text) -> Http:
        if len(self._timers) > self.config.max_uploads:
            return answer(503, ("retry-after", "30"))
        shared = self._find(request)
        if shared is None:
            return answer(404)
        size = len(shared.data)
        urn = ("x-gnutella-content-urn", write_urn(shared.sha1).decode())
        part = read_range(text.header("range"), size)
        if part is None and size:
            return answer(416, ("content-range", f"bytes */{size}"))
        start, end = part or (0, 0)
        headers = [("content-type", "application/binary"), urn]
        if (start, end) != (0, size) or text.header("range"):
            headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        headers.append(("content-length", str(end - start)))
        is_part = (start, end) != (0, size)
        body = shared.data[start:end] if request.wants_body else b""
        if body:
            self.ctx.emit(Uploaded(stream, shared.name, len(body)))
        return answer(206 if is_part else 200, *headers, body=body)

    def _find(self, request: Request) -> SharedFile | None:
        if request.sha1:
            return self.library.by_sha1(request.sha1)
        shared = self.library.files.get(request.number)
        return shared if shared is not None and shared.name == request.name else None

    def _wait(self, stream: Address) -> None:
        """Close the stream unless something is asked for in time."""
        timer = self._timers.pop(stream, None)
        if timer is not None:
            timer.cancel()
        wait_s = self.config.http_s
        self._timers[stream] = self.ctx.after(wait_s, lambda: self._close(stream))

    def _close(self, stream: Address) -> None:
        timer = self._timers.pop(stream, None)
        if timer is not None:
            timer.cancel()
        self.streams.close(stream)
