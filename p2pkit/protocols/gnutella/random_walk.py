"""Random walks: a few walkers look around, instead of everybody at once.

What it shows: a walker costs one message a step, so what is found soon is cheap; k
walkers take as many messages as one, in a k-th of the time. They are called off when
enough was found: every few steps each asks at home whether it is still wanted, by a
datagram straight to whoever asked. That costs two more messages each time, counted as
`Vendor`.

A walker rides in a question that may cross one link, so each servent sends it on as
new. One that does not know the extension answers, and the walk ends there.
Source: C. Lv et al., "Search and Replication in Unstructured Peer-to-Peer Networks",
ICS 2002, section 4.3; L. Adamic et al., "Search in Power-Law Networks", Phys. Rev. E
64 (2001), for walks that prefer neighbors with many links.
Read first: ``flooding.py``. Read next: ``checks.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from p2pkit.core import Address
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Query
from p2pkit.protocols.gnutella.rules import Course, Rule

if TYPE_CHECKING:
    from p2pkit.protocols.gnutella.config import GnutellaConfig
    from p2pkit.protocols.gnutella.router import Router
    from p2pkit.protocols.gnutella.search import Search

Steps = Annotated[int, Meta(ge=1, le=1_000_000)]
Often = Annotated[int, Meta(ge=1, le=64)]
"""No walker goes further without a word from home: else one message could make many."""

Bias = Annotated[float, Meta(ge=0.0, le=16.0)]


class Walker(Course, frozen=True):
    """One of the walkers of a search, on its way.

    Parameters
    ----------
    home : Address
        Who asked, and is asked whether to go on.
    number : int
        Which of the search's walkers it is, from 0.
    steps : int
        Links it has crossed, with the one it comes by.
    most : int
        Steps it may take.
    check_every : int
        Steps between two questions home.
    bias : float
        See `RandomWalk`.
    """

    home: Address
    number: Annotated[int, Meta(ge=0, le=1023)]
    steps: Steps
    most: Steps
    check_every: Often
    bias: Bias

    def relay(self, router: Router, link: Link, query: Query, is_news: bool) -> None:
        """Take the next step, after asking at home if it is time to."""
        if self.steps >= self.most:
            return
        if self.steps % self.check_every:
            self.step(router, link, query)
        else:
            router.checks.ask(query.guid, self, lambda: self.step(router, link, query))

    def step(self, router: Router, link: Link, query: Query) -> None:
        """Go to a random neighbor; straight back only from a dead end."""
        ahead = router.onward(query, link) or [link]
        course = msgspec.structs.replace(self, steps=self.steps + 1)
        ext = router.courses.write(course)
        onward = msgspec.structs.replace(query, ttl=1, hops=0, ext=ext)
        router.send([choose(router, ahead, self.bias)], onward)

    def crossed(self, query: Query) -> int:
        """Return its steps."""
        return self.steps

    @property
    def is_far(self) -> bool:
        """Whether its hits go back further than TTL allows: they do."""
        return True


class RandomWalk(Rule, frozen=True, kw_only=True):
    """Send walkers out.

    Parameters
    ----------
    walkers : int
        How many; each begins at a neighbor chosen for itself.
    most : int
        Steps that each may take.
    check_every : int
        Steps between two questions home (4 in the paper).
    bias : float
        A neighbor's chance goes with its number of links to this power: 0 is a plain
        walk, 1 prefers large ones, and 16 nearly always takes the largest.
    walk_s : float
        How long the search lasts.
    """

    walkers: Annotated[int, Meta(ge=1, le=1024)] = 16
    most: Steps = 1024
    check_every: Often = 4
    bias: Bias = 0.0
    walk_s: Annotated[float, Meta(gt=0)] = 60.0

    def begin(self, router: Router, search: Search) -> None:
        """Let every walker take its first step."""
        home = router.ctx.me.address
        first = router.make(search, 1)
        neighbors = router.onward(first)
        for number in range(self.walkers if neighbors else 0):
            walker = Walker(home, number, 1, self.most, self.check_every, self.bias)
            query = msgspec.structs.replace(first, ext=router.courses.write(walker))
            router.send([choose(router, neighbors, self.bias)], query)

    def lasts_s(self, config: GnutellaConfig) -> float:
        """Return how long the walkers are wanted."""
        return self.walk_s


def choose(router: Router, links: list[Link], bias: float) -> Link:
    """Return one of `links` at random, those with more links at their far end more."""
    if not bias:
        return router.ctx.rng.choice(links)
    weights = [float(max(1, link.degree)) ** bias for link in links]
    return router.ctx.rng.choices(links, weights)[0]
