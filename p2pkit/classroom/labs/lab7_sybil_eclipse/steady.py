"""Check 4.1: who has been there for long is not pushed out by who talks more."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.gates import known_to
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import SPEC, Ping, Pong, config_of
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import bound_id, contact_at
from p2pkit.core import Contact
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, OneNode, Said, Subject, Verdict, ask, listed

LATER_S = 10.0
"""Seconds after which an old contact is worth a ping."""

CROWD = 30


def prefers_the_living(subject: Subject, case: Case) -> Verdict:
    """Judge what becomes of a full bucket when a newcomer speaks."""
    findings = (
        _oldest_answers(subject, case),
        _oldest_is_silent(subject, case),
        _crowd_comes(subject, case),
    )
    node, _, new = _full(subject, case)
    node.hear(new[0].address, Ping(1, new[0].id))
    node.wait(LATER_S)
    return Verdict(findings, case.seed, node.last_events())


def _oldest_answers(subject: Subject, case: Case) -> Finding:
    node, old, new = _full(subject, case)
    pings = _pings(node.hear(new[0].address, Ping(1, new[0].id)))
    to_oldest = [one.to for one in pings] == [old[0].address]
    _answer(node, old, pings)
    node.wait(LATER_S)
    table = known_to(node, [*old, new[0]], old)
    return ask(
        "the oldest of a full bucket is pinged, and stays if it answers",
        to_oldest and table == set(old),
        f"one ping, to the oldest; then the {len(old)} old contacts",
        f"{listed(pings, node)}; then {len(table & set(old))} of {len(old)}, the "
        f"newcomer {'in' if new[0] in table else 'out'}",
        "make_room(): ping bucket[0], and do nothing else until you know", 2.0,
    )  # fmt: skip


def _oldest_is_silent(subject: Subject, case: Case) -> Finding:
    node, old, new = _full(subject, case)
    pings = _pings(node.hear(new[0].address, Ping(1, new[0].id)))
    node.wait(LATER_S)
    table = known_to(node, [*old, new[0]], old[1:])
    return ask(
        "if it is silent, the newcomer has its place",
        bool(pings) and table == {*old[1:], new[0]},
        "the newcomer in, the oldest out, all others as before",
        f"the newcomer {'in' if new[0] in table else 'out'}, the oldest "
        f"{'in' if old[0] in table else 'out'}",
        "on_silence is called when the silent one is out already: who is heard then?",
        1.0,
    )  # fmt: skip


def _crowd_comes(subject: Subject, case: Case) -> Finding:
    node, old, new = _full(subject, case)
    pings = 0
    for one in new:
        asked = _pings(node.hear(one.address, Ping(1, one.id)))
        pings += len(asked)
        _answer(node, old, asked)
        later = _pings(node.wait(LATER_S))
        pings += len(later)
        _answer(node, old, later)
    table = known_to(node, old, old)
    return ask(
        f"{len(new)} newcomers push nobody out who answers",
        0 < pings <= 2 * len(new) and table == set(old),
        f"{len(old)} old contacts, for a ping or two each time",
        f"{len(table)} old contacts left, {pings} pings",
        "is the newcomer kept for later, and later believed?",
    )  # fmt: skip


def _full(subject: Subject, case: Case) -> tuple[OneNode, list[Contact], list[Contact]]:
    """Return a keeper with one full bucket, who is in it, and who would like to be."""
    steady, config = subject.protocol("Steady", SPEC), config_of(case)
    own = bound_id((0, 0))
    node = OneNode(steady, config, 0, case.seed, node_id=own)
    nets = seeded(case.seed, "bucket").sample(range(1, 256), 255)
    contacts = [contact_at((net, 7)) for net in nets]
    far = [one for one in contacts if (one.id ^ own) >> 31]  # all of the last bucket
    old, new = far[: config.k], far[config.k : config.k + CROWD]
    for one in old:
        node.hear(one.address, Ping(0, one.id))
    node.wait(LATER_S)
    return node, old, new


def _pings(said: list[Said]) -> list[Said]:
    return [one for one in said if isinstance(one.message, Ping)]


def _answer(node: OneNode, whom: list[Contact], pings: list[Said]) -> None:
    """Let the contacts answer their pings."""
    ids = {one.address: one.id for one in whom}
    for one in pings:
        if one.to in ids:
            node.hear(one.to, Pong(one.message.tid, ids[one.to]))
