"""Checks 2.1 to 2.4: rumor mongering."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab1_gossip.push import NEIGHBORS, NEWS, OTHER, reached_by
from p2pkit.classroom.labs.lab1_gossip.runs import informed, map_of, room_for
from p2pkit.classroom.labs.lab1_gossip.wire import (
    SPEC,
    Known,
    Tell,
    config_of,
    rumor_id,
)
from p2pkit.harness import (
    Act,
    Bands,
    Finding,
    OneNode,
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

ROUNDS = 12
STRANGE = "an answer about what it never heard does no harm"
QUIET_S = 2.0
"""Ten rounds without a message: nobody tells any more."""

BANDS = Bands(((1.15, 1.0), (1.5, 0.6), (2.0, 0.3)), floor=0.5)


def tells_on(subject: Subject, case: Case) -> Verdict:
    """Judge what one station does with hot news, round by round."""
    node = _one(subject, case)
    at_once = node.hear(0, Tell(NEWS, 2))
    rounds = _rounds(node, case, ROUNDS)
    tells = [one for one in rounds if one.message == Tell(NEWS, 3)]
    again = node.hear(3, Tell(NEWS, 9))
    peers = {one.to for one in tells}
    findings = (
        ask(
            "news is kept for the next round, and answered by nothing",
            not at_once, "silence until the round begins", listed(at_once, node),
            "hear() only remembers; on_round() tells",
        ),
        ask(
            "it is told to one peer a round, with one hop more",
            len(rounds) == len(tells) == ROUNDS,
            f"{ROUNDS} tellings in {ROUNDS} rounds",
            f"{len(tells)}, and {len(rounds) - len(tells)} other messages",
            "set the next timer in on_round(), once, whether there is news or not",
            2.0,
        ),
        ask(
            "to a random one each time",
            len(peers) > NEIGHBORS / 3, f"several of {NEIGHBORS} neighbors",
            f"{len(peers)} of them", "draw anew each round: self.pick()",
        ),
        ask(
            "who tells it what it knew is answered Known, and nothing else",
            [(one.to, one.message) for one in again]
            == [(node.neighbors[3], Known(rumor_id(NEWS)))],
            "Known(rumor) to neighbor 3", listed(again, node),
            "receive() answers the sender if hear() says that it was no news",
        ),
        _two_rumors(subject, case),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def loses_interest(subject: Subject, case: Case) -> Verdict:
    """Judge when one station stops telling."""
    k, rumor = case["k"], rumor_id(NEWS)
    node = _one(subject, case)
    node.hear(0, Tell(NEWS))
    for peer in range(k - 1):
        node.hear(peer, Known(rumor))
    before = _tellings(_rounds(node, case, 3))
    node.hear(5, Known(rumor))
    after = _rounds(node, case, ROUNDS)
    again = node.hear(6, Tell(NEWS)) + _rounds(node, case, 3)
    knows = node.ask("knows", rumor)
    findings = (
        ask(
            f"with {k - 1} answers of Known it goes on",
            len(before) == 3, "3 tellings in 3 rounds", f"{len(before)} tellings",
            f"it takes k of them, and k is {k} here: self.config.k", 2.0,
        ),
        ask(
            f"with {k} it is silent for good",
            not after, "silence", listed(after, node),
            "take the rumor out of self.hot when its count has reached k", 2.0,
        ),
        ask(
            "what is no longer told is still known",
            knows is True and [one.message for one in again] == [Known(rumor)],
            "one Known, and no telling", listed(again, node),
            "keep it in self.known: cold is not forgotten",
        ),
        _counts_apart(subject, case),
        apart(STRANGE, lambda: _strange_answers(subject, case)),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def leaves_out(subject: Subject, case: Case) -> Verdict:
    """Judge which share of the stations never hears it, over many runs."""
    runs = _runs(subject, case)
    shares = [1 - len(informed(run, Tell)) / case["nodes"] for run in runs]
    mean, law = fmean(shares), residue_of(case["k"])
    room = room_for(case["k"] + 1, case["nodes"], len(runs))
    ended = [run.journal.now() < run.scenario.lasts_s for run in runs]
    findings = (
        Finding(
            "as many are left out as probability foretells",
            1.0 if abs(mean - law) <= room else 0.0,
            f"s = exp(-{case['k'] + 1}(1 - s)): {law:.1%}, give or take {room:.1%}",
            f"{mean:.1%} of {case['nodes']} stations in {len(runs)} runs",
            _why_not(mean, law), 2.0,
        ),
        ask(
            "and then all is silent",
            all(ended) and mean < 0.9, "silence in every run",
            f"in {sum(ended)} of {len(ended)} runs", "a rumor must cool, at last",
        ),
    )  # fmt: skip
    last = runs[-1]
    picture = (map_of(last, Tell, "Who heard it from whom in the last run"),)
    return Verdict(findings, last.scenario.seed, last.last_events(), picture)


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge how many tellings that takes."""
    runs = _runs(subject, case)
    nodes, law = case["nodes"], residue_of(case["k"])
    heard = sum(len(informed(run, Tell)) for run in runs) / len(runs) / nodes
    tellings = sum(run.journal.count("sent", Tell) for run in runs) / len(runs) / nodes
    answers = sum(run.journal.count("sent", Known) for run in runs) / len(runs) / nodes
    reference = (case["k"] + 1) * (1 - law)
    did_spread = heard > (1 - law) / 2
    findings = (
        Finding(
            "it takes no more tellings than it must",
            BANDS.share(tellings, reference) if did_spread else 0.0,
            BANDS.says(reference, "tellings a station"),
            f"{tellings:.2f} tellings a station", "one peer a round, until k knew it",
            2.0,
        ),
        Finding(
            "and no more answers than it must",
            BANDS.share(answers, tellings - heard) if did_spread else 0.0,
            "one Known for each telling that was no news",
            f"{answers:.2f} a station, for {tellings - heard:.2f} needless tellings",
            "answer only what was no news",
        ),
    )  # fmt: skip
    last = runs[-1]
    return Verdict(findings, last.scenario.seed, last.last_events())


def residue_of(k: int) -> float:
    """Return the share that is left out: the s of s = exp(-(k + 1)(1 - s)).

    Examples
    --------
    >>> [round(residue_of(k), 3) for k in (1, 2, 3)]
    [0.203, 0.06, 0.02]
    """
    return 1 - reached_by(k + 1)


def _one(subject: Subject, case: Case) -> OneNode:
    monger = subject.protocol("Monger", SPEC)
    return OneNode(monger, config_of(case), NEIGHBORS, case.seed)


def _rounds(node: OneNode, case: Case, count: int) -> list[Said]:
    """Let some rounds pass; return what the node says meanwhile."""
    return node.wait(count * config_of(case).round_s)


def _tellings(said: list[Said]) -> list[Said]:
    return [one for one in said if isinstance(one.message, Tell)]


def _two_rumors(subject: Subject, case: Case) -> Finding:
    node = _one(subject, case)
    node.hear(0, Tell(NEWS))
    node.hear(1, Tell(OTHER))
    told = {one.message.body for one in _tellings(_rounds(node, case, 2))}
    return ask(
        "two hot rumors are both told",
        told == {NEWS, OTHER}, "both texts within two rounds",
        f"{len(told)} of 2 texts", "go through all of self.hot in each round",
    )  # fmt: skip


def _counts_apart(subject: Subject, case: Case) -> Finding:
    node = _one(subject, case)
    node.hear(0, Tell(NEWS))
    node.hear(1, Tell(OTHER))
    for peer in range(case["k"]):
        node.hear(peer, Known(rumor_id(NEWS)))
    told = {one.message.body for one in _tellings(_rounds(node, case, 2))}
    return ask(
        "each rumor has its own count",
        told == {OTHER}, "the other rumor is told on, and only that",
        f"told: {', '.join(sorted(map(repr, told))) or 'nothing'}",
        "keep a count for each rumor in self.hot, not one for the station",
    )  # fmt: skip


def _strange_answers(subject: Subject, case: Case) -> Finding:
    node = _one(subject, case)
    said = node.hear(0, Known(rumor_id(b"never heard of")))
    node.hear(1, Tell(NEWS))
    said += [one for one in _rounds(node, case, 2) if one.message != Tell(NEWS, 1)]
    return ask(
        STRANGE,
        not said, "nothing happens", listed(said, node),
        "look whether the rumor is in self.hot before you count",
    )  # fmt: skip


def _runs(subject: Subject, case: Case) -> list[Run]:
    monger = subject.protocol("Monger", SPEC)
    return [play_whole(monger, one, _is_quiet) for one in _scenarios(case)]


def _scenarios(case: Case) -> Iterator[Scenario]:
    for seed in seeds_of(case.seed, case["runs"]):
        yield Scenario(
            nodes=case["nodes"], seed=seed, config=config_of(case),
            acts=(Act(0.0, 0, "publish", (NEWS,)),), lasts_s=30.0,
            most_messages=40 * case["nodes"] * (case["k"] + 1),
        )  # fmt: skip


def _is_quiet(run: Run) -> bool:
    entries: list[Any] = run.journal.entries
    last_s = entries[-1].at_s if entries else 0.0
    return run.journal.now() - last_s > QUIET_S


def _why_not(mean: float, law: float) -> str:
    if mean > law:
        return "too many are left out: does it stop before k peers knew it?"
    return "too few are left out: does it go on after k peers knew it, or tell more?"
