"""Settings of a central index and its peers. Read next: ``node.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.core import Settings

Seconds = Annotated[float, Meta(gt=0)]


class CentralIndexConfig(Settings, frozen=True, kw_only=True):
    """What can be set; the same for the index and for its peers.

    Parameters
    ----------
    role : str
        ``index``, ``peer``, or ``auto``: who knows nobody else is the index.
    max_peers : int
        Peers that an index registers; one more is refused.
    max_files : int
        Files of one peer that it lists; what is more is refused and counted.
    max_hits : int
        Sources named in one answer (100 in Napster's clients).
    keep_alive_s : float
        How long a stream may be silent before the index asks for a sign of life; after
        twice that the peer and its files are taken off the list.
    search_s : float
        How long a peer waits for an answer of the index, or for a file.
    retry_s : float
        Time between two tries to reach an index that is gone, give or take half.
    link_kbit : int
        What a peer says of its line.
    """

    role: Literal["auto", "index", "peer"] = "auto"
    max_peers: Annotated[int, Meta(ge=1, le=1000)] = 1000
    max_files: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    max_hits: Annotated[int, Meta(ge=1, le=1000)] = 100
    keep_alive_s: Seconds = 10.0
    search_s: Seconds = 3.0
    retry_s: Seconds = 2.0
    link_kbit: Annotated[int, Meta(ge=0, le=65_535)] = 1000
