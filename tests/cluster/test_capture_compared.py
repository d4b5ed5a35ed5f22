"""The nodes' taps and the kernel's ring show the same packets of the same run."""

from __future__ import annotations

import struct
from collections import defaultdict

import pytest

from p2pkit import Cluster
from p2pkit.cluster.network import why_no_private_network
from p2pkit.observe.capture.census import TCP, UDP, StreamBytes, ends_of
from p2pkit.protocols import Kademlia, Swim
from p2pkit.protocols.gnutella import Gnutella
from tests.capturing import packet_socket, packets_in


def datagrams_by_pair(path):
    """Return the payloads of each pair of addresses, in order."""
    found = defaultdict(list)
    for frame in packets_in(path):
        ends = ends_of(frame)
        if ends and ends[0] == UDP:
            found[ends[1:]].append(frame[42:])
    return dict(found)


def streams_by_pair(path):
    """Return the bytes of each direction of each stream."""
    found = defaultdict(bytearray)
    counts = defaultdict(StreamBytes)
    for frame in packets_in(path):
        ends = ends_of(frame)
        if not ends or ends[0] != TCP:
            continue
        (length,) = struct.unpack_from("!H", frame, 16)
        payload = frame[34 + (frame[46] >> 4) * 4 : 14 + length]
        before = counts[ends].bytes
        counts[ends].take(frame)
        new = counts[ends].bytes - before
        found[ends[1:]] += payload[len(payload) - new :] if new else b""
    return {pair: bytes(data) for pair, data in found.items() if data}


@pytest.fixture(params=["host", "private"])
def both(request, tmp_path):
    """Capture by ring and tap what a cluster of this protocol does."""
    if request.param == "host":
        packet_socket().close()
    elif refused := why_no_private_network():
        pytest.skip(f"needs a private network: {refused}")

    def both(protocol, do, **options):
        ring, tap = tmp_path / "ring.pcapng", tmp_path / "tap.pcapng"
        options |= {"network": request.param, "seed": 7, "progress": "none"}
        with Cluster(protocol, 8, 2, **options) as cluster:
            cluster.wait_ready()
            with cluster.capture(ring, "ring"), cluster.capture(tap, "tap"):
                do(cluster)
        return ring, tap

    return both


def put_and_get(cluster):
    """Let nodes talk, and wait until nobody has anything more to say."""
    keys = [cluster[i].put(b"value %d" % i) for i in range(8)]
    for i, key in enumerate(keys):
        assert cluster[(i + 3) % 8].get(key) == b"value %d" % i


@pytest.mark.parametrize("addresses", ["own", "shared"])
def test_datagrams_are_the_same_packet_by_packet(both, addresses):
    ring, tap = both(Kademlia, put_and_get, addresses=addresses)

    seen = datagrams_by_pair(ring)
    assert sum(map(len, seen.values())) > 100
    assert datagrams_by_pair(tap) == seen


def restart_some(cluster):
    """Let nodes end their streams, and open new ones."""
    cluster.restart([2, 5])
    cluster.wait_ready()


@pytest.mark.parametrize("addresses", ["own", "shared"])
@pytest.mark.parametrize("protocol", [Gnutella, Swim])
def test_streams_carry_the_same_bytes_in_each_direction(both, protocol, addresses):
    ring, tap = both(protocol, restart_some, addresses=addresses)

    seen, tapped = streams_by_pair(ring), streams_by_pair(tap)
    assert len(tapped) >= 4
    # What was said between the two beginnings, or the two ends, one has alone.
    assert {pair: data in seen[pair] for pair, data in tapped.items()} == dict.fromkeys(
        tapped, True
    )
    assert sum(map(len, tapped.values())) > 0.9 * sum(map(len, seen.values()))


@pytest.mark.timeout(120)  # it runs the tests above once more
def test_an_ordinary_user_compares_them_in_a_private_network(ordinary_user):
    refused = ordinary_user.python(
        "from p2pkit.cluster.network import why_no_private_network as why; print(why())"
    )
    if refused != "None\n":
        pytest.skip(f"needs a private network without rights: {refused}")

    report = ordinary_user.pytest(__file__, "-k", "private and not ordinary")

    assert "6 passed" in report
