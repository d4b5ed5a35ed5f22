"""Checks 3.1 and 3.2: whom a keeper believes in."""

from __future__ import annotations

from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Mute, trusted
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    ID_BITS,
    SPEC,
    Config,
    Find,
    Found,
    Ping,
    config_of,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    Town,
    bound_id,
    contact_at,
    life,
    map_of,
    peaceful,
    served,
    with_chosen_ids,
    with_one_net,
)
from p2pkit.core import Contact
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Finding,
    OneNode,
    Run,
    Said,
    Subject,
    Verdict,
    apart,
    ask,
    play_whole,
    seeds_of,
    share_of,
)

HONEST, FORGED, CROWD = 60, 30, 20
"""Few enough that all of them would find a place, see `ROOMY`."""

MOST_REJECTED = 0.01

RESTORED, PARTLY = 0.9, 0.75
"""Shares of the reads that must succeed. On the reference nearly all do: in one case of
a hundred two of 35 fail."""

MOST_ASKED = 1_000
"""Questions of one read that are answered: one that ends takes dozens."""

READS = 12
ROOMY = 64
"""A k with which no bucket fills: only the rules keep anybody out."""


def admits(subject: Subject, case: Case) -> Verdict:
    """Judge who comes into the table of one keeper, and who is asked in a read."""
    rng = seeded(case.seed, "gate")
    nets = rng.sample(range(1, 256), HONEST + FORGED + 1)
    honest = [contact_at((net, rng.randrange(1, 255))) for net in nets[:HONEST]]
    forged = [
        contact_at((net, rng.randrange(1, 255)), rng.getrandbits(ID_BITS))
        for net in nets[HONEST:-1]
    ]
    crowd = [contact_at((nets[-1], machine)) for machine in range(1, 1 + CROWD)]
    node = _one(subject, case)
    for one in rng.sample([*honest, *forged], HONEST + FORGED) + crowd:
        node.hear(one.address, Ping(0, one.id))
    table = known_to(node, [*honest, *forged, *crowd], honest[:2])
    kept = [sum(one in table for one in group) for group in (honest, forged, crowd)]
    closed = kept[1] < FORGED / 2 or kept[2] < CROWD / 2
    findings = (
        ask(
            "who is where its id says is let in",
            closed and kept[0] >= (1 - MOST_REJECTED) * HONEST,
            f"at least {1 - MOST_REJECTED:.0%} of {HONEST} honest peers, and not all",
            f"{kept[0]} of {HONEST}", "does a rule hit those who keep it?",
        ),
        ask(
            "whose id does not come from its address stays out",
            kept[1] == 0, f"none of {FORGED}", f"{kept[1]} of {FORGED}",
            "fits(): is it id_at(host), with the host from contact.address?", 1.5,
        ),
        ask(
            "of one /24 one is let in, who came first",
            kept[2] == 1 and crowd[0] in table, f"1 of {CROWD}",
            f"{kept[2]} of {CROWD}, the first {'in' if crowd[0] in table else 'out'}",
            "thin(): keep the first of each net_of(host), in order", 1.5,
        ),
        apart("a read asks nobody else either", lambda: _reads(subject, case)),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def withstands(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the reads succeeds while an attacker is in the network."""
    gated = subject.protocol("Gated", SPEC)
    findings, last = [], None
    for claim, hint, chosen in (
        (
            "an attacker with chosen ids hides nothing",
            "no id may be believed in that does not fit its address", True,
        ),
        (
            "an attacker with a whole /24 beside the key hides nothing",
            "thin() is asked about every list of a walk: the first of a /24 counts",
            False,
        ),
    ):  # fmt: skip
        good: list[bool] = []
        for seed in seeds_of(case.seed, case["runs"]):
            town = peaceful(case["nodes"], seed)
            slots = case["slots"]
            town = (with_chosen_ids if chosen else with_one_net)(town, slots, seed)
            run = attacked(gated, town, seed, config_of(case), trusted(Mute))
            good += served(run, town.value)
            last = run, town
        findings.append(restored(claim, good, hint))
    assert last is not None, "there are two attacks"
    run, town = last
    picture = (map_of(run, town, "Who could read it"),)
    return Verdict(tuple(findings), case.seed, run.last_events(), picture)


def attacked(
    protocol: type[Any], town: Town, seed: int, config: Config, attacker: type[Any],
    **changes: Any,
) -> Run:  # fmt: skip
    """Run a town in which the intruders are attackers of the kit's."""
    others = dict.fromkeys(town.intruders, attacker)
    return play_whole(
        protocol, life(town, seed, config, READS, others=others, **changes)
    )


def restored(
    claim: str, good: list[bool], hint: str, enough: float = RESTORED
) -> Finding:
    """Return a finding on a share of reads that must succeed."""
    share = share_of(good)
    partly = enough - (RESTORED - PARTLY)
    return Finding(
        claim,
        1.0 if share >= enough else 0.5 if share >= partly else 0.0,
        f"{enough:.0%} of all reads, half of the points from {partly:.0%} on",
        f"{share:.0%} of {len(good)} reads",
        "" if share >= enough else hint,
    )


def known_to(node: OneNode, whom: list[Contact], askers: list[Contact]) -> set[Contact]:
    """Return whom a keeper knows: who is named when somebody asks about the very id.

    Who asks is never named, so two must ask; both must be in the table.
    """
    known: set[Contact] = set()
    for number, one in enumerate(whom):
        asker = askers[one == askers[0]]
        said = node.hear(asker.address, Find(number, asker.id, one.id))
        named = (it.message.peers for it in said if isinstance(it.message, Found))
        known |= {peer for peers in named for peer in peers if peer == one}
    return known


def _one(subject: Subject, case: Case) -> OneNode:
    gated = subject.protocol("Gated", SPEC)
    own = bound_id((0, 0))  # where the mock lives
    return OneNode(gated, config_of(case, k=ROOMY), 0, case.seed, node_id=own)


def _reads(subject: Subject, case: Case) -> Finding:
    """Judge whom a read asks that is told of honest, forged and crowding peers."""
    node, rng = _one(subject, case), seeded(case.seed, "read")
    nets = rng.sample(range(1, 256), 8)
    first, *honest = (contact_at((net, 3)) for net in nets[:4])
    forged = [contact_at((net, 3), rng.getrandbits(ID_BITS)) for net in nets[4:7]]
    crowd = [contact_at((nets[7], machine)) for machine in (1, 2, 3)]
    node.hear(first.address, Ping(0, first.id))
    node.ask("read", rng.getrandbits(ID_BITS))
    named = tuple(rng.sample([*honest, *forged, *crowd], 9))
    everyone = {one.address: one for one in (first, *named)}
    asked: list[Said] = []
    said = node.take()
    while said and len(asked) < MOST_ASKED:
        asked += said
        said = [
            reply
            for one in said
            if isinstance(one.message, Find) and one.to in everyone
            for reply in node.hear(
                one.to, Found(one.message.tid, everyone[one.to].id, named)
            )
        ]
    where = {one.to for one in asked if isinstance(one.message, Find)}
    counts = [sum(one.address in where for one in group) for group in (forged, crowd)]
    good = not said and all(one.address in where for one in honest)
    return ask(
        "a read asks the honest, nobody with a forged id, and one of a /24",
        good and counts == [0, 1], "3 honest peers, 0 forged, 1 of a /24",
        f"{'all' if good else 'not all'} honest peers, {counts[0]} forged, "
        f"{counts[1]} of a /24",
        "the walk asks your fits() and thin(): do they need self for anything else?",
    )  # fmt: skip
