"""Settings of rumor mongering: every variant of the paper is a choice among these.

Read next: ``mongering.py``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.core import Settings
from p2pkit.protocols.rounds import RoundsConfig

Count = Annotated[int, Meta(ge=1)]


class RumorConfig(RoundsConfig, frozen=True, kw_only=True):
    """How a rumor spreads and ends; section numbers are those of Demers et al.

    Parameters
    ----------
    mode : {"push", "pull", "push-pull"}
        Who calls whom: who has news tells a random peer, everybody asks one, or both
        (1.4, "push vs. pull").
    feedback : bool
        Whether peers answer, and only those that already knew count against a rumor;
        if not, each round of telling counts (1.4, "blind vs. feedback").
    forget : {"counter", "coin", "never"}
        When a site loses interest: after `k` rounds that count, after each with odds
        1/k, or not at all, the simple epidemic (1.3; 1.4, "counter vs. coin").
    k : int
        The counter's limit, or the coin's odds; 1 to 5 in the tables.
    reset : bool
        Whether a useful telling sets the counter back to 0. The paper's table 1 holds
        with it, and not without.
    synchronous : bool
        Whether a site answers by what it knew when its round began, as if all calls
        of a round were made at once. The tables hold with it; without, two tellers
        who meet at one site in the same round are told so.
    fanout : int
        Peers called in a round; 1 in the paper.
    max_rounds : int
        Rounds for which a site tells one rumor at most, whatever its peers say.
    max_hot, memory : int
        Rumors told at a time and rumors remembered: beyond, the oldest goes. A rumor
        that was forgotten while others still tell it is news again.
    max_asks : int
        Questions answered in a round; in a thousand sites no one gets more than ten.
    """

    mode: Literal["push", "pull", "push-pull"] = "push"
    feedback: bool = True
    forget: Literal["counter", "coin", "never"] = "counter"
    k: Annotated[int, Meta(ge=1, le=1_000_000)] = 2
    reset: bool = True
    synchronous: bool = True
    fanout: Annotated[int, Meta(ge=1, le=64)] = 1
    max_rounds: Count = 1000
    max_hot: Annotated[int, Meta(ge=1, le=1024)] = 64
    memory: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    max_asks: Annotated[int, Meta(ge=1, le=65_536)] = 64


class NaiveConfig(Settings, frozen=True, kw_only=True):
    """What can be set about the twin.

    Parameters
    ----------
    odds : float
        Chance of each peer to be told, once, by each site that hears the news.
    memory : int
        Rumors remembered; beyond, the oldest is forgotten.
    """

    odds: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    memory: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
