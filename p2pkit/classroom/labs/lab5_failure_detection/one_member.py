"""Checks 1.1, 2.1, 2.2, 3.1 and 3.2: one member among others that the check plays."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab5_failure_detection.wire import (
    SPEC,
    Ack,
    Beat,
    Down,
    News,
    Ping,
    PingReq,
    config_of,
)
from p2pkit.core import Address
from p2pkit.harness import Finding, OneNode, Said, Subject, Verdict, ask, listed

OTHERS = 8
STEP_S = 0.05
STATES = ("alive", "suspect", "dead")


class Stand:
    """One member, and seven or more that the check plays.

    Parameters
    ----------
    member : type
        What `Subject.protocol` returned.
    case : Case
        Decides settings and chance.
    """

    def __init__(self, member: type[Any], case: Case, others: int = OTHERS) -> None:
        self.config = config_of(case)
        self.node = OneNode(member, self.config, others, case.seed)
        self.me: Address = self.node.ctx.me.address

    @property
    def down(self) -> list[Address]:
        """Whom the member has declared dead, in that order."""
        return [one.about for one in self.node.ctx.events if isinstance(one, Down)]

    def probe(self) -> Said | None:
        """Wait for the next ping; the news along with it are left out."""
        for _ in range(2 * round(self.config.period_s / STEP_S)):
            for one in bare(self.node.wait(STEP_S)):
                if isinstance(one.message, Ping):
                    return one
        return None

    def ack(self, ping: Said, news: tuple[News, ...] = ()) -> list[Said]:
        """Answer a ping."""
        return self.node.hear(ping.to, Ack(ping.message.tag, news))


def bare(said: list[Said]) -> list[Said]:
    """Return what was said, without the news."""
    return [
        one._replace(message=msgspec.structs.replace(one.message, news=()))
        if hasattr(one.message, "news")
        else one
        for one in said
    ]


def beats(subject: Subject, case: Case) -> Verdict:
    """Judge Heartbeat."""
    stand = Stand(subject.protocol("Heartbeat", SPEC), case)
    node, config = stand.node, stand.config
    said = node.wait(3 * config.period_s)
    to = {peer: sum(one.to == peer for one in said) for peer in node.neighbors}
    silent, others = node.neighbors[3], node.neighbors[:3] + node.neighbors[4:]
    first = stand.down
    fresh = Stand(subject.protocol("Heartbeat", SPEC), case)
    times: list[tuple[float, list[Address]]] = []
    for _ in range(24):
        for peer in others:
            fresh.node.hear(peer, Beat())
        if fresh.node.ctx.now_s < 2.0:
            fresh.node.hear(silent, Beat())
        fresh.node.wait(0.5)
        times.append((fresh.node.ctx.now_s, fresh.down))
    early = [down for at_s, down in times if at_s < 1.5 + config.silence_s and down]
    late = times[-1][1]
    findings = (
        ask(
            "it beats once a period, to everybody",
            bool(said) and all(one.message == Beat() for one in said)
            and set(to.values()) == {3}, "three beats to each in three periods",
            f"{sorted(to.values())}", "self.ctx.send(peer, Beat()) for all others",
        ),
        ask(
            "who is heard is alive, and so is who has not been silent for so long",
            bool(said) and not early and not first,
            f"nobody is down before {config.silence_s} s of silence",
            f"{len(early[0]) if early else len(first)} are down",
            "compare self.ctx.now() with the moment of the last beat; who has never "
            "been heard was heard at the beginning, at 0",
        ),
        ask(
            "who is silent for longer is declared dead, once, and nobody else",
            late == [silent], f"Down({silent[0]})", f"{[one[0] for one in late]}",
            "self.declare(peer)", 2.0,
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, fresh.node.last_events())


def probes(subject: Subject, case: Case) -> Verdict:
    """Judge in which order Prober does what, when nobody answers."""
    prober = subject.protocol("Prober", SPEC)
    stand = Stand(prober, case)
    node = stand.node
    ping = stand.probe()
    if ping is None:
        nothing = ask(
            "it pings one member in each period", False, "a Ping in each period",
            "no Ping in two periods", "self.say(peer, Ping(tag))",
        )  # fmt: skip
        return Verdict((nothing,), case.seed, node.last_events())
    findings = [*_in_vain(stand, ping), *_answered(prober, case)]
    return Verdict(tuple(findings), case.seed, node.last_events())


def _in_vain(stand: Stand, ping: Said) -> list[Finding]:
    """Judge what comes after a ping that nobody answers."""
    node, config = stand.node, stand.config
    before = bare(node.wait(config.ack_s - 2 * STEP_S))
    asked = bare(node.wait(3 * STEP_S))
    helpers = {one.to for one in asked}
    wanted = min(config.helpers, OTHERS - 1)
    none_yet = list(stand.down)
    rest = bare(node.wait(config.period_s - config.ack_s - 6 * STEP_S))
    still_none = list(stand.down)
    node.wait(8 * STEP_S)
    return [
        ask(
            "nothing happens until ack_s has passed", not before, "silence",
            listed(before, node), "self.ctx.after(self.config.ack_s, ...)",
        ),
        ask(
            f"then {wanted} helpers are asked, different ones, and not the target",
            len(asked) == len(helpers) == wanted and ping.to not in helpers
            and all(one.message == PingReq(ping.message.tag, ping.to) for one in asked),
            f"PingReq(tag, target) to {wanted}", listed(asked, node),
            "self.pick(self.config.helpers, but=target)", 2.0,
        ),
        ask(
            "nobody is declared dead before the helpers had their time",
            bool(asked) and not none_yet and not still_none and not rest,
            "nobody until the period is over", f"{len(still_none)} declared",
            "decide at the end of the period, not when ack_s has passed", 2.0,
        ),
        ask(
            "at the end of the period the target is declared dead",
            stand.down == [ping.to], node.name_of(ping.to),
            ", ".join(map(node.name_of, stand.down)) or "nobody",
            "self.ctx.after(self.config.period_s, ...), then self.failed(peer)", 2.0,
        ),
    ]  # fmt: skip


def _answered(prober: type[Any], case: Case) -> list[Finding]:
    """Judge what an answer changes: a direct one, a relayed one, a late one."""
    direct, relayed = Stand(prober, case), Stand(prober, case)
    ping = direct.probe()
    said: list[Said] = []
    if ping is not None:
        direct.ack(ping)
        said = bare(direct.node.wait(direct.config.ack_s + 2 * STEP_S))
        direct.node.wait(direct.config.period_s - direct.config.ack_s - 3 * STEP_S)
    asked = relayed.probe()
    if asked is not None:
        helper = bare(relayed.node.wait(relayed.config.ack_s + 2 * STEP_S))
        if helper:
            relayed.node.hear(helper[0].to, Ack(asked.message.tag))
        relayed.node.wait(relayed.config.period_s - relayed.config.ack_s - STEP_S)
    targets = set()
    crowd = Stand(prober, case)
    for _ in range(60):
        one = crowd.probe()
        if one is None:
            break
        targets.add(one.to)
        crowd.ack(one)
    return [
        ask(
            "who answers in time is not asked about, and not declared dead",
            ping is not None and not said and not direct.down, "silence",
            listed(said, direct.node), "forget the tag when its Ack comes",
        ),
        ask(
            "an answer through a helper counts as well",
            asked is not None and not relayed.down, "nobody is declared dead",
            ", ".join(map(relayed.node.name_of, relayed.down)) or "nobody",
            "the Ack carries the tag of your PingReq, from whomever it comes",
        ),
        ask(
            "everybody has a turn, at random", len(targets) == OTHERS,
            f"{OTHERS} members pinged at one time or another, of 60", f"{len(targets)}",
            "self.pick(1)",
        ),
    ]  # fmt: skip


def helps(subject: Subject, case: Case) -> Verdict:
    """Judge what Prober does for others."""
    stand = Stand(subject.protocol("Prober", SPEC), case)
    node = stand.node
    asker, other, target = node.neighbors[0], node.neighbors[1], node.neighbors[5]
    direct = bare(node.hear(asker, Ping(41)))
    first = bare(node.hear(asker, PingReq(7, target)))
    second = bare(node.hear(other, PingReq(7, target)))
    pings = [one for one in first + second if isinstance(one.message, Ping)]
    tags = [one.message.tag for one in pings]
    replies = [bare(node.hear(target, Ack(tag))) for tag in tags]
    again = [bare(node.hear(target, Ack(tag))) for tag in tags]
    findings = (
        ask(
            "a ping is answered with its tag",
            [(one.to, one.message) for one in direct] == [(asker, Ack(41))],
            "Ack(41)", listed(direct, node), "self.say(sender, Ack(message.tag))",
        ),
        ask(
            "for a PingReq the target is pinged, with a tag of its own",
            len(first) == len(second) == 1 and len(pings) == 2
            and {one.to for one in pings} == {target} and len(set(tags)) == 2,
            "one Ping to the target for each, with two different tags",
            listed(first + second, node),
            "the askers' tags may be the same: self.new_tag() for your own ping",
        ),
        ask(
            "its answer is passed on to who asked, with the tag of the asker",
            [[(one.to, one.message) for one in each] for each in replies]
            == [[(asker, Ack(7))], [(other, Ack(7))]],
            "Ack(7) to each asker", "; ".join(listed(one, node) for one in replies),
            "remember, by the tag of your ping, who asked and with which tag", 2.0,
        ),
        ask(
            "an answer is passed on once", bool(replies) and not any(again), "silence",
            "; ".join(listed(one, node) for one in again), "forget it when it has come",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def overrides(subject: Subject, case: Case) -> Verdict:
    """Judge ``overrides(new, old)`` for all that may meet."""
    about = ("127.1.0.9", 7000)
    wrong: dict[str, list[str]] = {state: [] for state in STATES}
    for new_state, old_state in product(STATES, STATES):
        for new_number, old_number in product(range(4), range(4)):
            new = News(about, new_state, new_number)  # type: ignore[arg-type]
            old = News(about, old_state, old_number)  # type: ignore[arg-type]
            if subject.call("overrides", new, old) is not _wins(new, old):
                wrong[new_state].append(f"{new_state} {new_number} over {old_state} "
                                        f"{old_number}")  # fmt: skip
    hints = {
        "alive": "alive wins over alive and suspect with a higher incarnation alone",
        "suspect": "suspect wins over alive with the same incarnation already",
        "dead": "dead wins over all but dead; nothing wins over dead",
    }
    findings = tuple(
        ask(
            f"news of `{state}` wins where it should", not wrong[state],
            "48 pairs right", wrong[state][0] if wrong[state] else "all right",
            hints[state],
        )
        for state in STATES
    )  # fmt: skip
    return Verdict(findings, case.seed)


def _wins(new: News, old: News) -> bool:
    if old.state == "dead" or new.state == "dead":
        return old.state != "dead"
    if new.state == "suspect" and old.state == "alive":
        return new.incarnation >= old.incarnation
    return new.incarnation > old.incarnation


def suspects(subject: Subject, case: Case) -> Verdict:
    """Judge how Swim suspects, waits, objects and believes."""
    swim = subject.protocol("Swim", SPEC)
    stand = Stand(swim, case)
    node, config = stand.node, stand.config
    ping = stand.probe()
    told: list[News] = []
    for _ in range(round(1.5 * config.period_s / STEP_S)):
        told += [news for one in node.wait(STEP_S)
                 for news in getattr(one.message, "news", ())]  # fmt: skip
    suspicion = News(ping.to, "suspect", 0) if ping else None
    early = list(stand.down)
    node.wait(config.suspicion_s)
    findings = [
        ask(
            "who does not answer is suspected first, and others are told",
            suspicion in told and not early, "News(about, 'suspect', 0), no Down yet",
            f"{len(told)} news, {len(early)} declared dead",
            "in `failed`: on_news of a suspicion, with the incarnation that you know",
            2.0,
        ),
        ask(
            "after suspicion_s it is declared dead",
            ping is not None and ping.to in stand.down and not early, "Down",
            f"{len(stand.down)} declared dead",
            "self.ctx.after(self.config.suspicion_s, ...)", 2.0,
        ),
        *_objects(swim, case),
        *_believes(swim, case),
    ]  # fmt: skip
    return Verdict(tuple(findings), case.seed, node.last_events())


def _objects(swim: type[Any], case: Case) -> list[Finding]:
    """Judge what a member says when it hears that it is suspected."""
    stand = Stand(swim, case)
    peer = stand.node.neighbors[0]

    def said_of_me(news: News) -> list[News]:
        said = stand.node.hear(peer, Ping(3, (news,)))
        return [one for each in said for one in getattr(each.message, "news", ())
                if one.about == stand.me]  # fmt: skip

    first = said_of_me(News(stand.me, "suspect", 0))
    high = said_of_me(News(stand.me, "suspect", 4))
    old = said_of_me(News(stand.me, "suspect", 2))
    return [
        ask(
            "who is suspected objects, with an incarnation one higher",
            first == [News(stand.me, "alive", 1)] and high[:1] ==
            [News(stand.me, "alive", 5)], "alive 1, and alive 5 for suspect 4",
            f"{[one.incarnation for one in first + high]}",
            "self.incarnation = news.incarnation + 1, then self.spread(...)", 2.0,
        ),
        ask(
            "an old suspicion is answered already",
            bool(old) and {one.incarnation for one in old} == {5},
            "incarnation 5 stays", f"{[one.incarnation for one in old]}",
            "object only if the suspicion is not older than your incarnation",
        ),
    ]  # fmt: skip


def _believes(swim: type[Any], case: Case) -> list[Finding]:
    """Judge whom a member believes when others tell it of a third."""
    stand = Stand(swim, case)
    node, config = stand.node, stand.config
    teller, saved, lost = node.neighbors[0], node.neighbors[1], node.neighbors[2]
    told = (News(saved, "suspect", 0), News(lost, "suspect", 0))
    node.hear(teller, Ack(999, told))
    node.hear(teller, Ack(999, (News(lost, "alive", 0),)))  # no objection
    node.hear(teller, Ack(999, (News(saved, "alive", 1),)))
    for _ in range(round((config.suspicion_s + 0.5) / STEP_S)):
        for one in bare(node.wait(STEP_S)):
            if isinstance(one.message, Ping):
                node.hear(one.to, Ack(one.message.tag))
    hearsay = node.neighbors[4]
    node.hear(teller, Ack(999, (News(hearsay, "dead", 0),)))
    return [
        ask(
            "a higher incarnation ends a suspicion, the same one does not",
            lost in stand.down and saved not in stand.down,
            "one of two suspects is declared dead: who did not object",
            f"{[node.name_of(one) for one in stand.down]}",
            "when the time is over, look whether the belief is still the same", 2.0,
        ),
        ask(
            "who is told that somebody is dead declares it as well",
            hearsay in stand.down, "Down", f"{len(stand.down)} declared dead",
            "on_news: if it overrides what you believe, keep it and act on it",
        ),
    ]  # fmt: skip
