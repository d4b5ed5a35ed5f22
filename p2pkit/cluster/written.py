"""What a foreign program has written: the last lines of it."""

from __future__ import annotations

import os
import select
from collections import deque

MAX_LINES = 10_000
"""Lines that are kept: the last ones."""
MAX_LINE_BYTES = 10_000
"""A longer line is kept in pieces."""
READ_BYTES = 1 << 16
PIPE_BYTES = 1 << 20
"""What a pipe may hold at most, see ``fs.pipe-max-size``; 64 KiB unless asked for."""


class Written:
    """Reads one end of a pipe, without ever waiting.

    Parameters
    ----------
    pipe : int
        The descriptor to read.
    """

    def __init__(self, pipe: int) -> None:
        self.lines: deque[str] = deque(maxlen=MAX_LINES)
        self.is_complete = False  # whether nobody can write any more
        self._pipe, self._part = pipe, b""
        os.set_blocking(pipe, False)

    def fileno(self) -> int:
        """Return what is readable when there is something to read."""
        return self._pipe

    def read(self) -> bool:
        """Read some of it; False when there will be no more."""
        try:
            data = os.read(self._pipe, READ_BYTES)
        except BlockingIOError:
            return True
        *lines, self._part = (self._part + data).split(b"\n")
        if not data and self._part:
            lines.append(self._part)
        for line in lines:
            self._keep(self._keep_pieces(line).removesuffix(b"\r"))
        self._part = self._keep_pieces(self._part)
        self.is_complete = not data
        return bool(data)

    def drain(self) -> None:
        """Read what lies in the pipe by now; others may go on writing to it."""
        for _ in range(PIPE_BYTES // READ_BYTES):
            if self.is_complete or not select.select([self], [], [], 0)[0]:
                return
            self.read()

    def close(self) -> None:
        """Read no more."""
        self.is_complete = True
        os.close(self._pipe)

    def _keep_pieces(self, line: bytes) -> bytes:
        """Keep what is too long for a line in pieces; return what is left."""
        while len(line) > MAX_LINE_BYTES:
            self._keep(line[:MAX_LINE_BYTES])
            line = line[MAX_LINE_BYTES:]
        return line

    def _keep(self, line: bytes) -> None:
        self.lines.append(line.decode(errors="replace"))
