"""Download: one file, fetched part by part from where it was found.

Read first: ``http.py``. Read next: ``downloads.py``.
"""

from __future__ import annotations

from hashlib import sha1

from p2pkit.core import (
    Operation,
    P2PError,
    PeerUnreachable,
    RemoteProtocolError,
    Timer,
    TransportError,
    format_address,
)
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.http import path_of, read_status
from p2pkit.protocols.gnutella.text import Http, Text

PART_BYTES = 256 * 1024
"""Asked for at a time; an answer may have four times as much."""


class Download(Operation[bytes]):
    """One file, or a range of it, on its way here."""

    def __init__(
        self, began_s: float, number: int, hit: Hit, start: int, end: int
    ) -> None:
        super().__init__("fetch", number=number, began_s=began_s)
        self.hit, self.start, self.end = hit, start, end
        self.data = bytearray()
        self.is_pushed = False
        self.timer: Timer | None = None

    def settle(self, error: P2PError | None) -> None:
        """End with what has come, or with an error."""
        self.cancel()
        if error is None:
            self.finish(bytes(self.data))
        else:
            self.fail(error)

    def lose(self, why: str) -> None:
        """End because whoever has the file is gone."""
        where = format_address(self.hit.address)
        self.settle(PeerUnreachable(f"{where}, which has {self.hit.name!r}, {why}"))

    def cancel(self) -> None:
        """Wait no longer."""
        if self.timer is not None:
            self.timer.cancel()

    def is_offered(self, line: str) -> bool:
        """Whether a servent that calls us, saying `line`, is the one that has it."""
        return f":{self.hit.servent.hex()}/" in line.lower()

    def request(self) -> Http:
        """Return the request for the next part."""
        first = self.start + len(self.data)
        last = min(first + PART_BYTES, self.end) - 1
        host = format_address(self.hit.address)
        headers = ("user-agent", "p2pkit"), ("host", host), ("connection", "keep-alive")
        line = f"GET {path_of(self.hit.number, self.hit.name)} HTTP/1.1"
        return Http(line, (*headers, ("range", f"bytes={first}-{last}")))

    def hear(self, text: Text) -> bool:
        """Take one part; return whether that was the last.

        Raises
        ------
        P2PError
            If it is not what was asked for.
        """
        status = read_status(text)
        if status not in (200, 206):
            where = format_address(self.hit.address)
            reason = f"{where} answers {text.line[9:]!r} for {self.hit.name!r}: search "
            raise TransportError(reason + "again, or fetch it elsewhere")
        body = text.body if isinstance(text, Http) else b""
        skipped = self.start + len(self.data) if status == 200 else 0
        self.data += body[skipped : skipped + self.end - self.start - len(self.data)]
        if not body[skipped:] and len(self.data) < self.end - self.start:
            raise RemoteProtocolError("empty part")  # noqa: EM101, TRY003
        is_whole = (self.start, self.end) == (0, self.hit.size_bytes)
        if len(self.data) < self.end - self.start:
            return False
        if is_whole and self.hit.sha1 and sha1(self.data).digest() != self.hit.sha1:
            raise RemoteProtocolError("content is not what its hash says")  # noqa: EM101, TRY003
        return True
