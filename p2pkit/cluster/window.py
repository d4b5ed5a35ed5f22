"""Windows: every message of a stretch of time, as both ends saw it."""

from __future__ import annotations

import operator
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from p2pkit.core import ClusterError, Codec, Sighting
from p2pkit.observe.flights import Flight, pair

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.cluster.run import Run

LIMIT = 10_000
"""Messages that a window records if not said."""
ENDS = 3
"""Sightings that are kept for each message: sent, heard, and lost or heard again."""


class Window:
    """Records messages inside its ``with`` block; made by `Cluster.messages`.

    Examples
    --------
    ::

        with cluster.messages() as window:
            cluster[3].get(key)
        window.flights

    What is on its way when the block ends is known to its sender alone.
    """

    def __init__(self, run: Run, limit: int = LIMIT) -> None:
        self.limit = operator.index(limit)
        if self.limit < 1:
            reason = f"a window records at least 1 message, not {limit}"
            raise ClusterError(reason)
        self._run = run
        self._sightings: list[Sighting] = []
        self._flights: list[Flight] | None = None
        self._before = self._after = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        watching, newsroom = self._run.watching, self._run.newsroom
        watching.join(self)
        newsroom.windows.append(self)
        self._before = sum(watching.ask("listen", self.limit))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        watching, newsroom = self._run.watching, self._run.newsroom
        try:
            if error is None or isinstance(error, Exception):
                self._after = sum(watching.ask("sent"))
                watching.ask("flush")
        finally:
            newsroom.windows.remove(self)
            if not newsroom.windows:
                watching.ask("unlisten")
            watching.leave(self)

    def hear(self, sightings: list[Sighting]) -> None:
        """Take what hosts saw; called by the newsroom."""
        with self._lock:
            room = ENDS * self.limit - len(self._sightings)
            self._sightings += sightings[: max(0, room)]
            self._flights = None

    @property
    def flights(self) -> list[Flight]:
        """The messages so far, in order of time, `limit` of them at most."""
        with self._lock:
            if self._flights is None:
                names = self._run.newsroom.names
                self._flights = pair(self._sightings, names.of_address)[: self.limit]
            return self._flights

    @property
    def codec(self) -> Codec:
        """What turns the messages' bytes into what they say."""
        codec: Codec = self._run.task.protocol_class.codec
        return codec

    @property
    def let_go(self) -> int:
        """How many messages were sent inside the block and are not in `flights`."""
        sent = sum(one.sent_s is not None for one in self.flights)
        return max(0, self._after - self._before - sent)

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with a row a message, and `took_ms` where both ends saw it."""
        from p2pkit.observe.extras import load

        rows: list[dict[str, Any]] = []
        for one in self.flights:
            row = msgspec.structs.asdict(one)
            if one.sent_s is not None and one.heard_s is not None:
                row["took_ms"] = 1000 * (one.heard_s - one.sent_s)
            rows.append({**row, "size_bytes": len(one.data)})
        columns = [*Flight.__struct_fields__, "took_ms", "size_bytes"]
        table: pd.DataFrame = load("pandas", "view").DataFrame(rows, columns=columns)
        return table

    def __len__(self) -> int:
        return len(self.flights)

    def __repr__(self) -> str:
        return f"<Window: {len(self.flights):,} messages, {self.let_go:,} let go>"
