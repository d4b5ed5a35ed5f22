"""Settings of anti-entropy. Read next: ``messages.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from p2pkit.protocols.rounds import RoundsConfig


class AntiEntropyConfig(RoundsConfig, frozen=True, kw_only=True):
    """Which way data goes, and which of two versions stands.

    Parameters
    ----------
    mode : {"push", "pull", "push-pull"}
        What whoever calls does about a difference: it gives, takes, or both.
    merge : {"last-writer", "versions"}
        Of two versions the one written later stands; or both do, if neither writer
        knew of the other's.
    max_keys : int
        Keys held at most, deleted ones too.
    max_siblings : int
        Versions of one key that stand side by side; beyond, those with the smallest
        clocks go, the same ones at every node.
    max_skew_s : float
        How far in the future a writer's clock may be; beyond, its version is refused,
        or it would stand for ever.
    max_calls : int
        Calls answered in a round.
    max_pages : int
        Pages of digests in one answer; the rest has its turn in later rounds.
    """

    mode: Literal["push", "pull", "push-pull"] = "push-pull"
    merge: Literal["last-writer", "versions"] = "last-writer"
    max_keys: Annotated[int, Meta(ge=1, le=1_000_000)] = 100_000
    max_siblings: Annotated[int, Meta(ge=1, le=64)] = 16
    max_skew_s: Annotated[float, Meta(ge=0.0)] = 60.0
    max_calls: Annotated[int, Meta(ge=1, le=65_536)] = 64
    max_pages: Annotated[int, Meta(ge=1, le=64)] = 8
