"""Checks 2.1 to 2.4: the attack."""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.grinding import ground
from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Accomplice, trusted
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    ID_BITS,
    LIAR_SPEC,
    Find,
    Found,
    Ping,
    Store,
    config_of,
    key_of,
    make_id,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    Town,
    aimed,
    contact_at,
    free_nets,
    invaded,
    life,
    map_of,
    peaceful,
    said_by,
    served,
)
from p2pkit.core import Contact, LabError, Message
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Bands,
    Finding,
    OneNode,
    Run,
    Said,
    Scenario,
    Subject,
    Verdict,
    ask,
    listed,
    play_whole,
    seeds_of,
    share_of,
)
from p2pkit.harness.examined import examined

ENOUGH, HALF = 0.8, 0.5
"""Shares of the reads that must get lost. On the reference all do, in 209 cases of 210;
in the other one 86 %."""

READS = 12
BANDS = Bands(((1.3, 1.0), (1.7, 0.6), (2.5, 0.3)))
"""As multiples of what accomplices say who behave. The solution takes 1.08 to 1.12."""
VALUE, OTHER = b"the address of Ada", b"the address of Grace"
MET = 6
"""Honest peers that the mock has met."""


def lies(subject: Subject, case: Case) -> Verdict:
    """Judge what one identity says about the target."""
    node, fellows, met = _one(subject.protocol("Liar", LIAR_SPEC), case)
    asker, key = met[0], key_of(VALUE)
    first = node.hear(asker.address, Find(7, asker.id, key))
    node.hear(asker.address, Store(asker.id, VALUE))
    again = node.hear(asker.address, Find(8, asker.id, key))
    answers, later = _answers(first, asker), _answers(again, asker)
    one = answers[0] if answers else Found(0, 0)
    near = sorted(fellows, key=lambda it: it.id ^ key)[: case["k"]]
    findings = (
        ask(
            "who asks for the target gets an answer, and one alone",
            one.tid == 7 and [it.to for it in first] == [asker.address],
            "one Found(find.tid, ...)", listed(first, node),
            "the answer repeats the number of the question, or nobody takes it",
        ),
        ask(
            "it names the fellows nearest to the target, and nobody honest",
            set(one.peers) == set(near) and len(one.peers) == len(near),
            f"the {case['k']} fellows with the smallest id ^ target",
            f"{len(one.peers)} peers, {len(set(one.peers) & set(near))} of them right",
            "self.fellows are the other identities, in no order", 2.0,
        ),
        ask(
            "and has no value, whoever has stored it",
            bool(answers) and not any(it.value for it in answers + later),
            "an empty value before and after Store", listed(again, node),
            "take what is to be stored under the target, and forget it", 2.0,
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def pretends(subject: Subject, case: Case) -> Verdict:
    """Judge whether it does all else as an honest keeper does."""
    liar, _, met = _one(subject.protocol("Liar", LIAR_SPEC), case)
    model, *_ = _one(examined(Accomplice, LIAR_SPEC), case)
    asker, other = met[0], key_of(OTHER)
    somewhere = seeded(case.seed, "somewhere").getrandbits(ID_BITS)
    talk: dict[str, list[Message]] = {
        "it answers a ping": [Ping(1, asker.id)],
        "asked about another key, it names who is nearest": [
            Find(2, asker.id, somewhere), Find(3, asker.id, asker.id)
        ],
        "another value it keeps, and gives to who asks for it": [
            Store(asker.id, OTHER), Find(4, asker.id, other)
        ],
    }  # fmt: skip
    findings = []
    for claim, messages in talk.items():
        said = [one for it in messages for one in liar.hear(asker.address, it)]
        due = [one for it in messages for one in model.hear(asker.address, it)]
        findings.append(
            ask(
                claim, said == due, listed(due, model), listed(said, liar),
                "leave it to Keeper: super().on_find(asker, find)",
            )
        )  # fmt: skip
    return Verdict(tuple(findings), case.seed, liar.last_events())


def eclipses(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the reads of an undefended network gets lost."""
    sieges = [siege(subject, case, one) for one in seeds_of(case.seed, case["runs"])]
    lost = [not ok for one in sieges for ok in served(one.run, one.town.value)]
    share = share_of(lost)
    finding = Finding(
        "the value cannot be read any more",
        1.0 if share >= ENOUGH else 0.5 if share >= HALF else 0.0,
        f"{ENOUGH:.0%} of all reads lost, half of the points from {HALF:.0%} on",
        f"{share:.0%} of {len(lost)} reads lost, by {case['slots']} identities among "
        f"{case['nodes']} honest keepers",
        "are the ids of grind nearer than all others, and do liars name liars?",
    )
    last = sieges[-1]
    picture = (map_of(last.run, last.town, "Who could read it"),)
    return Verdict((finding,), case.seed, last.run.last_events(), picture)


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge how much the attacker says, compared with as many that behave."""
    said, due, lost = 0, 0, []
    for seed in seeds_of(case.seed, case["runs"]):
        one = siege(subject, case, seed)
        lost += [not ok for ok in served(one.run, one.town.value)]
        said += said_by(one.run, one.town.intruders)
        model = examined(Accomplice, LIAR_SPEC)
        due += said_by(play_whole(model, one.scenario), one.town.intruders)
    works = share_of(lost) >= HALF
    finding = Finding(
        "nobody could tell a liar by how much it says",
        BANDS.share(said, due) if works else 0.0,
        BANDS.says(due, "messages"),
        f"{said:,} messages; {share_of(lost):.0%} of the reads lost",
        "an answer for each question is enough: others spread the lie by themselves",
    )
    return Verdict((finding,), case.seed)


class Siege(NamedTuple):
    """One run of the student's attack: where, what was planned, what came of it."""

    town: Town
    scenario: Scenario
    run: Run


def siege(subject: Subject, case: Case, seed: int) -> Siege:
    """Run the student's `Liar`, with the ids of `grind`, among keepers who trust all.

    Raises
    ------
    LabError
        If `grind` does not return as many key pairs as there are identities.
    """
    town, slots = peaceful(case["nodes"], seed), case["slots"]
    names = ground(subject, town.key, case["tries"], slots)
    ids = list(dict.fromkeys(map(make_id, names)))
    if len(ids) != slots:
        reason = f"grind kept {len(ids)} key pairs, and there are {slots} identities"
        raise LabError(reason)
    town = invaded(town, free_nets(town, slots, seed), ids)
    return besiege(subject, case, town, seed, trusted(Keeper))


def besiege(
    subject: Subject, case: Case, town: Town, seed: int, defense: type
) -> Siege:
    """Run the student's `Liar` in a town in which all others run `defense`."""
    liar = subject.protocol("Liar", LIAR_SPEC)
    others = dict.fromkeys(range(town.honest), defense)
    scenario = aimed(life(town, seed, config_of(case), READS, others=others), town)
    return Siege(town, scenario, play_whole(liar, scenario))


def _one(protocol: type, case: Case) -> tuple[OneNode, list[Contact], list[Contact]]:
    """Return one identity, its fellows, and honest peers that it has met."""
    rng = seeded(case.seed, "fellows")
    nets = rng.sample(range(1, 256), case["slots"] + MET)
    fellows = [
        contact_at((net, 9), rng.getrandbits(ID_BITS)) for net in nets[: case["slots"]]
    ]
    node = OneNode(protocol, config_of(case), 0, case.seed, node_id=_own_id(case))
    ids, where = [one.id for one in fellows], [one.address for one in fellows]
    node.ask("aim", key_of(VALUE), ids, *where)
    met = [contact_at((net, 5)) for net in nets[case["slots"] :]]
    for one in met:
        node.hear(one.address, Ping(0, one.id))
    return node, fellows, met


def _own_id(case: Case) -> int:
    return seeded(case.seed, "own").getrandbits(ID_BITS)


def _answers(said: list[Said], asker: Contact) -> list[Found]:
    to_asker = [one.message for one in said if one.to == asker.address]
    return [one for one in to_asker if isinstance(one, Found)]
