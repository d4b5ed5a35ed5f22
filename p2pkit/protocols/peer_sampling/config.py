"""Settings of peer sampling: size of the view, length of a shuffle, and its period."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Settings

Seconds = Annotated[float, Meta(gt=0.0)]


class CyclonConfig(Settings, frozen=True, kw_only=True):
    """What can be set about a node's view; sizes are those of the paper's figures.

    Parameters
    ----------
    view, shuffle : int
        Peers in the view (c: 20 or 50 in the paper) and in one shuffle (l: 8 there,
        less than c); at most 64, so that a shuffle fits one datagram.
    period_s : float
        Seconds between shuffles. The paper counts cycles; this is ours.
    walk_hops : int
        Hops of the walks that bring newcomers and samples to random nodes; as long
        as paths are on average is enough (paper 3.2).
    resend_s, timeout_s : float
        A shuffle that is not answered goes out again after `resend_s`, and its peer
        has been forgotten when `timeout_s` have passed.
    max_joins : int
        Newcomers introduced between two shuffles: each costs as many walks as the
        view has places.
    max_samples : int
        Walks of ours that may be under way.
    """

    view: Annotated[int, Meta(ge=1, le=1_000)] = 20
    shuffle: Annotated[int, Meta(ge=1, le=64)] = 8
    period_s: Seconds = 10.0
    walk_hops: Annotated[int, Meta(ge=0, le=64)] = 5
    resend_s: Seconds = 0.5
    timeout_s: Seconds = 2.0
    max_joins: Annotated[int, Meta(ge=1)] = 64
    max_samples: Annotated[int, Meta(ge=1)] = 1_024
