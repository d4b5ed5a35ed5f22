"""Settings of HyParView: sizes of the views, lengths of the walks, and bounds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Settings

Count = Annotated[int, Meta(ge=1, le=1_000)]
Few = Annotated[int, Meta(ge=0, le=64)]
Seconds = Annotated[float, Meta(gt=0.0)]


class HyParViewConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a node's views; the defaults are those of the paper.

    Parameters
    ----------
    active, passive : int
        Peers in the active view and in the passive view (paper 5.1: 5 and 30, for
        10,000 nodes).
    active_walk, passive_walk : int
        Hops that a join is forwarded, and hops before its end at which the newcomer
        is put into a passive view (ARWL 6 and PRWL 3 in the paper).
    shuffle_active, shuffle_passive : int
        Peers of each view that a shuffle offers (ka 3 and kp 4 in the paper).
    shuffle_s : float
        Seconds between shuffles. The paper counts rounds; this is ours.
    join_jitter_s : float
        A join waits up to so many seconds, so that nodes started together do not
        all arrive at one contact in the same moment.
    answer_s : float
        Seconds until a peer that took our stream and does not answer is given up.
    refusals : int
        Refusals in a row until a node that lacks neighbors waits for its next
        shuffle, which brings it other peers to ask.
    max_lost, forget_s : int, float
        Neighbors lost without a word that are called again, one a shuffle, so that a
        partition heals (0 for none, as in the paper), and for how long (as in serf).
    max_links, max_joins, max_shuffles : int
        Peers that may hold a stream to us; joins that are taken or passed on, and
        shuffles that are answered, between two shuffles of our own.
    max_payload_bytes, memory : int
        Longest payload, and messages remembered so that none is delivered twice.
    """

    active: Annotated[int, Meta(ge=1, le=64)] = 5
    passive: Count = 30
    active_walk: Few = 6
    passive_walk: Few = 3
    shuffle_active: Few = 3
    shuffle_passive: Few = 4
    shuffle_s: Seconds = 10.0
    join_jitter_s: Annotated[float, Meta(ge=0.0)] = 0.1
    answer_s: Seconds = 5.0
    refusals: Count = 5
    max_lost: Few = 8
    forget_s: Seconds = 86_400.0
    max_links: Count = 64
    max_joins: Count = 256
    max_shuffles: Count = 64
    max_payload_bytes: Annotated[int, Meta(ge=1, le=65_536)] = 65_536
    memory: Annotated[int, Meta(ge=1)] = 4_096
