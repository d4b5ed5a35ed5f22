"""What peers say for long leaves no more behind than what they said at first."""

from __future__ import annotations

import gc
import random
import tracemalloc
from typing import Any

from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.flooding import Coin
from p2pkit.protocols.gnutella.random_walk import Walker
from tests.one_servent import OneServent, stream

SEED = 7
MESSAGES = 6_000
LINKS = 3


def anything(rng: random.Random, courses: Any) -> m.Descriptor:
    """Return a message that leaves something behind, or would like to."""
    guid, servent = rng.randbytes(16), rng.randbytes(16)
    header = {"guid": guid, "ttl": rng.randint(0, 20), "hops": rng.randint(0, 9)}
    address = (f"127.{rng.randrange(256)}.{rng.randrange(256)}.1", rng.randrange(65536))
    walker = Walker(address, rng.randrange(9), 4, 100, 4, 0.0)
    course = rng.choice([walker, Coin(0.5)])
    found = (m.Result(rng.randrange(99), 3, "small world"),)
    return rng.choice(
        [
            m.Ping(**header),
            m.Pong(**header, address=address),
            m.Push(**header, servent=servent, index=1, address=address),
            m.Query(**header, text="small world"),
            m.Query(**header | {"ttl": 1}, text="x", ext=courses.write(course)),
            m.QueryHit(**header, address=address, results=found, servent=servent),
            m.Vendor(**header, vendor=b"P2PK", selector=rng.randrange(7), data=b"\1\0"),
            m.Other(**header, kind=rng.randrange(144, 256), payload=rng.randbytes(9)),
        ]
    )


def said_and_hit(one: OneServent, rng: random.Random, count: int) -> None:
    """Say `count` things, and answer half of the questions that were passed on."""
    for _ in range(count):
        where = stream(rng.randint(1, LINKS))
        message = anything(rng, one.node.courses)
        one.hear(where, message)
        if isinstance(message, m.Query) and rng.random() < 0.5:
            hit = m.QueryHit(
                guid=message.guid, ttl=3, address=where, results=(),
                servent=rng.randbytes(16),
            )  # fmt: skip
            one.hear(stream(rng.randint(1, LINKS)), hit)
        one.ctx.said.clear()
        one.ctx.sent.clear()
        one.ctx.events.clear()
        one.ctx.advance(0.01)
    one.rejected.clear()
    gc.collect()


def test_memory_is_flat_whatever_peers_say() -> None:
    rng = random.Random(SEED)
    one = OneServent(max_routes=256, max_offenses=1_000_000, one_hop=True)
    for number in range(1, LINKS + 1):
        one.link(number, user_agent="p2pkit")
    said_and_hit(one, rng, MESSAGES)  # all that is bounded is full now
    tracemalloc.start()
    try:
        said_and_hit(one, rng, 200)
        before, _ = tracemalloc.get_traced_memory()

        said_and_hit(one, rng, MESSAGES)

        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(one.links) == LINKS
    assert len(one.node.router.came_by) == 256
    # What is replaced by new entries counts as grown, once: about 150 bytes each.
    assert after - before < 200_000, f"seed {SEED}: {after - before} bytes more"
