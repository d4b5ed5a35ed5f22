"""The rules of Kademlia's buckets, examined on one node's own account.

Source: P. Maymounkov and D. Mazieres, "Kademlia", IPTPS 2002, sections 2.2 to 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import Any

from p2pkit.core import short
from p2pkit.observe.converged import branches
from p2pkit.observe.snapshot import NodeSnapshot


def broken_rule(node: NodeSnapshot, k: int | None = None) -> str:
    """Return a sentence on the first rule that a node's buckets break; "" if none.

    Parameters
    ----------
    node : NodeSnapshot
        With details: ``buckets`` in any order, each with `low`, `high` (not
        included), `contacts` and `replacements` (ids), and ``k`` and ``id_bits``.
    k : int, optional
        Contacts a bucket may hold; the node's own k if not given.
    """
    details = node.details or {}
    if "buckets" not in details:
        return f"{node.name} has no buckets to examine"
    size = int(details["k"]) if k is None else k
    ranges = sorted((one["low"], one["high"]) for one in details["buckets"])
    found = _broken_partition(ranges, node.id, 1 << int(details.get("id_bits", 160)))
    for bucket in details["buckets"]:
        found = found or _broken_bucket(bucket, node.id, size)
    return f"{node.name}: {found}" if found else ""


def ideal_size(ids: Sequence[int], own: int, k: int) -> int:
    """Return how many contacts a full table of `own` has among these sorted ids."""
    return sum(min(k, high - low) for _, low, high in branches(ids, own))


def ideal_size_formula(nodes: int, k: int) -> float:
    """Return the mean size of full tables for many nodes with even ids.

    Examples
    --------
    >>> round(ideal_size_formula(1024, 8))
    63
    """
    return float(min(nodes - 1, k * (log2(max(nodes / k, 1)) + 0.9)))


def _broken_partition(ranges: list[tuple[int, int]], own: int, space: int) -> str:
    edges = [0, *(high for _, high in ranges)]
    if [low for low, _ in ranges] != edges[:-1] or edges[-1] != space:
        return "its buckets' ranges do not partition the id space"
    for low, high in ranges:
        width = high - low
        if width <= 0 or width & (width - 1) or low % width:
            return f"the range at {short(low)} is no whole branch of the id tree"
        parent = low & ~(2 * width - 1)
        if width < space and not parent <= own < parent + 2 * width:
            return f"the range at {short(low)} was split off beside the node's own path"
    return ""


def _broken_bucket(bucket: dict[str, Any], own: int, k: int) -> str:
    contacts, spares = list(bucket["contacts"]), list(bucket["replacements"])
    name = f"the bucket at {short(bucket['low'])}"
    if len(contacts) > k:
        return f"{name} holds {len(contacts)} contacts, more than k = {k}"
    if own in contacts or own in spares:
        return f"{name} holds the node itself"
    if len({*contacts, *spares}) != len(contacts) + len(spares):
        return f"{name} holds a contact twice"
    for one in [*contacts, *spares]:
        if not bucket["low"] <= one < bucket["high"]:
            return f"{name} holds {short(one)}, which is not in its range"
    if spares and len(contacts) < k:
        return f"{name} keeps a spare while it has room for a contact"
    return ""
