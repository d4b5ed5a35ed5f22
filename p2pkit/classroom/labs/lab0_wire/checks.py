"""The checks of lab 0: one of each kind."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab0_wire.wire import (
    CODEC,
    SPEC,
    Answered,
    Config,
    GaveUp,
    Ping,
    Pong,
    config_of,
)
from p2pkit.classroom.labs.questions import exact, near
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link
from p2pkit.harness import (
    Act,
    Bands,
    Exchange,
    Finding,
    OneNode,
    Run,
    Scenario,
    Subject,
    Verdict,
    ask,
    listed,
    play_on_sockets,
    play_whole,
    require_whole,
    shown,
)

BANDS = Bands(((1.0, 1.0), (1.5, 0.5), (3.0, 0.2)), floor=1.0)
OWN_LOSS = 0.3
FEWER = 0.25
"""How much less than the law says may be answered: four standard deviations, at sixty
pings."""


def encodes(subject: Subject, case: Case) -> Verdict:
    """Judge the bytes of some messages."""
    rng = seeded(case.seed, "messages")
    findings = []
    for kind in (Ping, Pong):
        message = kind(rng.randrange(2**16), rng.randrange(100))
        data = subject.call("to_wire", message)
        right = CODEC.encode(message)
        findings.append(
            ask(
                f"`to_wire` gives the bytes of {shown(message)}", data == right,
                f"{len(right)} bytes, {right.hex()}",
                data.hex() if isinstance(data, bytes) else repr(data),
                "CODEC.encode(message) is all it takes",
            )
        )  # fmt: skip
    return Verdict(tuple(findings), case.seed)


def ticks(subject: Subject, case: Case) -> Verdict:
    """Judge Lamport's rule."""
    rng, right = seeded(case.seed, "clocks"), []
    told = ""
    for _ in range(20):
        own, heard = rng.randrange(50), rng.randrange(50)
        answer = subject.call("tick", own, heard)
        right.append(answer == max(own, heard) + 1)
        if not right[-1]:
            told = f"tick({own}, {heard}) gave {answer!r}"
    finding = Finding(
        "`tick` is later than both clocks, by one", float(all(right)),
        "tick(3, 7) is 8, tick(9, 7) is 10", told or "so it is, 20 times",
        "max(own, heard) + 1",
    )  # fmt: skip
    return Verdict((finding,), case.seed)


def answers(subject: Subject, case: Case) -> Verdict:
    """Judge what one node says to a ping."""
    node = _one(subject, case)
    said = node.hear(2, Ping(77, 5))
    finding = ask(
        "a ping is answered by a pong of the same number, to who asked",
        [(one.to, getattr(one.message, "number", None)) for one in said]
        == [(node.neighbors[2], 77)] and isinstance(said[0].message, Pong),
        "Pong(number=77) to neighbor 2, and nothing else", listed(said, node),
        "self.ctx.send(sender, Pong(message.number, self.clock))",
    )  # fmt: skip
    return Verdict((finding,), case.seed, node.last_events())


def tries_again(subject: Subject, case: Case) -> Verdict:
    """Judge what one node does that gets no answer, or a late one."""
    config = config_of(case)
    node = _one(subject, case)
    node.ask("ping", 1, 5)
    at_once = node.take()
    later = node.wait(config.timeout_s * config.tries * 3)
    silent = list(node.ctx.events)
    other = _one(subject, case)
    other.ask("ping", 1, 6)
    other.wait(config.timeout_s * 1.5)
    other.hear(1, Pong(6, 9))
    more = other.hear(1, Pong(6, 9)) + other.wait(config.timeout_s * 10)
    findings = (
        ask(
            "a ping goes out at once, and again after each time-out",
            len(at_once) == 1 and len(later) == config.tries - 1,
            f"1 ping, and {config.tries - 1} more",
            f"{len(at_once)}, and {len(later)} more",
            "ctx.after(self.config.timeout_s, ...) tries once more", 2.0,
        ),
        ask(
            "after the last try it gives up, and says so",
            silent == [GaveUp(5)], "one GaveUp(5)", silent,
            "when tries are used up: ctx.emit(GaveUp(number))",
        ),
        ask(
            "an answer ends it, and is reported once",
            not more and other.ctx.events == [Answered(6, 2)],
            "one Answered(6, tries=2), then silence",
            f"{other.ctx.events}, then: {listed(more, other)}",
            "cancel the timer, and forget the ping, when its pong comes", 2.0,
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def keeps_time(subject: Subject, case: Case) -> Verdict:
    """Judge the clock condition, on every message of a run."""
    run = play_whole(subject.protocol("Pinger", SPEC), _all_ping(case, case.seed))
    latest = dict.fromkeys(run.names, 0)
    right, told = [], ""
    for entry in run.journal.entries:
        clock = getattr(entry.message, "clock", 0)
        if entry.way == "sent":
            right.append(clock > latest[entry.node])
            if not right[-1] and not told:
                told = f"{entry} was sent when {latest[entry.node]} had been seen"
        latest[entry.node] = max(latest[entry.node], clock)
    finding = Finding(
        "whatever a node sends is later than all it has sent or heard",
        float(bool(right) and all(right)), "a clock that grows, on every message",
        told or f"so it is, on {len(right)} messages",
        "self.clock = tick(self.clock, message.clock) when you hear, and a tick more "
        "before you send",
    )  # fmt: skip
    return Verdict((finding,), case.seed, run.last_events(), (_picture(run),))


def costs(subject: Subject, case: Case) -> Verdict:
    """Judge what pings cost where nothing gets lost."""
    scenario = _all_ping(case, case.seed)
    run = play_whole(subject.protocol("Pinger", SPEC), scenario)
    due, done = 2 * len(scenario.acts), len(run.events(Answered))
    share = BANDS.share(run.journal.messages_sent, due)
    finding = Finding(
        "where nothing gets lost a ping costs two messages",
        share if done == len(scenario.acts) else 0.0,
        f"{due} messages for {len(scenario.acts)} pings",
        f"{run.journal.messages_sent} messages, {done} pings answered",
        "does an answer stop the timer?",
    )
    return Verdict((finding,), case.seed, run.last_events())


def survives_loss(subject: Subject, case: Case) -> Verdict:
    """Judge whether each ping ends once, whatever gets lost."""
    protocol = subject.protocol("Pinger", SPEC)
    run = play_whole(protocol, _all_ping(case, case.seed, case["loss"]))
    kinds = (Answered, GaveUp)
    told = [(one.node, one.event) for one in run.records if type(one.event) in kinds]
    ended = [(node, getattr(event, "number", None)) for node, event in told]
    begun = [(run.scenario.name(act.node), act.args[1]) for act in run.scenario.acts]
    ends = [ended.count(one) for one in begun]
    answered, total = len(run.events(Answered)), len(ends)
    least = 1 - (1 - (1 - case["loss"]) ** 2) ** case["tries"] - FEWER
    findings = (
        ask(
            "each ping ends, and once",
            set(ends) == {1}, f"{total} ends for {total} pings",
            f"{ends.count(1)} ended once, {ends.count(0)} never",
            "every way out emits one event",
        ),
        ask(
            "and most are answered at last",
            answered >= least * total, f"at least {least:.0%}",
            f"{answered / total:.0%}", "is a lost ping sent again?",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, run.last_events(), (_picture(run),))


def runs_on_sockets(subject: Subject, case: Case) -> Verdict:
    """Judge pings over UDP."""
    scenario = Scenario(
        nodes=4, seed=case.seed, config=Config(timeout_s=0.5, tries=5),
        acts=tuple(Act(0.05, node, "ping", (1, node)) for node in range(4)),
        lasts_s=4.0, link=Link(latency=Constant(0.001)), most_messages=2_000,
    )  # fmt: skip
    run = play_on_sockets(
        subject.protocol("Pinger", SPEC), scenario,
        lambda run: len(run.events(Answered)) >= len(scenario.acts),
    )  # fmt: skip
    require_whole(run)
    answered = {node for _, node, _ in run.events(Answered)}
    finding = ask(
        "over UDP all pings are answered",
        len(answered) == scenario.nodes, f"{scenario.nodes} nodes",
        f"{len(answered)} nodes", "it works in virtual time: what differs here?",
    )  # fmt: skip
    return Verdict((finding,), case.seed, run.last_events())


def own_run(subject: Subject, case: Case) -> Run:
    """Let everybody ping two others, with losses and the student's own seed."""
    protocol = subject.protocol("Pinger", SPEC)
    return play_whole(protocol, _all_ping(case, case["seed"], OWN_LOSS))


def given_up(subject: Subject, case: Case) -> Verdict:
    """Judge how many pings were given up."""
    truth = len(own_run(subject, case).events(GaveUp))
    return exact(subject, case, "answer_1", truth, "pings were given up")


def lost(subject: Subject, case: Case) -> Verdict:
    """Judge which share of all messages was lost."""
    journal = own_run(subject, case).journal
    truth = journal.count("lost") / journal.count("sent")
    return near(subject, case, "answer_2", truth, "lost, of all messages sent")


def _one(subject: Subject, case: Case) -> OneNode:
    return OneNode(subject.protocol("Pinger", SPEC), config_of(case), 4, case.seed)


def _all_ping(case: Case, seed: int, loss: float = 0.0) -> Scenario:
    nodes = case["nodes"]
    acts = tuple(
        Act(0.1 + 0.05 * node, node, "ping", (place, 10 * node + place))
        for node in range(nodes)
        for place in (0, 1)
    )
    return Scenario(
        nodes=nodes, seed=seed, config=config_of(case), acts=acts, lasts_s=15.0,
        link=Link(latency=Constant(0.02), loss=loss), most_messages=2_000,
    )  # fmt: skip


def _picture(run: Run) -> Exchange:
    arrows = tuple(
        (one.sent_s or 0.0, one.heard_s or -1.0, one.source, one.target, one.kind)
        for one in run.journal.flights()[:24]
        if one.sent_s is not None
    )
    return Exchange("The first messages, from sender to receiver", arrows)
