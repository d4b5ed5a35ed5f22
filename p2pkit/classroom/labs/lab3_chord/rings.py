"""Checks 2.3, 3.2 and 4.1 to 4.3: whole rings, in virtual time and on sockets."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from statistics import fmean

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab3_chord.growing import (
    CLOSE_ROUNDS,
    HEAL_ROUNDS,
    SPACING_S,
    Watch,
    all_found,
    circle,
    count_right,
    grown,
    is_closed,
    mean_hops,
    plan_of,
    quiet,
    struck,
)
from p2pkit.classroom.labs.lab3_chord.wire import SPEC, config_of
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Act,
    Bands,
    Chart,
    Curve,
    Finding,
    Rate,
    Run,
    Subject,
    Verdict,
    ask,
    play_on_sockets,
    require_whole,
    same_again,
    seed_of,
    seeds_of,
    try_often,
)


def closes(subject: Subject, case: Case) -> Verdict:
    """Judge whether members that join form one ring, and lookups find owners."""
    ring = subject.protocol("Ring", SPEC)
    watched: list[Watch] = []

    def trial(seed: int) -> bool:
        plan = plan_of(case, seed)
        watched.append(grown(ring, plan, case, seed))
        return watched[-1].closed_s is not None

    rate = try_often(trial, seeds_of(case.seed, case["runs"]), odds=0.7)
    last = watched[-1]
    asked = [all_found(ring, one.plan, case, one.seed) for one in watched[:3]]
    findings = (
        _rate(
            f"{case['nodes']} members form one ring, {CLOSE_ROUNDS} rounds after the "
            "last has joined", rate,
            "look at the picture: whose arrow leaves somebody out? Do on_neighbors and "
            "on_notify both take who is nearer?", 3.0,
        ),
        ask(
            "while others join, whoever was on the ring stays on it",
            not any(one.broke_s for one in watched), "an unbroken ring at any time",
            _first_break(watched), "never give up a successor for one further away",
        ),
        ask(
            "every lookup finds the owner", all(right == of for right, of in asked),
            "what brute force over all ids says",
            f"{sum(r for r, _ in asked)} of {sum(o for _, o in asked)} lookups",
            "the owner of a key is the first member at or after it", 2.0,
        ),
    )  # fmt: skip
    return Verdict(
        findings, last.seed, last.run.last_events(), (circle(last.run, last.plan),)
    )


def hops(subject: Subject, case: Case) -> Verdict:
    """Judge how many ways a question makes, once the fingers are there."""
    fingered = subject.protocol("Fingered", SPEC)
    sizes = sorted({case["nodes"] // 4, case["nodes"] // 2, case["nodes"]})
    means, shares, wrong = [], [], 0
    last: Run | None = None
    for nodes in sizes:
        seed = seed_of(case.seed, nodes)
        few = Case(case.parameters, seed, {**case.given, "nodes": nodes}, case.hidden)
        last, acts = quiet(fingered, few, seed, case["lookups"])
        wrong += len(acts) - count_right(last, acts)
        means.append(mean_hops(last, acts))
        shares.append(BANDS.share(means[-1], half_log(nodes)))
    chart = Chart(
        "Ways of a question to the member before its key",
        "members",
        "hops (mean)",
        (
            Curve("yours", tuple(zip(map(float, sizes), means, strict=True))),
            Curve("half of log2", tuple((float(n), half_log(n)) for n in sizes)),
        ),
    )
    costly = Finding(
        "a question makes half of log2 N hops",
        0.0 if wrong else fmean(shares),
        f"for {sizes[-1]} members {BANDS.says(half_log(sizes[-1]), 'hops')}",
        "; ".join(f"{m:.2f} of {n}" for m, n in zip(means, sizes, strict=True))
        + (f"; {wrong} lookups found no owner, or a wrong one" if wrong else ""),
        "go as far as you can without passing the key: the closest known member "
        "before it",
    )
    events = last.last_events() if last is not None else ()
    return Verdict((costly,), case.seed, events, (chart,))


def half_log(nodes: int) -> float:
    """Return half of the logarithm to base 2: what the paper foretells."""
    return 0.5 * log2(nodes)


BANDS = Bands(((1.35, 1.0), (1.8, 0.6), (2.5, 0.3)), floor=0.5)
"""Of half of log2 N. The reference had 0.81 to 1.17 times that in 36 runs of 12 to 64
members with 60 lookups each; without fingers it is ten times as much at 64 members."""


def survives(subject: Subject, case: Case) -> Verdict:
    """Judge whether a ring closes again after as many crashed as its lists bear."""
    lasting = subject.protocol("Lasting", SPEC)
    healed: list[Watch] = []

    def trial(seed: int) -> bool:
        healed.append(struck(lasting, case, seed))
        return healed[-1].closed_s is not None

    odds = case.given.get("odds", 0.7)
    rate = try_often(trial, seeds_of(case.seed, case["runs"]), odds)
    last = healed[-1]
    asked = [one.found for one in healed]
    right, of = sum(r for r, _ in asked), sum(o for _, o in asked)
    length = [one.full for one in healed]
    findings = (
        _rate(
            f"{case['successors'] - 1} neighbors crash at once, and others elsewhere: "
            f"{HEAL_ROUNDS} rounds later the ring is closed", rate,
            "when a successor is silent, drop it and take the next of your list", 3.0,
        ),
        Finding(
            "lookups find the owner among those who are left",
            _ramp(right / of, 0.7, case.given.get("enough", 1.0)),
            f"{case.given.get('enough', 1.0):.0%} of {of}", f"{right} of them",
            "a finger that is dead swallows questions: drop it when you hear that it "
            "is silent, and look it up again", 2.0,
        ),
        ask(
            "lists are full again", min(length) >= case.given.get("full", 1.0),
            f"{case['successors']} living successors, in order, in each list",
            f"{min(length):.0%} of the members have that",
            "your list is your successor, and then the start of its list",
        ),
    )  # fmt: skip
    return Verdict(
        findings, last.seed, last.run.last_events(), (circle(last.run, last.plan),)
    )


def repeats(subject: Subject, case: Case) -> Verdict:
    """Judge whether the same seed gives the same run."""
    lasting = subject.protocol("Lasting", SPEC)
    plan = plan_of(case, case.seed)
    acts = (Act(plan.joined_s + CLOSE_ROUNDS, 3, "locate", (5,)),)
    lasts_s = plan.joined_s + CLOSE_ROUNDS + SPACING_S
    scenario = plan.scenario(case, case.seed, lasts_s).but(acts=acts)
    return Verdict((same_again(lasting, scenario),), case.seed)


def meets_sockets(subject: Subject, case: Case) -> Verdict:
    """Judge one short run of Lasting on real sockets."""
    lasting, nodes = subject.protocol("Lasting", SPEC), case["nodes"]
    plan, rng = plan_of(case, case.seed), seeded(case.seed, "lookups")
    asked = [(rng.randrange(nodes), rng.randrange(1 << case["bits"]))
             for _ in range(ON_SOCKETS)]  # fmt: skip
    acts = tuple(
        Act(at_s + 0.01 * i, node, "locate", (key,))
        for at_s in ASKED_S
        for i, (node, key) in enumerate(asked)
    )
    starts = {i: 0.1 * i for i in range(nodes)}
    quick = config_of(case).of(config_of(case), stabilize_s=0.25, fix_s=0.05)
    scenario = plan.scenario(case, case.seed, ASKED_S[-1] + 2.0).but(
        acts=acts, config=quick, starts_s=starts, joins={i: (0,) for i in starts if i}
    )
    rounds = [range(i, i + ON_SOCKETS) for i in range(0, len(acts), ON_SOCKETS)]

    def most_right(run: Run) -> int:
        return max(count_right(run, one, range(nodes)) for one in rounds)

    run = play_on_sockets(lasting, scenario, lambda run: most_right(run) == ON_SOCKETS)
    require_whole(run)
    found, closed = most_right(run), is_closed(run, plan.ids, range(nodes))
    finding = ask(
        f"{nodes} members on sockets close their ring, and lookups find owners",
        closed and found == ON_SOCKETS,
        f"a closed ring, {ON_SOCKETS} lookups right",
        f"{'a closed' if closed else 'no closed'} ring, {found} lookups right",
        "does it rest on the order in which messages come?",
    )
    picture = circle(run, plan, range(nodes))
    return Verdict((finding,), case.seed, run.last_events(), (picture,))


ASKED_S = (3.0, 5.0, 9.0)
"""Seconds of the run on sockets at which all keys are asked. The reference is right at
the first; a machine that is busy with other things may need the others."""

ON_SOCKETS = 20


def _rate(claim: str, rate: Rate, hint: str, weight: float) -> Finding:
    share = _ramp(rate.successes / rate.trials, 0.5, 1.0)
    return Finding(
        claim, 1.0 if rate.is_enough else min(0.5, share),
        f"{rate.needed} of {rate.planned} runs", str(rate), hint, weight,
    )  # fmt: skip


def _ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high` on, and what lies between in tenths."""
    return max(0.0, min(1.0, int(10 * (value - low) / (high - low)) / 10))


def _first_break(watched: Sequence[Watch]) -> str:
    for one in watched:
        if one.broke_s is not None:
            return f"broken at T={one.broke_s:.2f} in the run with seed {one.seed}"
    return f"unbroken in {len(watched)} runs"
