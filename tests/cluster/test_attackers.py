"""Attackers inside a cluster: where they sit, what they run, and how they end."""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.attacks import Eclipse, Sybil
from p2pkit.core import ClusterError, LocalProtocolError
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia.hardened import net_of

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test

KEY = 1 << 100


@pytest.fixture(params=["virtual", "real"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def started(
    carrier: str, nodes: int = 6, processes: int = 2, **more: object
) -> Cluster:
    """Return a small DHT that has joined."""
    return Cluster(
        Kademlia, nodes, processes, seed=7, carrier=carrier, progress="none", **more
    ).start()


def test_attackers_are_named_seated_apart_and_join(carrier: str) -> None:
    with started(carrier) as cluster:
        gang = cluster.add_attackers(Sybil, 5, machines=2, target=KEY, near_bits=60)

        assert [one.name for one in gang] == ["x00", "x01", "x02", "x03", "x04"]
        assert [one.name for one in cluster.attackers] == [one.name for one in gang]
        assert [one.is_attacker for one in cluster] == [False] * 6 + [True] * 5
        nets = [net_of(one.address[0]) for one in gang]
        assert len(set(nets)) == 2
        assert not set(nets) & {net_of(one.address[0]) for one in cluster.honest}
        assert all((one.id ^ KEY) >> 100 == 0 for one in gang)
        assert all(one.inspect()["buckets"] for one in gang)


def test_they_have_the_clusters_settings_and_their_own(carrier: str) -> None:
    with started(carrier, k=5, bep42="enforce") as cluster:
        (one,) = cluster.add_attackers(Sybil, 1, target=KEY)

        assert one.inspect()["k"] == 5
        with pytest.raises(LocalProtocolError, match="no setting 'targt'"):
            cluster.add_attackers(Sybil, 1, targt=KEY)


def test_more_come_and_honest_ones_too(carrier: str) -> None:
    with started(carrier) as cluster:
        cluster.add_attackers(Eclipse, 2, target=KEY)
        (late,) = cluster.add(1)
        (other,) = cluster.add_attackers(Sybil, 1, target=KEY)

        assert (late.name, other.name) == ("n06", "x02")
        assert len(cluster) == 10
        assert len(cluster.targets) == 10
        assert late.get(cluster[0].put(b"hello")) == b"hello"


def test_an_attacker_ends_and_comes_back_as_what_it_was(carrier: str) -> None:
    with started(carrier) as cluster:
        one, other = cluster.add_attackers(Eclipse, 2, target=KEY)
        node_id = one.id
        for end in (one.stop, one.restart, one.kill, one.restart, other.kill):
            end()

        assert (one.state, other.state, one.id) == ("alive", "dead", node_id)
        assert one.inspect()["role"] == "attacker"
        assert other.address not in cluster.targets


def test_a_class_from_a_cell_attacks(carrier: str) -> None:
    class Mute(Eclipse):
        """Says nothing about the key."""

        def _on_query(self, sender: object, message: object) -> None:
            """Leave every question unanswered."""

    with started(carrier) as cluster:
        (one,) = cluster.add_attackers(Mute, 1, target=KEY)

        with pytest.raises(Exception, match="does not answer"):
            cluster[0].ping(one.address, timeout_s=30)


def test_killing_an_attacker_ends_no_honest_process() -> None:
    with started("real", nodes=3, processes=3) as cluster:
        gang = cluster.add_attackers(Eclipse, 2, target=KEY)

        gang[0].kill()
        cluster.kill(1)

        states = [one.state for one in cluster]
        assert states == ["alive", "dead", "alive", "dead", "alive"]
        assert cluster[0].ping(cluster[2].address) == cluster[2].id
        cluster.restart(1)
        assert cluster[1].ping(gang[1].address) == gang[1].id


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"count": 0}, "give 1 or more each"),
        ({"count": 2, "processes": 3}, "give 1 or more each"),
        ({"count": 2, "machines": 3}, "on 1 to 2 machines"),
        ({"count": 400, "machines": 300}, "on 1 to 249 machines"),
        ({"count": "x"}, "is a whole number"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    arguments: dict[str, object], why: str
) -> None:
    with (
        started("virtual") as cluster,
        pytest.raises(ClusterError, match=why),
    ):
        cluster.add_attackers(Eclipse, **arguments)


def test_who_has_a_topology_or_no_class_is_not_attacked() -> None:
    for kind, options, why in (
        (Eclipse, {"topology": "ring"}, "a topology does not grow"),
        (object, {}, "is no attacker"),
    ):
        with (
            started("virtual", **options) as cluster,
            pytest.raises(ClusterError, match=why),
        ):
            cluster.add_attackers(kind, 1)


def test_where_an_address_is_shared_attackers_have_the_next_ports() -> None:
    with started("virtual", addresses="shared") as cluster:
        gang = cluster.add_attackers(Eclipse, 2, target=KEY)
        (late,) = cluster.add(1)

        ports = [one.address[1] for one in cluster]
        assert ports == list(range(ports[0], ports[0] + 9))
        assert {one.address[0] for one in [*gang, late]} == {"127.0.0.1"}


def test_a_picture_shows_attackers_by_their_role() -> None:
    with started("virtual") as cluster:
        feed = cluster.frames()
        cluster.add_attackers(Eclipse, 1, target=KEY)
        cluster.advance(1)

        roles = {node.name: node.role for frame in feed.take() for node in frame.nodes}
        feed.close()

    assert roles["x00"] == "attacker"
    assert roles["n00"] == ""
