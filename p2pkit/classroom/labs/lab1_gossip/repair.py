"""Checks 3.1 to 3.3: anti-entropy, which reaches those whom rumors miss."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab1_gossip.push import NEIGHBORS, NEWS, OTHER
from p2pkit.classroom.labs.lab1_gossip.runs import texts_of
from p2pkit.classroom.labs.lab1_gossip.wire import (
    SPEC,
    Digest,
    Tell,
    Want,
    config_of,
    rumor_id,
)
from p2pkit.core import topologies
from p2pkit.harness import (
    Act,
    Bands,
    Chart,
    Curve,
    Cut,
    Fate,
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

THIRD = b"fog at the cape"
CUT_S, HEALS_S = 2.0, 12.0
PERIODS = 30
"""Periods of repair after the cut is mended, until a run ends."""

SETTLES = Bands(((2.0, 1.0), (3.0, 0.6), (5.0, 0.3)), floor=0.0)
REFERENCE_PERIODS = 3.0
"""Periods that the reference takes until nobody lacks anything: 2.4 on average and 4.8
at most, at 48 to 120 stations with 4 to 6 peers each, in 150 runs."""

SETTLED_S, IDLE_PERIODS = 12.0, 10
"""When a text that was published at the beginning has come to rest, and how long we
look then."""

IDLE = Bands(((1.02, 1.0), (1.3, 0.5), (2.0, 0.2)), floor=0.9)


def compares(subject: Subject, case: Case) -> Verdict:
    """Judge what one station asks and answers."""
    repair = subject.protocol("Repair", SPEC)
    node = OneNode(repair, config_of(case), NEIGHBORS, case.seed)
    for text in (NEWS, OTHER):
        node.hear(0, Tell(text))
    ours = tuple(sorted(map(rumor_id, (NEWS, OTHER))))
    said = node.wait(4 * config_of(case).repair_s)
    digests = [one.message for one in said if isinstance(one.message, Digest)]
    same = node.hear(1, Digest(ours))
    wanted = node.hear(3, Want((rumor_id(NEWS), rumor_id(THIRD))))
    findings = (
        ask(
            "once a period it sends one peer the ids of all it holds, sorted",
            digests == [Digest(ours)] * 4, f"4 times {Digest(ours)!r}",
            f"{len(digests)} digests, {len(set(digests))} different",
            "Digest(tuple(sorted(self.known))) to one of self.pick(), then the timer",
        ),
        ask(
            "what both hold is not worth a word",
            bool(digests) and not same, "silence", listed(same, node),
            "compare the two sets of ids first",
        ),
        *_makes_up(node, ours),
        ask(
            "who wants something gets it, as far as it is there",
            _texts(wanted) == [rumor_id(NEWS)] and len(wanted) == 1,
            "one Tell", listed(wanted, node), "for each wanted id that we hold: Tell",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def _makes_up(node: OneNode, ours: tuple[bytes, ...]) -> tuple[Finding, Finding]:
    """Judge what it says to a digest that holds one of ours, and one that is new."""
    third = rumor_id(THIRD)
    mixed = node.hear(2, Digest(tuple(sorted((ours[0], third)))))
    asked = [one.message for one in mixed if isinstance(one.message, Want)]
    said = listed(mixed, node)
    return (
        ask(
            "it tells what the other lacks, and only that",
            _texts(mixed) == [ours[1]], "one Tell of the text that the digest lacks",
            said, "for each id that we hold and they do not: Tell",
        ),
        ask(
            "it asks for what it lacks itself, and only that",
            asked == [Want((third,))], "one Want with the id it has not",
            said, "Want(...) with the ids of theirs that are not ours",
        ),
    )  # fmt: skip


def mends(subject: Subject, case: Case) -> Verdict:
    """Judge whether nothing is lost after a cut, and how soon."""
    repair, findings, last = subject.protocol("Repair", SPEC), [], None
    complete, periods = [], []
    for seed in seeds_of(case.seed, case["runs"]):
        last = play_whole(repair, cut_scenario(case, seed), _is_complete)
        complete.append(_is_complete(last))
        after_s = last.journal.now() - HEALS_S
        periods.append(after_s / config_of(case).repair_s)
    assert last is not None, "a case has at least one run"
    slowest = max(periods)
    whole = share_of(complete)
    findings = [
        Finding(
            "after a cut nobody lacks anything",
            1.0 if whole == 1.0 else 0.0,
            f"{case['nodes']} stations know both texts, in {len(complete)} runs",
            f"in {sum(complete)} of them; {_lacking(last)}",
            "does Repair compare in both directions, and with random peers?", 2.0,
        ),
        Finding(
            "and that is so soon after it is mended",
            SETTLES.share(slowest, REFERENCE_PERIODS) if whole == 1.0 else 0.0,
            SETTLES.says(REFERENCE_PERIODS, "periods"), f"{slowest:.1f} periods",
            "compare once in each period, and tell all that is missing at once",
        ),
    ]  # fmt: skip
    curve = Curve("texts still missing", _missing(last))
    chart = Chart(
        "What is still missing after the cut", "seconds of the run", "texts", (curve,)
    )
    return Verdict(tuple(findings), last.scenario.seed, last.last_events(), (chart,))


def idles(subject: Subject, case: Case) -> Verdict:
    """Judge what it costs when there is nothing to repair."""
    repair, nodes = subject.protocol("Repair", SPEC), case["nodes"]
    config = config_of(case)
    scenario = Scenario(
        nodes=nodes, seed=case.seed, config=config, links=_links(case, case.seed),
        acts=(Act(0.0, 0, "publish", (NEWS,)),),
        lasts_s=SETTLED_S + IDLE_PERIODS * config.repair_s,
        most_messages=100 * nodes * IDLE_PERIODS,
    )  # fmt: skip
    run = play_whole(repair, scenario)
    said = [one for one in run.journal.of("sent") if one.at_s >= SETTLED_S]
    digests = sum(isinstance(one.message, Digest) for one in said)
    due = nodes * IDLE_PERIODS
    finding = Finding(
        "where nothing differs, a digest a period is all that is said",
        IDLE.share(len(said), due) if digests > 0.9 * due else 0.0,
        f"{due:,} digests of {nodes} stations in {IDLE_PERIODS} periods",
        f"{digests:,} digests, {len(said) - digests:,} other messages",
        "who compares and finds nothing says nothing",
    )
    return Verdict((finding,), case.seed, run.last_events())


def cut_scenario(case: Case, seed: int) -> Scenario:
    """Return a run in which two halves write while they do not hear each other.

    One station is killed meanwhile, and begins again with nothing when the cut ends.
    """
    nodes, config = case["nodes"], config_of(case)
    half, (news, other) = nodes // 2, texts_of(seed)
    return Scenario(
        nodes=nodes, seed=seed, config=config, links=_links(case, seed),
        acts=(
            Act(CUT_S + 1, 1, "publish", (news,)),
            Act(CUT_S + 1, half + 1, "publish", (other,)),
        ),
        cuts=(
            Cut(CUT_S, HEALS_S, (tuple(range(half)), tuple(range(half, nodes)))),
        ),
        fates=(Fate(CUT_S + 2, nodes - 1, "kill"), Fate(HEALS_S, nodes - 1, "start")),
        lasts_s=HEALS_S + PERIODS * config.repair_s,
        most_messages=400 * nodes,
    )  # fmt: skip


def _texts(said: list[Said]) -> list[bytes]:
    """Return the ids of the texts that were told, in order."""
    return [rumor_id(one.message.body) for one in said if isinstance(one.message, Tell)]


def _links(case: Case, seed: int) -> topologies.Links:
    return topologies.regular(case["nodes"], case["degree"], seed)


def _holders(run: Run) -> dict[tuple[str, bytes], float]:
    """Return who was told which text, and when, by the journal."""
    scenario = run.scenario
    held = {(scenario.name(act.node), act.args[0]): act.at_s for act in scenario.acts}
    texts = _published(run)
    reborn = scenario.name(scenario.nodes - 1)
    for entry in run.journal.of("heard", Tell):
        if entry.node == reborn and entry.at_s < HEALS_S:
            continue  # it lost this again when it was killed
        if entry.message.body in texts:
            held.setdefault((entry.node, entry.message.body), entry.at_s)
    return held


def _published(run: Run) -> list[bytes]:
    return [act.args[0] for act in run.scenario.acts]


def _is_complete(run: Run) -> bool:
    if run.journal.now() < HEALS_S:
        return False
    return len(_holders(run)) == 2 * run.scenario.nodes


def _lacking(run: Run) -> str:
    held = _holders(run)
    missing = [
        f"{name} lacks {text!r}"
        for name in run.names
        for text in _published(run)
        if (name, text) not in held
    ]
    return missing[0] if missing else "nobody lacks anything in the last one"


def _missing(run: Run) -> tuple[tuple[float, float], ...]:
    times = sorted(_holders(run).values())
    total = 2 * run.scenario.nodes
    points = [(at_s, float(total - i)) for i, at_s in enumerate(times, 1)]
    return ((0.0, float(total)), *points[:: max(1, len(points) // 100)], points[-1])
