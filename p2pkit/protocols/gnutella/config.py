"""Settings of a servent. Read next: ``node.py``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Settings

Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0, le=65_536)]


class GnutellaConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a servent.

    Parameters
    ----------
    degree : int
        Links it opens by itself, if it has fewer.
    max_links : int
        Links it has at most; who comes later is sent elsewhere.
    max_per_host : int
        Streams taken from one host at most. Real servents take one, and then nodes
        need addresses of their own; with fewer than `max_links`, one host cannot
        have all of them.
    grow : bool
        Whether it looks for links by itself, among those its peers name. If not, it
        keeps to the links it was told of, as in a given topology.
    ttl, max_ttl : int
        How far a question of its own goes, and the most that TTL and hops of any may
        add up to: 7 on the network of 2001. More, up to 255, is for experiments.
    handshake_s : float
        How long a handshake may take.
    http_s : float
        How long a stream for files may be idle.
    search_s : float
        How long a search waits for hits.
    check_s : float
        How long a walker waits for word from home, before it asks again or ends.
    upkeep_s : float
        Time between two looks at the links.
    silence_s : float
        How long a peer may say nothing; at half of it, it is asked for a sign of life.
    max_offenses : int
        Messages of one link that break a rule, before it is closed.
    max_uploads : int
        Streams that ask for files at a time; others are asked to come again.
    one_hop : bool
        Whether neighbors tell each other what they share, and answer for each other.
    max_routes : int
        Questions whose way back is remembered; beyond, the oldest is forgotten, and
        is news again.
    max_hits : int
        Files named in one answer; 200 of the longest names still fit a message.
    speed_kbit : int
        What it says of its line.
    """

    degree: Annotated[int, Meta(ge=1, le=1024)] = 4
    max_links: Annotated[int, Meta(ge=1, le=1024)] = 16
    max_per_host: Annotated[int, Meta(ge=1, le=1024)] = 32
    grow: bool = True
    ttl: Annotated[int, Meta(ge=1, le=255)] = 7
    max_ttl: Annotated[int, Meta(ge=1, le=255)] = 7
    handshake_s: Seconds = 5.0
    http_s: Seconds = 10.0
    search_s: Seconds = 3.0
    check_s: Seconds = 1.0
    upkeep_s: Seconds = 10.0
    silence_s: Seconds = 60.0
    max_offenses: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    max_uploads: Annotated[int, Meta(ge=1, le=1024)] = 8
    one_hop: bool = False
    max_routes: Annotated[int, Meta(ge=16, le=1_000_000)] = 10_000
    max_hits: Annotated[int, Meta(ge=1, le=200)] = 64
    speed_kbit: Count = 1000
