"""A search overlay in virtual time: thousands of real servents, linked as you say.

Every node is the listing itself, with its handshake, its codec and its streams; what is
measured is read from events and counters. ``search_experiments.py`` says what for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from p2pkit.core import Address, Counters, Node, Record
from p2pkit.core.content import Content
from p2pkit.core.topologies import Links
from p2pkit.faults import Constant, Link, Packet, Plan, Verdict
from p2pkit.observe.search import Outcome, outcome
from p2pkit.protocols.gnutella import Gnutella, QueryHeard, Rule
from p2pkit.sim import Simulation

LATENCY_S = 0.01
SETTLE_S = 1.0
"""Virtual seconds until the last handshake has ended: a few round trips."""

MOST_S = 1e9
"""Virtual seconds that no search takes."""

SETTINGS: dict[str, Any] = {
    "grow": False, "max_ttl": 255, "max_links": 1024, "max_routes": 1_000_000,
    "upkeep_s": 1e12, "check_s": 1e7,
}  # fmt: skip
"""What keeps to the links given, and lifts the limits that would hide a law."""


class SlowDatagrams:
    """Datagrams take longer than messages on streams.

    Walkers ask at home by datagram whether to go on, and hits come home by streams.
    If a datagram takes longer than any hit, a walker that asks hears of all that had
    been found when it asked: papers reckon so, where a network has late news.
    """

    def __init__(self, delay_s: float) -> None:
        self._late = Verdict((delay_s,))

    def judge(self, packet: Packet, rng: Any) -> Verdict | None:
        """Delay a datagram."""
        return None if packet.stream else self._late


class Tally:
    """A tap that counts what is sent, by class."""

    sends, hears = True, False

    def __init__(self) -> None:
        self.sent_by: Counter[str] = Counter()

    def sent(self, node: Node, to: Address, message: Any, data: bytes) -> None:
        """Count a message."""
        self.sent_by[type(message).__name__] += 1

    def heard(self, node: Node, sender: Address, message: Any, data: bytes) -> None:
        """Not called: what was sent is enough."""

    def lost(self, node: Node, peer: Address, data: bytes, reason: str) -> None:
        """Do nothing: it was sent all the same."""


class Overlay:
    """Servents in virtual time.

    Parameters
    ----------
    links : list of (int, int)
        Who is linked to whom, as `core.topologies` makes them.
    seed : int
        Starts every generator.
    content : Content, optional
        What they share; nothing if not given.
    latency_s : float
        How long a message is on its way.
    **settings
        Settings of the servents, in place of those in `SETTINGS`.
    """

    def __init__(
        self,
        links: Links,
        seed: int,
        content: Content | None = None,
        latency_s: float = LATENCY_S,
        **settings: Any,
    ) -> None:
        self.links, self.seed = links, seed
        self._heard: dict[str, int] = {}
        self._latency_s = latency_s
        plan = Plan(link=Link(latency=Constant(latency_s)))
        self.sim = Simulation(seed=seed, faults=plan, on_record=self._saw)
        config = Gnutella.Config.of(**{**SETTINGS, **settings})
        last = max((b for _, b in links), default=0)
        nodes = max(last + 1, content.nodes if content else 0)
        places = [_address(number) for number in range(nodes)]
        self.nodes = [
            self.sim.add(f"n{number}", Gnutella, place, config=config)
            for number, place in enumerate(places)
        ]
        if content is not None:
            self.share(content)
        dialed: defaultdict[int, list[Address]] = defaultdict(list)
        for a, b in links:
            dialed[a].append(places[b])
        for node, contacts in dialed.items():
            self.nodes[node].protocol.bootstrap(contacts)
        self.sim.advance(SETTLE_S + 20 * latency_s)
        self._tally = self.sim.tap = Tally()

    def share(self, content: Content) -> None:
        """Give files to those who have them."""
        for node, names in content.shared.items():
            for name in names:
                self.nodes[node].protocol.share(name)

    def search(
        self,
        asker: int,
        text: str,
        rule: Rule | str = "flood",
        want: int = 1_000_000,
        late_s: float = 0.0,
    ) -> Outcome:
        """Search once, wait until the last message about it is in, and measure.

        Parameters
        ----------
        asker, text
            Who asks, for what.
        rule : Rule or str
            How.
        want : int
            Files that are enough.
        late_s : float
            How much longer datagrams take than streams, see `SlowDatagrams`; as long
            if 0.
        """
        self._heard = {}
        self._tally.sent_by.clear()
        handle = self.sim.faults.add(SlowDatagrams(late_s)) if late_s else None
        operation = self.nodes[asker].protocol.search(text, rule=rule, want=want)
        self.sim.run(operation, MOST_S)
        self._quiet(late_s)
        if handle is not None:
            self.sim.faults.remove(handle)
        ends = (step.ended_s - operation.began_s for step in operation.steps)
        first_s = min(ends, default=None)
        return outcome(operation.result, self._tally.sent_by, self._heard, first_s)

    def loads(self) -> list[tuple[int, Counters]]:
        """Return the degree and the counters of each node."""
        degrees = Counter(end for link in self.links for end in link)
        return [(degrees[i], node.counters) for i, node in enumerate(self.nodes)]

    def _quiet(self, late_s: float) -> None:
        """Let time pass until nothing more is sent."""
        before = -1
        while (now := self._tally.sent_by.total()) != before:
            before = now
            self.sim.advance(25 * self._latency_s + 3 * late_s)

    def _saw(self, record: Record) -> None:
        event = record.event
        if isinstance(event, QueryHeard):
            hops = self._heard.get(record.node, event.hops)
            self._heard[record.node] = min(hops, event.hops)


def _address(number: int) -> Address:
    """Return a place of its own for each: servents take few links from one host."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 6346
