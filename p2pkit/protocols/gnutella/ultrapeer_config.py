"""Settings of ultrapeers and leaves. Read next: ``election.py``."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta

from p2pkit.protocols.gnutella.config import Count, GnutellaConfig, Seconds

Role = Literal["auto", "ultrapeer", "leaf", "bootstrap"]
ROLES: tuple[Role, ...] = get_args(Role)


class SupernodesConfig(GnutellaConfig, frozen=True, kw_only=True):
    """What can be set about a servent that is an ultrapeer or a leaf.

    Parameters
    ----------
    role : str
        ``ultrapeer`` or ``leaf`` for good; ``bootstrap`` for a servent that takes no
        links and names ultrapeers to whoever comes; ``auto`` to be elected.
    degree : int
        Links to other ultrapeers that an ultrapeer opens, if it has fewer.
    ttl : int
        How far a question goes: 4 reach far, for an ultrapeer has many links.
    max_leaves : int
        Leaves that an ultrapeer takes (32 to 75 in servents of 2003).
    ultrapeers_per_leaf : int
        Ultrapeers that a leaf is linked to: one may die, and it is still found.
    needed_at : float
        Share of an ultrapeer's places for leaves that are taken when it says that more
        ultrapeers are needed; 0 to 1.
    min_speed_kbit : int
        The line that an ultrapeer must have.
    min_uptime_s : float
        How long a servent must have been here before it may be an ultrapeer (an hour
        in real ones). Who founds a network need not wait.
    speeds_kbit : tuple of int
        What lines there are: each servent draws its own. None for `speed_kbit`.
    table_s : float
        How long a change of the table waits for the next, before peers are told.
    """

    role: Role = "auto"
    degree: Annotated[int, Meta(ge=1, le=1024)] = 6
    max_links: Annotated[int, Meta(ge=1, le=1024)] = 32
    ttl: Annotated[int, Meta(ge=1, le=255)] = 4
    max_leaves: Annotated[int, Meta(ge=0, le=1024)] = 32
    ultrapeers_per_leaf: Annotated[int, Meta(ge=1, le=16)] = 3
    needed_at: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.75
    min_speed_kbit: Count = 0
    min_uptime_s: Annotated[float, Meta(ge=0)] = 0.0
    speeds_kbit: Annotated[tuple[Count, ...], Meta(max_length=1024)] = ()
    table_s: Seconds = 0.2
