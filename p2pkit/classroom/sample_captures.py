"""Makes the captures that are shipped with the kit: ``python -m`` this module.

Each is a few seconds of a small cluster that does what its protocol is for, so that a
lab on packets works where nothing may be captured. They are made again when a wire
changes; ``Packets.sample("kademlia")`` opens one.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from p2pkit.classroom.packet_anatomy import first_with
from p2pkit.classroom.wireshark_view import STORED, view_by_tshark
from p2pkit.cluster import Cluster
from p2pkit.core import Id
from p2pkit.observe.capture import Packets, samples
from p2pkit.observe.capture.door import scapy_room
from p2pkit.observe.membership import agreement
from p2pkit.protocols import Gnutella, Kademlia, Plumtree, Swim

SEED = 7
WORDS = "a small world.txt"
TORRENT = Id.parse(bytes(range(20)))


def small(protocol_class: type[Any], nodes: int, **options: Any) -> Cluster:
    """Return a cluster in a network of its own, where packets have a wire's sizes."""
    fixed: dict[str, Any] = {"seed": SEED, "network": "private", "progress": "none"}
    return Cluster(protocol_class, nodes, 2, **fixed, **options)


def kademlia(path: Path) -> None:
    """Let six nodes join two, and put, get, announce and ping."""
    with small(Kademlia, 2) as cluster, cluster.capture(path, overwrite=True):
        cluster.add(6)
        assert cluster[5].get(cluster[1].put(b"hello")) == b"hello"
        cluster[2].announce(TORRENT, 6999)
        assert cluster[6].get_peers(TORRENT)
        cluster[3].lookup(TORRENT)
        cluster[4].ping(cluster[7].address)


def swim(path: Path) -> None:
    """Let two members join three, and one die, of which the others hear."""
    with small(Swim, 3) as cluster, cluster.capture(path, overwrite=True):
        cluster.add(2)
        cluster.wait_ready()
        cluster.kill(4)
        cluster.wait_until(lambda one: bool(agreement(one.snapshot())), 60)


def forged(path: Path) -> None:
    """Forge a source: the token goes to whom was named, and a guess is refused."""
    ip, udp, krpc = (
        scapy_room("workbench").IP,
        scapy_room("workbench").UDP,
        scapy_room("krpc").KRPC,
    )
    with small(Kademlia, 3) as cluster:
        cluster.wait_ready()
        victim, node = cluster.addresses[1], cluster.addresses[2]
        headers = ip(src=victim[0], dst=node[0]) / udp(sport=victim[1], dport=node[1])
        asked = {"id": 7, "info_hash": TORRENT}
        guess = asked | {"port": 6999, "token": b"guess", "implied_port": 1}
        with cluster.capture(path, overwrite=True):
            cluster.send_packet(headers / krpc(q="get_peers", t="g1", a=asked))
            cluster.send_packet(headers / krpc(q="announce_peer", t="g2", a=guess))
            cluster[1].ping(node)  # its answer comes after those to the forged ones


def gnutella(path: Path) -> None:
    """Let a servent come back, greet its neighbors, search and fetch a file."""
    with small(Gnutella, 6, port=6346) as cluster:
        cluster.wait_ready()
        cluster[4].share(WORDS, b"abc" * 500)
        with cluster.capture(path, overwrite=True):
            cluster.kill(1)
            cluster.restart(1)
            cluster.wait_ready()
            peer = next(iter(cluster.graph()["n01"]))
            cluster[1].ping(cluster[int(peer[1:])].address)
            hits = cluster[1].search("small world")
            assert cluster[1].fetch(hits[0]) == b"abc" * 500


def plumtree(path: Path) -> None:
    """Broadcast three times, over the tree that the first one makes."""
    with small(Plumtree, 6) as cluster:
        cluster.wait_ready()
        with cluster.capture(path, overwrite=True):
            for word in (b"one", b"two", b"three"):
                cluster[0].broadcast(word)
                cluster.advance(0.5)


SAMPLES: dict[str, Callable[[Path], Any]] = {
    "forged": forged,
    "gnutella": gnutella,
    "kademlia": kademlia,
    "plumtree": plumtree,
    "swim": swim,
}
"""What makes each sample."""

LOOKED_AT = (
    ("kademlia", "query find_node 00010203"),
    ("gnutella", "Gnutella Ping"),
)
"""Samples, and summaries of packets of which Wireshark's view is stored."""


def make(folder: Path) -> list[Path]:
    """Make every sample in a folder; return their files."""
    made = []
    for name, fill in SAMPLES.items():
        path = folder / f"{name}.pcapng"
        with contextlib.redirect_stdout(io.StringIO()):
            fill(path)
        made.append(path)
    return made


def seen_by_wireshark() -> dict[str, dict[int, str]]:
    """Return what tshark says of the packets that lectures look at."""
    found: dict[str, dict[int, str]] = {}
    for name, summary in LOOKED_AT:
        packets = Packets.sample(name)
        index = first_with(packets, summary)
        found.setdefault(name, {})[index] = view_by_tshark(packets.path, index)
    return found


def main() -> None:
    """Make them where the kit looks for them, and say how large they are."""
    for path in make(samples.FOLDER):
        kilobytes = path.stat().st_size / 1000
        sys.stdout.write(f"{path.name}: {kilobytes:.0f} kB\n")
    text = json.dumps(seen_by_wireshark(), indent=1)
    STORED.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
