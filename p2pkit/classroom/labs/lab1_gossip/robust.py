"""Checks 4.1 to 4.3: the same again, with losses, and on sockets."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab1_gossip.runs import informed, map_of, texts_of
from p2pkit.classroom.labs.lab1_gossip.wire import (
    SPEC,
    Config,
    Tell,
    config_of,
    rumor_id,
)
from p2pkit.core import topologies
from p2pkit.faults import Constant, Link
from p2pkit.harness import (
    Act,
    Finding,
    Run,
    Scenario,
    Subject,
    Verdict,
    ask,
    play_on_sockets,
    play_whole,
    require_whole,
    same_again,
    seeds_of,
    try_often,
)

LOSSY_S = 20.0
"""Seconds within which everybody must know: twenty periods of repair."""

ODDS = 0.5
"""Share of all runs there could be that must go well, as eight of them show it."""

SOCKETS = 8
SOCKETS_S = 5.0
FAST = {"round_s": 0.05, "repair_s": 0.1}


def repeats(subject: Subject, case: Case) -> Verdict:
    """Judge whether the same seed gives the same run."""
    repair = subject.protocol("Repair", SPEC)
    scenario = _scenario(case, case.seed, 0.1).but(lasts_s=6.0)
    run = play_whole(repair, scenario)
    spread = ask(
        "it spreads, so that there is something to compare",
        len(informed(run, Tell)) > case["nodes"] / 2,
        f"more than half of {case['nodes']} stations",
        f"{len(informed(run, Tell))} stations",
        "does Repair still pass rumors on, as Monger does?",
        0.0,  # a condition, and no merit
    )
    again = same_again(repair, scenario, run)
    if not spread.holds:  # silence is always the same
        again = Finding(again.claim, 0.0, again.expected, "nothing to compare")
    return Verdict((spread, again), case.seed, run.last_events())


def survives_loss(subject: Subject, case: Case) -> Verdict:
    """Judge whether everybody hears it although messages get lost."""
    repair = subject.protocol("Repair", SPEC)
    runs: list[Run] = []

    def everybody_knows(seed: int) -> bool:
        scenario = _scenario(case, seed, case["loss"])
        runs.append(play_whole(repair, scenario, _all_know))
        return _all_know(runs[-1])

    rate = try_often(everybody_knows, seeds_of(case.seed, case["runs"]), ODDS)
    finding = ask(
        f"with {case['loss']:.0%} of all messages lost everybody hears it",
        rate.is_enough,
        f"{rate.needed} of {rate.planned} runs within {LOSSY_S:g} s",
        rate,
        "a lost Want or Tell is made good in a later period: does on_repair go on?",
    )
    last = runs[-1]
    picture = (map_of(last, Tell, "Who heard it from whom in the last run"),)
    return Verdict((finding,), last.scenario.seed, last.last_events(), picture)


def runs_on_sockets(subject: Subject, case: Case) -> Verdict:
    """Judge a short run on real sockets."""
    repair, (news, other) = subject.protocol("Repair", SPEC), texts_of(case.seed)
    scenario = Scenario(
        nodes=SOCKETS, seed=case.seed, config=Config.of(config_of(case), **FAST),
        acts=(Act(0.05, 0, "publish", (news,)), Act(0.1, 5, "publish", (other,))),
        lasts_s=SOCKETS_S, most_messages=20_000,
        link=Link(latency=Constant(0.002), loss=0.1),
    )  # fmt: skip
    run = play_on_sockets(repair, scenario, _both_everywhere)
    require_whole(run)
    knows = [
        run.ask(number, "knows", rumor_id(text)) is True
        for number in range(SOCKETS)
        for text in (news, other)
    ]
    finding = ask(
        "two texts reach everybody over UDP, with a tenth of all datagrams lost",
        _both_everywhere(run) and all(knows),
        f"{SOCKETS} stations are told both within {SOCKETS_S:g} s, and know them",
        f"{len(_told(run))} of {2 * SOCKETS} told, {sum(knows)} known",
        "it works in virtual time: does it ask the context alone for time and chance?",
    )
    return Verdict((finding,), case.seed, run.last_events())


def _scenario(case: Case, seed: int, loss: float) -> Scenario:
    nodes = case["nodes"]
    return Scenario(
        nodes=nodes, seed=seed, config=config_of(case),
        links=topologies.regular(nodes, case["degree"], seed),
        acts=(Act(0.1, 0, "publish", (texts_of(seed)[0],)),), lasts_s=LOSSY_S,
        link=Link(latency=Constant(0.01), loss=loss), most_messages=200 * nodes,
    )  # fmt: skip


def _all_know(run: Run) -> bool:
    return len(informed(run, Tell)) == run.scenario.nodes


def _both_everywhere(run: Run) -> bool:
    return len(_told(run)) == 2 * SOCKETS


def _told(run: Run) -> set[tuple[str, bytes]]:
    """Return who was told what was published, by the journal, and where it began."""
    began = {(run.scenario.name(act.node), act.args[0]) for act in run.scenario.acts}
    texts = {text for _, text in began}
    heard = {(one.node, one.message.body) for one in run.journal.of("heard", Tell)}
    return began | {one for one in heard if one[1] in texts}
