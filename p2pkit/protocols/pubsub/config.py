"""Settings of publish and subscribe: those of all routers, and those of the mesh."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Settings

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class PubSubConfig(Settings, frozen=True, kw_only=True):
    """What every router has.

    Parameters
    ----------
    redial_s : float
        Seconds between two tries to reach neighbors that are not there.
    dial_s : float
        Seconds until `bootstrap` is content with the neighbors that have answered.
    seen_s : float
        Seconds a message is remembered, so that none is delivered twice (120).
    max_links, max_topics, memory : int
        Peers that may hold a stream to us, topics of one peer, messages remembered.
    max_payload_bytes : int
        Longest payload.
    """

    redial_s: Seconds = 10.0
    dial_s: Seconds = 5.0
    seen_s: Seconds = 120.0
    max_links: Count = 256
    max_topics: Annotated[int, Meta(ge=1, le=256)] = 64
    memory: Count = 65_536
    max_payload_bytes: Annotated[int, Meta(ge=1, le=65_536)] = 65_536


class Weights(Settings, frozen=True, kw_only=True):
    """What counts how much in scores; the specification leaves all of it open.

    Rewards are positive and penalties negative.

    Parameters
    ----------
    time, first, deficit, deficit_past, invalid, crowd, behavior : float
        Weights of P1, P2, P3, P3b, P4, P6 and P7.
    time_quantum_s, time_cap, first_cap, mesh_cap : float
        Unit of P1, and the most that P1, P2 and P3's deliveries count.
    deliveries_wanted, activation_s : float
        Deliveries below which a mesh link has a deficit, once it is so old.
    crowd_limit : int
        Peers of one host that are no crowd.
    behavior_limit : float
        Broken rules that are overlooked.
    decay, decay_to_zero : float
        What is left of each counter after a heartbeat, and when it counts as 0.
    gossip_threshold, graylist_threshold : float
        Scores below which no gossip is exchanged, and nothing is heard at all.
    """

    time: float = 0.01
    first: float = 1.0
    deficit: float = 0.0
    deficit_past: float = 0.0
    invalid: float = -20.0
    crowd: float = -10.0
    behavior: float = -5.0
    time_quantum_s: float = 1.0
    time_cap: float = 300.0
    first_cap: float = 20.0
    mesh_cap: float = 20.0
    deliveries_wanted: float = 1.0
    activation_s: float = 30.0
    crowd_limit: int = 4
    behavior_limit: float = 2.0
    decay: float = 0.97
    decay_to_zero: float = 0.01
    gossip_threshold: float = -10.0
    graylist_threshold: float = -80.0


class GossipsubConfig(PubSubConfig, frozen=True, kw_only=True):
    """The mesh; the defaults are those of the gossipsub specification.

    Parameters
    ----------
    d, d_low, d_high, d_lazy : int
        Mesh links wanted for a topic, below which links are added, above which they
        are cut, and peers told of messages at least (6, 4, 12, 6).
    d_score, d_out : int
        When links are cut: how many of the best-scored stay (4), and how many that
        we opened ourselves (2); both with scoring alone.
    heartbeat_s : float
        Seconds between two rounds of upkeep (1).
    history, history_gossip : int
        Rounds a message is kept to be asked for (5), and told of (3).
    gossip_factor : float
        Share of the other peers told of messages, if more than `d_lazy` (0.25).
    fanout_s : float
        Seconds without a publication after which peers for a topic that we are not
        subscribed to are forgotten (60).
    backoff_s, unsubscribe_backoff_s : float
        Seconds until a peer that cut a link is asked again (60; 10 if it left).
    flood_publish : bool
        Send what we publish to all peers of the topic (on in version 1.1; off here,
        where the mesh is what is shown).
    max_ihave, max_ihave_ids : int
        Announcements of a peer heard in a round (10), and ids asked for (5000).
    max_resends : int
        How often a peer may ask for the same message (3).
    promise_s : float
        Seconds within which an announced message has to come when asked for (3).
    keep_bytes : int
        Payloads kept to be asked for, in bytes altogether.
    scoring : bool
        Whether peers are judged by what they do, see ``score.py``.
    weights : Weights
        What counts how much.
    """

    d: Count = 6
    d_low: Count = 4
    d_high: Count = 12
    d_lazy: Annotated[int, Meta(ge=0)] = 6
    d_score: Annotated[int, Meta(ge=0)] = 4
    d_out: Annotated[int, Meta(ge=0)] = 2
    heartbeat_s: Seconds = 1.0
    history: Count = 5
    history_gossip: Count = 3
    gossip_factor: Share = 0.25
    fanout_s: Seconds = 60.0
    backoff_s: Seconds = 60.0
    unsubscribe_backoff_s: Seconds = 10.0
    flood_publish: bool = False
    max_ihave: Count = 10
    max_ihave_ids: Count = 5_000
    max_resends: Count = 3
    promise_s: Seconds = 3.0
    keep_bytes: Count = 16 << 20
    scoring: bool = False
    weights: Weights = Weights()
