"""Amplification: how many bytes a victim gets for each that a forger sends.

One prober asks one node one thing at a time, from an address that the node has never
heard of, and lets some time pass; the difference in its counters is the measure. Pings
that a query provokes count too, for a victim gets them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from p2pkit.core import Counters
from p2pkit.core.driver import seeded

if TYPE_CHECKING:
    from p2pkit.cluster import Cluster

SETTLE_S = 1.3
"""Seconds a probe has for all that it brings: a ping is sent again after half a second.
"""

ON_STREAMS = "PushPull"
"""What members send on streams alone: nobody can open one in another's name."""

QUIET: dict[str, Any] = {"progress": "none", "processes": 2}

NODES, PEERS, SAMPLES, ITEM_BYTES = 56, 50, 20, 900
"""What is there to be sent: nodes, peers of a torrent, torrents, and a long value."""

RESTRAINED: dict[str, Any] = {"max_reply_factor": 1.0, "check_sends": 1}
"""Settings of Kademlia under which nobody gets more than was sent in their name."""


@dataclass(frozen=True)
class Lever:
    """One kind of query, and what it brings.

    Parameters
    ----------
    protocol, query : str
        What was asked.
    sent, received : int
        Datagrams each way.
    sent_bytes, received_bytes : int
        Their payloads.
    """

    protocol: str
    query: str
    sent: int
    sent_bytes: int
    received: int
    received_bytes: int

    @property
    def payload_factor(self) -> float:
        """Payload received for each byte of payload sent."""
        return self.received_bytes / self.sent_bytes

    @property
    def ip_factor(self) -> float:
        """The same for whole packets: what a line carries, and what a flood is."""
        from p2pkit.attacks.reflection import HEADER_BYTES

        received = self.received_bytes + HEADER_BYTES * self.received
        return received / (self.sent_bytes + HEADER_BYTES * self.sent)


Probe = tuple[str, int, Callable[[int], Any]]
"""What it is called, which node is asked, and the message for a made-up id."""


def kademlia_levers(seed: int, carrier: str = "virtual", **options: Any) -> list[Lever]:
    """Return the lever of each query of the Mainline DHT.

    Parameters
    ----------
    seed : int
        Starts every generator.
    carrier : {"virtual", "real"}
        As for a `Cluster`.
    **options
        More of them, and settings of Kademlia, such as `RESTRAINED`.
    """
    from p2pkit.attacks.reflection import KademliaProber
    from p2pkit.cluster import Cluster
    from p2pkit.protocols import Kademlia

    options = QUIET | options
    with Cluster(Kademlia, NODES, seed=seed, carrier=carrier, **options) as cluster:
        probes = _kademlia_probes(cluster)
        return list(levers(cluster, "Kademlia", KademliaProber, probes))


def other_levers(seed: int, carrier: str = "virtual", **options: Any) -> list[Lever]:
    """Return the levers of what SWIM and Gnutella answer to strangers by datagram."""
    from p2pkit.attacks.reflection import GnutellaProber, SwimProber
    from p2pkit.cluster import Cluster
    from p2pkit.protocols import Gnutella, Swim
    from p2pkit.protocols.gnutella.checks import ASKED, MAY_I_GO_ON, say
    from p2pkit.protocols.swim import messages as m

    options, found = QUIET | options, list[Lever]()
    with Cluster(Swim, 5, seed=seed, carrier=carrier, **options) as cluster:
        name = f"{cluster[1].id:040x}"  # as one is called that was given no name
        probe: Probe = "Ping", 1, lambda _: m.Ping(1, name)
        found += levers(cluster, "SWIM", SwimProber, [probe])
    with Cluster(Gnutella, 5, seed=seed, carrier=carrier, **options) as cluster:
        asked = say(bytes(16), MAY_I_GO_ON, ASKED.pack(1))
        probe = "Vendor", 1, lambda _: asked
        found += levers(cluster, "Gnutella", GnutellaProber, [probe])
    return found


def levers(
    cluster: Cluster, protocol: str, prober_class: type[Any], probes: list[Probe]
) -> Iterator[Lever]:
    """Probe one node after the other; yield what each probe brought.

    Each goes from an address of its own, for a node remembers who has proved itself.
    """
    rng = seeded(cluster.seed, "probes")
    probers = cluster.add_attackers(prober_class, len(probes))
    for prober, (query, node, make) in zip(probers, probes, strict=True):
        before = _totals(prober.counters)
        prober.probe(cluster[node].address, make(rng.getrandbits(160)))
        cluster.advance(SETTLE_S)
        after = _totals(prober.counters)
        brought = (now - then for then, now in zip(before, after, strict=True))
        yield Lever(protocol, query, *brought)


def _totals(counters: Counters) -> list[int]:
    """Return datagrams and bytes sent, then datagrams and bytes received."""
    return [
        sum(getattr(one, what) for kind, one in tallies.items() if kind != ON_STREAMS)
        for tallies in (counters.sent, counters.received)
        for what in ("messages", "payload_bytes")
    ]


def _kademlia_probes(cluster: Cluster) -> list[Probe]:
    """Fill one node's storage; return a probe for each kind of query."""
    from p2pkit.core import Id
    from p2pkit.observe.check import closest
    from p2pkit.protocols.kademlia import messages as m

    cluster.advance(5.0)
    near = 1
    key = cluster[0].put(b"x" * ITEM_BYTES)
    ids: list[int] = [one.id for one in cluster]
    holder = ids.index(closest(ids, key, 1)[0])
    torrents = [Id(cluster[near].id ^ (1 + number)) for number in range(SAMPLES)]
    announcers = [one for one in range(NODES) if one != near][:PEERS]
    cluster.call_many((one, "announce", (torrents[0],)) for one in announcers)
    cluster.call_many((0, "announce", (one,)) for one in torrents[1:])
    unknown, wrong = Id(cluster[near].id ^ (1 << 20)), b"12345678"
    tid = b"1234"
    return [
        ("Ping", near, lambda it: m.Ping(tid, it, False)),
        ("FindNode", near, lambda it: m.FindNode(tid, it, False, unknown)),
        ("GetPeers, none", near, lambda it: m.GetPeers(tid, it, False, unknown)),
        ("GetPeers, 50", near, lambda it: m.GetPeers(tid, it, False, torrents[0])),
        ("Get, none", near, lambda it: m.Get(tid, it, False, unknown)),
        ("Get, 900 bytes", holder, lambda it: m.Get(tid, it, False, key)),
        ("SampleInfohashes", near, lambda it: m.SampleInfohashes(tid, it, False, key)),
        (
            "AnnouncePeer",
            near,
            lambda it: m.AnnouncePeer(tid, it, False, unknown, 1, wrong),
        ),
    ]
