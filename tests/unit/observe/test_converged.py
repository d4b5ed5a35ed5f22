import random
import time

import pytest

from p2pkit.core import Contact, Counters, Edge
from p2pkit.observe import NodeSnapshot, Snapshot, gaps, missing
from p2pkit.observe.converged import branches


def overlay(ids, knows, kind="bucket", states=None):
    contacts = {n: Contact(n, ("127.0.0.1", i + 1)) for i, n in enumerate(ids)}
    nodes = [
        NodeSnapshot(
            name=f"n{i:02d}",
            id=n,
            address=contacts[n].address,
            state=(states or {}).get(n, "alive"),
            edges=tuple(Edge(kind, contacts[m]) for m in knows(n)),
            counters=Counters(),
        )
        for i, n in enumerate(ids)
    ]
    return Snapshot(at_s=0.0, nodes=tuple(nodes))


def ideal(ids, k):
    ids = sorted(ids)

    def knows(own):
        for _, low, high in branches(ids, own):
            yield from ids[low : min(high, low + k)]

    return knows


def test_branches_hold_every_other_id_once_at_its_distance():
    rng = random.Random(1)
    ids = sorted({rng.getrandbits(160) for _ in range(200)})

    for own in ids[:20]:
        seen = []
        for bits, low, high in branches(ids, own):
            assert {(one ^ own).bit_length() for one in ids[low:high]} == {bits}
            seen += ids[low:high]
        assert sorted([*seen, own]) == ids


def test_ideal_tables_have_no_gaps_and_a_lost_contact_is_named():
    ids = [random.Random(2).getrandbits(160) + i for i in range(50)]
    full = overlay(ids, ideal(ids, 4))
    assert missing(full, k=4) == []

    lacking = overlay(
        ids, lambda n: list(ideal(ids, 4)(n))[: -1 if n == ids[7] else None]
    )

    assert list(gaps(lacking, k=4)) == ["n07"]
    assert "n07 knows" in missing(lacking, k=4)[0]


def test_dead_nodes_need_not_be_known_and_do_not_count_as_known():
    ids = [0b0000, 0b1000, 0b1001]
    table = {0b0000: [0b1000], 0b1000: [0b0000], 0b1001: [0b0000]}

    dead = overlay(ids, table.__getitem__, states={0b1000: "dead"})
    assert list(gaps(dead, k=1)) == ["n00"]

    assert list(gaps(overlay(ids, table.__getitem__), k=1)) == ["n01", "n02"]


def test_without_buckets_all_must_hang_together():
    ids = [1, 2, 3, 4, 5]
    table = {1: [2], 2: [], 3: [2], 4: [5], 5: []}

    apart = overlay(ids, table.__getitem__, kind="active")

    assert list(gaps(apart)) == ["n03", "n04"]
    assert missing(overlay([1], lambda n: [])) == []


@pytest.mark.parametrize("nodes", [10_000])
def test_ten_thousand_nodes_are_judged_in_seconds(nodes):
    rng = random.Random(3)
    ids = [rng.getrandbits(160) for _ in range(nodes)]
    snapshot = overlay(ids, ideal(ids, 8))

    began = time.process_time()
    assert missing(snapshot, k=8) == []

    assert time.process_time() - began < 6
