"""Checks 1.1 to 1.4: infect and die."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, exp, log
from statistics import fmean

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab1_gossip.runs import informed, map_of, room_for
from p2pkit.classroom.labs.lab1_gossip.wire import (
    SPEC,
    Learned,
    Tell,
    config_of,
    rumor_id,
)
from p2pkit.harness import (
    Act,
    Bands,
    Finding,
    OneNode,
    Overlay,
    Run,
    Said,
    Scenario,
    Subject,
    Verdict,
    apart,
    ask,
    listed,
    play_whole,
    seeds_of,
)

NEWS, OTHER = b"storm from the west", b"ice on the river"
NEIGHBORS = 8
SOONEST_S = 0.5
"""Seconds of the run until a push is over: fifty hops of ten milliseconds."""


def passes_on(subject: Subject, case: Case) -> Verdict:
    """Judge what one station does with news."""
    push, fanout = subject.protocol("Push", SPEC), case["fanout"]
    node = OneNode(push, config_of(case), NEIGHBORS, case.seed)
    said = node.hear(0, Tell(NEWS, 4))
    tells = [one for one in said if isinstance(one.message, Tell)]
    peers = {one.to for one in tells}
    told = listed(said, node)
    findings = (
        ask(
            f"news is passed on to {fanout} peers",
            len(said) == len(tells) == fanout,
            f"{fanout} tellings, and nothing else", told,
            "send one Tell to each of self.pick(self.config.fanout)",
        ),
        ask(
            "they are different peers, all of them from the view",
            len(peers) == len(tells) > 0 and peers <= set(node.neighbors),
            "different neighbors", told,
            "self.pick draws without repeating; a loop of self.pick(1) may repeat",
        ),
        ask(
            "the text stays as it was, and hops grow by one",
            bool(tells) and all(one.message == Tell(NEWS, 5) for one in tells),
            "Tell(body, hops=5) for what came with hops=4", told,
            "send Tell(news.body, news.hops + 1)",
        ),
        ask(
            "it is reported once, as Learned",
            node.ctx.events == [Learned(rumor_id(NEWS), 4)],
            "one Learned(rumor_id(body), hops=4)", node.ctx.events or "no event",
            "self.ctx.emit(Learned(rumor_id(news.body), news.hops))",
        ),
        _is_random(push, case),
        apart("with a single peer it makes do", lambda: _few_peers(push, case)),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events(), (_star(node, tells),))


def keeps_silent(subject: Subject, case: Case) -> Verdict:
    """Judge what one station does with what it knows."""
    push = subject.protocol("Push", SPEC)
    node = OneNode(push, config_of(case), NEIGHBORS, case.seed)
    first = node.hear(0, Tell(NEWS, 1))
    again = node.hear(1, Tell(NEWS, 7)) + node.hear(0, Tell(NEWS, 1))
    other = node.hear(2, Tell(OTHER, 0))
    knows = [node.ask("knows", rumor_id(one)) for one in (NEWS, OTHER, b"nothing")]
    findings = (
        ask(
            "what it knows already leads to nothing",
            bool(first) and not again, "silence", listed(again, node),
            "remember rumor_id(news.body), and return when it is there already; "
            "hops do not make it news",
        ),
        ask(
            "another text is news again",
            bool(other), "tellings", listed(other, node),
            "remember each text by its id: one flag for all is not enough",
        ),
        ask(
            "knows(rumor) tells the truth",
            knows == [True, True, False], "True, True, False", knows,
            "return rumor in self.known",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def covers(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the stations hears the news, over many runs."""
    push = subject.protocol("Push", SPEC)
    runs = [play_whole(push, one) for one in _scenarios(case)]
    shares = [len(informed(run, Tell)) / case["nodes"] for run in runs]
    mean, law = fmean(shares), reached_by(case["fanout"])
    room = room_for(case["fanout"], case["nodes"], len(runs))
    honest = [_honest(run) for run in runs if len(informed(run, Tell)) > 1]
    findings = (
        Finding(
            "as many hear it as probability foretells",
            1.0 if abs(mean - law) <= room else 0.0,
            f"1 - s with s = exp(-{case['fanout']}(1 - s)): {law:.1%}, give or take "
            f"{room:.1%}",
            f"{mean:.1%} of {case['nodes']} stations in {len(runs)} runs",
            _why_not(mean, law), 2.0,
        ),
        ask(
            "who was told knows, and nobody else",
            len(honest) == len(runs) and all(honest),
            "knows() agrees with the journal at every station",
            f"it does in {sum(honest)} of {len(runs)} runs",
            "knows(rumor) should be true at whoever was told, and where it began",
        ),
    )  # fmt: skip
    last = runs[-1]
    picture = (map_of(last, Tell, "Who heard it from whom in the last run"),)
    return Verdict(findings, last.scenario.seed, last.last_events(), picture)


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge how many tellings that takes."""
    push = subject.protocol("Push", SPEC)
    runs = [play_whole(push, one) for one in _scenarios(case)]
    spent = sum(run.journal.count("sent") for run in runs)
    needed = sum(len(informed(run, Tell)) for run in runs) * case["fanout"]
    bands = Bands(((1.0, 1.0), (1.2, 0.5), (2.0, 0.2)), floor=0.9)
    # What hardly spreads is cheap; it has not done the work.
    least = reached_by(case["fanout"]) / 2 * case["nodes"] * len(runs)
    did_spread = needed / case["fanout"] > least
    share = bands.share(spent, needed) if did_spread else 0.0
    finding = Finding(
        f"each station that knows tells {case['fanout']}, so that is what it costs",
        share, f"{needed:,} messages in {len(runs)} runs", f"{spent:,} messages",
        "count what leaves one station: is something said twice, or answered?",
    )  # fmt: skip
    last = runs[-1]
    return Verdict((finding,), last.scenario.seed, last.last_events())


def reached_by(fanout: int) -> float:
    """Return the share that infect-and-die reaches: the pi of 1 - pi = exp(-f pi).

    Examples
    --------
    >>> [round(reached_by(fanout), 3) for fanout in (2, 3, 5)]
    [0.797, 0.94, 0.993]
    """
    share = 1.0
    for _ in range(200):
        share = 1 - exp(-fanout * share)
    return share


def _scenarios(case: Case) -> Iterator[Scenario]:
    for seed in seeds_of(case.seed, case["runs"]):
        yield Scenario(
            nodes=case["nodes"], seed=seed, config=config_of(case),
            acts=(Act(0.01, 0, "publish", (NEWS,)),), lasts_s=SOONEST_S,
            most_messages=2 * case["nodes"] ** 2 + 1000,
        )  # fmt: skip


def _honest(run: Run) -> bool:
    heard, rumor = informed(run, Tell), rumor_id(NEWS)
    return all(
        run.ask(number, "knows", rumor) is (run.scenario.name(number) in heard)
        for number in range(run.scenario.nodes)
    )


def _why_not(mean: float, law: float) -> str:
    if mean < law:
        return (
            "too few hear it: is it told to fewer than fanout different peers, or "
            "only by the first?"
        )
    return "too many hear it: it is told more often than fanout times, or to all"


def _is_random(push: type, case: Case) -> Finding:
    """Tell whether every neighbor is chosen at one time or another.

    There are so many tries that chance leaves one out once in ten thousand times.
    """
    chosen, left_out = set(), max(0.01, 1 - case["fanout"] / NEIGHBORS)
    tries = ceil(log(1e-4 / NEIGHBORS) / log(left_out))
    for seed in seeds_of(case.seed, tries):
        node = OneNode(push, config_of(case), NEIGHBORS, seed)
        chosen |= {node.name_of(one.to) for one in node.hear(0, Tell(NEWS, 0))}
    return ask(
        "whom it tells is chosen at random",
        len(chosen) == NEIGHBORS,
        f"each of {NEIGHBORS} neighbors at one time or another, of {tries}",
        f"{len(chosen)} of them",
        "use self.pick, which draws with self.ctx.rng",
    )


def _few_peers(push: type, case: Case) -> Finding:
    node = OneNode(push, config_of(case), 1, case.seed)
    said = node.hear(0, Tell(NEWS, 0))
    return ask(
        "with a single peer it makes do",
        len(said) == 1, "one telling", listed(said, node),
        "self.pick returns fewer where there are fewer: do not draw again",
    )  # fmt: skip


def _star(node: OneNode, tells: list[Said]) -> Overlay:
    told = {node.name_of(one.to) for one in tells}
    names = [node.name_of(one) for one in node.neighbors]
    groups = {name: "told" if name in told else "not told" for name in names}
    links = tuple(("your node", node.name_of(one.to)) for one in tells)
    title = "Whom your node told, of its neighbors; neighbor 0 brought the news"
    nodes = {"your node": "your node", **groups}
    return Overlay(title, nodes, tuple(one for one in links if one[1] in nodes))
