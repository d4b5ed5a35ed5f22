"""Settings of Plumtree: the membership below it, and the patience of repair."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.protocols.hyparview.config import HyParViewConfig

Seconds = Annotated[float, Meta(gt=0.0)]
Count = Annotated[int, Meta(ge=1)]


class PlumtreeConfig(HyParViewConfig, frozen=True, kw_only=True):
    """What can be set about the trees; see `HyParViewConfig` for the rest.

    Parameters
    ----------
    announce_s : float
        How long announcements are gathered before they go to a lazy peer.
    graft_s, regraft_s : float
        How long a message that was announced may be missing until the announcer is
        asked for it, and until the next announcer is (the paper's two timers, whose
        lengths it leaves open): the first has to exceed the time that the tree takes.
    optimize_hops : int
        How many hops shorter a lazy path must be to take the place of the tree's
        (paper 3.8); 0 leaves the tree as it grew.
    away_s : float
        How long a node that left a topic gets none of it; then it is asked again by
        a flood, for links may have changed (RFC 1075 calls it the life of a prune).
    max_topics : int
        Topics that a node keeps a tree for; news on further ones is refused.
    max_missing : int
        Messages announced and not yet here, and announcers kept for each.
    keep_bytes : int
        Payloads kept for those who will ask for them, in bytes altogether.
    """

    announce_s: Seconds = 0.1
    graft_s: Seconds = 1.0
    regraft_s: Seconds = 0.5
    optimize_hops: Annotated[int, Meta(ge=0)] = 0
    away_s: Seconds = 60.0
    max_topics: Count = 64
    max_missing: Count = 1_024
    keep_bytes: Count = 4 << 20
