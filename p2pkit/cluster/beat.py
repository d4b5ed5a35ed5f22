"""The beat of a watched cluster: hosts tell at it, and feeds are taken just after.

Two waits that run free add up. So every host tells at the beats of one clock, the
machine's, and a feed takes all that they told a moment later: what happens is on its
way after half a beat on average, and after one at most.
"""

from __future__ import annotations

import time

PACE_S = 0.05
"""Time between two beats: a screen gains nothing from more."""
SETTLE_S = 0.015
"""How long after a beat a feed takes: until then nearly all hosts have told, on two
processors with ten processes that want them, too."""


def next_beat_s() -> float:
    """Return the seconds until the next beat; a timer may ring a little early."""
    left_s = PACE_S - time.monotonic() % PACE_S
    return left_s if left_s > PACE_S / 4 else left_s + PACE_S


def next_take_s() -> float:
    """Return the moment, on the monotonic clock, when feeds take next."""
    now_s = time.monotonic()
    return now_s + PACE_S - (now_s - SETTLE_S) % PACE_S
