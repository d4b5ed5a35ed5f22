"""Messages of averaging: an offer and its settlement, or a share that needs no answer.

Read next: ``pairing.py``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from p2pkit.core import Message

Number = Annotated[int, Meta(ge=0, lt=2**32)]


class Offer(Message, frozen=True, gc=False):
    """My value; take half of the difference."""

    number: Number
    value: float


class Settle(Message, frozen=True, gc=False):
    """Answer to an `Offer`: what I took; give it away."""

    number: Number
    taken: float


class Share(Message, frozen=True, gc=False):
    """Half of what the sender held."""

    sum: float
    weight: float
