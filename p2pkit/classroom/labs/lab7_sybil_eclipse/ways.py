"""Checks 5.1 to 5.3: another way to the key, and what all the defenses cost."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.gates import (
    MOST_ASKED,
    READS,
    attacked,
    restored,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.keeper import Keeper
from p2pkit.classroom.labs.lab7_sybil_eclipse.villains import Inventor, trusted
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    SPEC,
    Find,
    Found,
    Ping,
    config_of,
    key_of,
)
from p2pkit.classroom.labs.lab7_sybil_eclipse.worlds import (
    PUBLISHES_S,
    READS_S,
    Town,
    bound_id,
    contact_at,
    life,
    map_of,
    peaceful,
    said_by,
    served,
    with_sleepers,
)
from p2pkit.core import Address, Contact, Rng
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Act,
    Bands,
    Finding,
    OneNode,
    Run,
    Subject,
    Verdict,
    ask,
    play_whole,
    seeds_of,
    share_of,
)

TURNS_S = (PUBLISHES_S + READS_S) / 2
"""When sleepers turn: what is to be read has been stored by then."""

PATHS, ABSENT = 3, b"what nobody has published"
BANDS = Bands(((1.5, 1.0), (2.0, 0.5), (3.0, 0.25)), floor=0.7)
"""As multiples of what keepers say who trust everybody. The solution takes 1.05."""


def starts_again(subject: Subject, case: Case) -> Verdict:
    """Judge whom a read asks on its second and third path."""
    guarded, config = subject.protocol("Guarded", SPEC), config_of(case, paths=PATHS)
    own, rng = bound_id((0, 0)), seeded(case.seed, "ways")
    node = OneNode(guarded, config, 0, case.seed, node_id=own)
    peers = {one.address: one for one in _for_a_table(own, config.k, rng)}
    for one in peers.values():
        node.hear(one.address, Ping(0, one.id))
    node.take()
    asked = _read(node, rng.getrandbits(32), peers)
    k = config.k
    findings = (
        ask(
            "a path that found nothing is followed by another one",
            len(set(asked)) > k, f"more than the {k} peers of the first path",
            f"{len(set(asked))} peers asked", "another_way() says where to begin again",
            2.0,
        ),
        ask(
            f"none is asked twice, on {PATHS} paths at most",
            k < len(asked) == len(set(asked)) <= PATHS * k,
            f"up to {PATHS * k} peers, once each",
            f"{len(asked)} questions to {len(set(asked))} peers",
            "those in `asked` know nothing, or lie",
        ),
        ask(
            f"and each path begins with {k} peers, if there are so many",
            len(set(asked)) == PATHS * k, f"{PATHS * k} peers", f"{len(set(asked))}",
            "all that are left are a good beginning, nearest first",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def outlasts(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the reads succeeds among liars who keep every rule."""
    guarded, config = subject.protocol("Guarded", SPEC), config_of(case)
    attacker = trusted(Inventor, turns_s=TURNS_S)
    good: list[bool] = []
    played: list[tuple[Run, Town]] = []
    for seed in seeds_of(case.seed, case["runs"]):
        count = case["nodes"] * case["sleepers"] // 100
        town = with_sleepers(peaceful(case["nodes"], seed), count, seed)
        run = attacked(guarded, town, seed, config, attacker)
        played.append((run, town))
        good += served(run, town.value)
    finding = restored(
        "sleepers beside the key hide nothing",
        good, "what a liar has invented must not be where the next path begins",
    )  # fmt: skip
    last, where = played[-1]
    picture = (map_of(last, where, "Who could read it"),)
    return Verdict((finding,), case.seed, last.last_events(), picture)


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge what the defenses cost where nobody attacks."""
    guarded, config = subject.protocol("Guarded", SPEC), config_of(case)
    said, due, good = 0, 0, []
    played: list[Run] = []
    for seed in seeds_of(case.seed, case["runs"]):
        town = peaceful(case["nodes"], seed)
        scenario = life(town, seed, config, READS)
        # Twelve find what is there, and one looks for what is not, on all paths.
        nothing = Act(READS_S, scenario.acts[0].node, "read", (key_of(ABSENT),))
        scenario = scenario.but(acts=(*scenario.acts, nothing))
        run = play_whole(guarded, scenario)
        played.append(run)
        said += said_by(run, range(town.honest))
        good += served(run, town.value)
        trusting = play_whole(trusted(Keeper), scenario)
        due += said_by(trusting, range(town.honest))
    share = share_of(good)
    finding = Finding(
        "in peace all can be read, for little more than trust costs",
        BANDS.share(said, due) if share >= 0.95 else 0.0,
        f"{BANDS.says(due, 'messages')}; 95 % of the reads",
        f"{said:,} messages; {share:.0%} of {len(good)} reads",
        "is anybody pinged, or asked, without need?",
    )
    return Verdict((finding,), case.seed, played[-1].last_events())


def _for_a_table(own: int, k: int, rng: Rng) -> list[Contact]:
    """Return peers that all have a place in a table: `k` for each of its buckets."""
    buckets: dict[int, list[Contact]] = {}
    for net in rng.sample(range(1, 256), 255):
        one = contact_at((net, 3))
        bucket = buckets.setdefault((one.id ^ own).bit_length(), [])
        if len(bucket) < k:
            bucket.append(one)
    return [one for bucket in buckets.values() for one in bucket]


def _read(node: OneNode, key: int, peers: dict[Address, Contact]) -> list[Address]:
    """Let a keeper read where all know nothing; return whom it asked, in order."""
    node.ask("read", key)
    asked: list[Address] = []
    said = node.take()
    while said and len(asked) < MOST_ASKED:
        finds = [one for one in said if isinstance(one.message, Find)]
        asked += [one.to for one in finds]
        said = [
            reply
            for one in finds
            if one.to in peers
            for reply in node.hear(one.to, Found(one.message.tid, peers[one.to].id))
        ]
    return asked
