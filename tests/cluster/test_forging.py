"""Forged messages: tokens and answered pings tell the forger from the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from p2pkit import Cluster
from p2pkit.attacks.spoofing import Forged, announcement, strangers
from p2pkit.core import ClusterError, Contact, ForbiddenTarget
from p2pkit.core.driver import seeded
from p2pkit.protocols import Kademlia
from p2pkit.protocols.kademlia import messages as m
from tests.ordinary_user import OrdinaryUser

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test

TORRENT = 5
LEVELS = {"virtual": "messages", "host": "messages", "private": "packets"}


@pytest.fixture(params=list(LEVELS))
def where(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def network(where: str) -> Iterator[object]:
    """Return a function that makes a cluster, in virtual time or in either network."""

    def make(**settings: object) -> Cluster:
        carrier = "virtual" if where == "virtual" else "real"
        inside = "host" if where == "virtual" else where
        cluster = Cluster(
            Kademlia, 6, 2, seed=7, carrier=carrier, network=inside,
            progress="none", **settings,
        )  # fmt: skip
        try:
            cluster.start()
        except ClusterError as error:
            if where == "private":
                pytest.skip(f"needs a private network: {error}")
            raise
        made.append(cluster)
        return cluster.wait_ready()

    made: list[Cluster] = []
    yield make
    for one in made:
        one.close()


def contact(node: object) -> Contact:
    return Contact(node.id, node.address)


def stored(cluster: Cluster, index: int) -> int:
    return cluster[index].inspect()["peers"].get(TORRENT, 0)


def rejected(cluster: Cluster, index: int, reason: str) -> int:
    return cluster[index].counters.rejected.get(reason, 0)


def test_without_tokens_a_forger_announces_whom_it_likes(network, where) -> None:
    cluster = network(check_tokens=False)
    victim = contact(cluster[3])

    level = cluster.forge([announcement(victim, cluster[1].address, TORRENT, b"guess")])

    cluster.wait_until(lambda it: stored(it, 1) == 1)
    assert level == LEVELS[where]


def test_a_guessed_token_stores_nothing(network) -> None:
    cluster = network()
    victim = contact(cluster[3])
    guesses = [n.to_bytes(8, "big") for n in range(50)]

    cluster.forge(
        announcement(victim, cluster[1].address, TORRENT, one) for one in guesses
    )

    cluster.wait_until(lambda it: rejected(it, 1, "bad token") == 50)
    assert stored(cluster, 1) == 0


def test_whom_nobody_answers_for_enters_no_table(network) -> None:
    cluster = network()
    before = cluster[1].inspect()["buckets"]
    rng, sources = seeded(7, "forger"), [one.address for one in cluster if one.id]

    cluster.forge(
        one
        for _ in range(20)
        for one in strangers(sources[2:], cluster[1].address, rng)
    )

    def asked(it: Cluster) -> bool:
        tally = it[1].counters.received.get("Ping")
        return tally is not None and tally.messages >= 80

    cluster.wait_until(asked)
    cluster.advance(6.0)  # pings to made-up ids fail after five seconds
    after = cluster[1].inspect()["buckets"]
    known = [sorted(one["contacts"]) for one in after]
    assert known == [sorted(one["contacts"]) for one in before]


def test_neither_source_nor_target_may_be_somebody_else(network) -> None:
    cluster = network()
    here, elsewhere = cluster[1].address, ("192.0.2.1", 6881)
    ping = m.Ping(b"aa", 1, False)

    for forged in (Forged(here, elsewhere, ping), Forged(elsewhere, here, ping)):
        with pytest.raises(ForbiddenTarget, match=r"192\.0\.2\.1"):
            cluster.forge([forged])


@pytest.mark.timeout(150)  # the attacks' tests on sockets once more, without rights
def test_all_of_this_works_for_an_ordinary_user(ordinary_user: OrdinaryUser) -> None:
    files = (f"tests/cluster/test_{one}.py" for one in ("forging", "forbidden_targets"))

    report = ordinary_user.pytest(*files, "-k", "not ordinary", limit_s=140)

    assert "failed" not in report
    assert "passed" in report
