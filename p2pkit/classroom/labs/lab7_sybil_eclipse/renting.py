"""Check 6.1: the student's attack against a defense that binds ids and counts nets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse import keeper, wire
from p2pkit.classroom.labs.lab7_sybil_eclipse.lying import (
    ENOUGH,
    HALF,
    Siege,
    besiege,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import SPEC, id_at, net_of
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    NETS,
    Place,
    Town,
    invaded,
    map_of,
    peaceful,
    served,
    value_for,
)
from p2pkit.core import LabError
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Finding,
    Subject,
    Verdict,
    ask,
    seeds_of,
    share_of,
)
from p2pkit.harness.examined import examined

MACHINES = 3
"""Addresses on offer in each network that nobody honest is in."""


def breaks(subject: Subject, case: Case) -> Verdict:
    """Judge which addresses are rented, and what the attack does from there."""
    defense = wall(case["wall"]) if case["wall"] else subject.protocol("Gated", SPEC)
    picks, lost = [], []
    sieges: list[Siege] = []
    for seed in seeds_of(case.seed, case["runs"]):
        town, offers = _market(peaceful(case["nodes"], seed), case["k"], seed)
        hosts = _rented(subject, town.key, offers, case["slots"])
        picks.append(_fault(town.key, offers, hosts, case["slots"]))
        if not hosts:
            continue
        places = [_place(host) for host in hosts]
        ids = list(map(id_at, hosts))
        siege = besiege(subject, case, invaded(town, places, ids), seed, defense)
        sieges.append(siege)
        lost += [not ok for ok in served(siege.run, town.value)]
    share, faults = share_of(lost), [one for one in picks if one]
    findings = (
        ask(
            "the best addresses are rented, one in each /24",
            not faults, f"{case['slots']} hosts, and none left out that is better",
            faults[0] if faults else "so it is",
            "id_at(host) ^ key says how good a host is; net_of(host) where it is",
        ),
        Finding(
            "from there, the attack takes the value from everybody",
            1.0 if share >= ENOUGH else 0.5 if share >= HALF else 0.0,
            f"{ENOUGH:.0%} of all reads lost, half of the points from {HALF:.0%} on",
            f"{share:.0%} of {len(lost)} reads lost",
            "is the defense yours? Then it may refuse more than it should",
        ),
    )  # fmt: skip
    if not sieges:
        return Verdict(findings, case.seed)
    last = sieges[-1]
    picture = (map_of(last.run, last.town, "Who could read it"),)
    return Verdict(findings, case.seed, last.run.last_events(), picture)


def wall(text: str) -> type[Any]:
    """Return the class ``Wall`` that a hidden case gives, as drivers run it.

    The reference defense stands in the teacher's notebook alone, for it is a solution.
    What comes here was written there, and never by who is examined.
    """
    namespace = {**vars(wire), "Keeper": keeper.Keeper}
    exec(text, namespace)
    return examined(namespace["Wall"], SPEC)


def _market(town: Town, k: int, seed: int) -> tuple[Town, list[str]]:
    """Return a town, and addresses on offer; `k` networks suffice to take its key."""
    rng, taken = seeded(seed, "market"), {net for net, _ in town.places}
    offers = [
        f"127.1.{net}.{machine}"
        for net in range(NETS)
        if net not in taken
        for machine in rng.sample(range(1, 255), MACHINES)
    ]
    rng.shuffle(offers)

    def is_for_sale(key: int) -> bool:
        nearest = min(one ^ key for one in town.ids)
        nets = {net_of(host) for host in offers if id_at(host) ^ key < nearest}
        return len(nets) >= k

    value = value_for(rng, is_for_sale)
    return Town(value, town.places, town.ids, town.honest), offers


def _rented(subject: Subject, key: int, offers: Sequence[str], slots: int) -> list[str]:
    hosts = subject.call("rent", key, list(offers), slots)
    if not isinstance(hosts, list):
        reason = "rent returns a list of hosts"
        raise LabError(reason)
    return [one for one in dict.fromkeys(hosts) if one in offers][:slots]


def _fault(key: int, offers: Sequence[str], hosts: list[str], slots: int) -> str:
    """Return what is wrong with a choice, in a few words; empty if nothing is."""
    if len(hosts) != slots:
        return f"{len(hosts)} different hosts of those on offer"
    gaps = {net_of(host): id_at(host) ^ key for host in hosts}
    if len(gaps) != slots:
        return f"{slots} hosts in {len(gaps)} networks"
    farthest = max(gaps.values())
    better = [
        host for host in offers
        if id_at(host) ^ key < gaps.get(net_of(host), farthest)
    ]  # fmt: skip
    return f"{better[0]} would have been better" if better else ""


def _place(host: str) -> Place:
    net, machine = host.split(".")[2:]
    return int(net), int(machine)
