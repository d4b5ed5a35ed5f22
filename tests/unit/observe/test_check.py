import pytest

from p2pkit.core import RequestTimeout
from p2pkit.observe import check


def test_exact_lookups_are_told_from_others(cluster):
    verdict = check.k_closest(cluster, lookups=50)

    assert verdict
    assert (verdict.exact, verdict.total, verdict.share) == (50, 50, 1.0)
    assert repr(verdict).startswith("yes: lookups return the exact 4 closest")


def test_a_lookup_that_misses_a_node_is_shown(cluster):
    exact = cluster.lookup
    cluster.lookup = lambda index, key: exact(index, key)[:3]

    verdict = check.k_closest(cluster, lookups=10)

    assert not verdict
    assert verdict.exact == 0
    assert len(verdict.evidence["missing"]) == 1
    assert verdict.evidence["missing"][0] == verdict.evidence["want"][3]
    assert "returned 3 nodes and not" in repr(verdict)


def test_a_wrong_order_and_an_error_count_as_wrong(cluster):
    exact = cluster.lookup
    cluster.lookup = lambda index, key: exact(index, key)[::-1]
    assert "in a wrong order" in repr(check.k_closest(cluster, lookups=3))

    def lookup(index, key):
        raise RequestTimeout("lookup has not ended")

    cluster.lookup = lookup
    assert "failed: lookup has not ended" in repr(check.k_closest(cluster, lookups=3))


def test_dead_nodes_are_neither_asked_nor_wanted(cluster):
    cluster.dead = set(cluster.ids[:20])

    assert check.k_closest(cluster, lookups=40)


def test_keys_and_seed_decide_what_is_looked_up(cluster):
    asked = []
    exact = cluster.lookup

    def lookup(index, key):
        asked.append((index, int(key)))
        return exact(index, key)

    cluster.lookup = lookup
    for seed in (1, 1, 2):
        check.k_closest(cluster, lookups=5, seed=seed)
    assert asked[:5] == asked[5:10] != asked[10:]

    check.k_closest(cluster, keys=[5, 6])
    assert [key for _, key in asked[15:]] == [5, 6]


def test_ideal_buckets_keep_every_rule(cluster):
    assert check.buckets(cluster)
    assert check.table_size(cluster)
    assert check.converged(cluster)
    assert check.connected(cluster)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda own, table: table.pop(0), "do not partition"),
        (lambda own, table: table[-1]["contacts"].append(own), "the node itself"),
        (
            lambda own, table: table[0]["replacements"].append(table[0]["contacts"][0]),
            "a contact twice",
        ),
        (
            lambda own, table: table[-1].update(contacts=table[0]["contacts"][:1]),
            "not in its range",
        ),
        (
            lambda own, table: table[0]["contacts"].extend(table[0]["replacements"]),
            "more than k",
        ),
        (lambda own, table: table[0]["contacts"].pop(), "has room for a contact"),
    ],
)
def test_a_broken_bucket_rule_is_named_with_its_node(cluster, spoil, sentence):
    own = cluster.ids[5]
    spoil(own, cluster.tables[own])

    verdict = check.buckets(cluster)

    assert verdict.exact == verdict.total - 1
    assert verdict.evidence["node"] == "n05"
    assert sentence in verdict.detail


def test_a_bucket_split_beside_the_own_path_is_found(cluster):
    own = cluster.ids[0]
    far = cluster.tables[own][0]
    middle = (far["low"] + far["high"]) // 2
    halves = [
        cluster._bucket(own, far["low"], middle),
        cluster._bucket(own, middle, far["high"]),
    ]
    cluster.tables[own][:1] = halves

    assert "beside the node's own path" in check.buckets(cluster).detail


def test_tables_that_lost_half_their_contacts_are_too_small(cluster):
    for table in cluster.tables.values():
        for bucket in table:
            del bucket["contacts"][::2]

    verdict = check.table_size(cluster)

    assert not verdict
    assert verdict.evidence["mean"] < verdict.evidence["ideal"] * 0.7
    assert not check.converged(cluster)


def test_holders_are_the_closest_and_others_are_extra(cluster):
    key = cluster.ids[3] ^ 1
    nearest = check.closest(cluster.ids, key, 5)
    cluster.holding = {one: [key] for one in [*nearest[:2], nearest[3], nearest[4]]}

    verdict = check.holders(cluster, key)

    assert not verdict
    assert (verdict.exact, verdict.total) == (3, 4)
    assert verdict.evidence["missing"] == [f"n{cluster.ids.index(nearest[2]):02d}"]
    assert verdict.evidence["extra"] == [f"n{cluster.ids.index(nearest[4]):02d}"]
    assert check.holders(cluster, f"{key:040x}", k=2)


@pytest.mark.parametrize(
    "oracle",
    [
        check.k_closest,
        check.buckets,
        check.table_size,
        check.converged,
        check.connected,
        lambda cluster: check.holders(cluster, 1),
    ],
)
def test_an_overlay_whose_nodes_are_all_dead_is_not_right(cluster, oracle):
    cluster.dead = set(cluster.ids)

    verdict = oracle(cluster)

    assert not verdict
    assert (verdict.exact, verdict.total, verdict.share) == (0, 0, 0.0)
    assert repr(verdict).endswith("(0 of 0). No node is alive.")


def test_no_lookups_show_nothing(cluster):
    verdict = check.k_closest(cluster, keys=[])

    assert not verdict
    assert repr(verdict).endswith("(0 of 0). Nothing was examined.")


def test_a_node_that_is_alone_is_right(cluster):
    cluster.dead = set(cluster.ids[1:])

    assert check.table_size(cluster)
    assert check.connected(cluster)
