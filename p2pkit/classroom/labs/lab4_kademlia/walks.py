"""Checks 3.1 and 4.1: a lookup and the values, among nodes that the check plays."""

from __future__ import annotations

from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab4_kademlia.tables import Stand
from p2pkit.classroom.labs.lab4_kademlia.wire import (
    SPEC,
    Ended,
    FindNode,
    FindValue,
    Nodes,
    Store,
    Value,
)
from p2pkit.core import Contact
from p2pkit.harness import Finding, Said, Subject, Verdict, ask, listed

POPULATION = 60
DATA = b"a card"


class World:
    """A node under examination, and a whole overlay that the check plays.

    Parameters
    ----------
    node : type
        What `Subject.protocol` returned.
    case : Case
        Decides ids and settings.
    silent : int
        How many of those closest to the target do not answer.
    """

    def __init__(self, node: type[Any], case: Case, silent: int = 0) -> None:
        self.stand, self.k, self.alpha = Stand(node, case), case["k"], case["alpha"]
        self.target = self.stand.rng.getrandbits(32)
        buckets = [31, 31, 30, 30, 29] * (POPULATION // 5)
        self.all = [self.stand.stranger(bucket) for bucket in buckets]
        self.by_address = {one.address: one for one in self.all}
        self.closest = sorted(self.all, key=lambda one: one.id ^ self.target)
        self.silent = {one.id for one in self.closest[:silent]}
        # It begins with those who are farthest away, so that it must ask on.
        for one in self.closest[-2 * self.k :]:
            self.stand.greet(one)
        held = [self.stand.bucket(number) for number in range(32)]
        self.known = sorted(
            (one for bucket in held for one in bucket), key=lambda i: i ^ self.target
        )
        self.asked: list[int] = []
        self.most, self.under_way = 0, 0

    def begin(self, verb: str, *args: Any) -> list[Said]:
        """Call a verb; return the questions that come at once."""
        self.stand.node.ask(verb, self.target, *args)
        return self._note(self.stand.node.take())

    def answer(self, question: Said, value: bytes | None = None) -> list[Said]:
        """Let whom a question went to answer it; return what is sent next."""
        one, message = self.by_address[question.to], question.message
        self.under_way -= 1
        if value is not None:
            reply: Any = Value(message.tag, one, value)
        else:
            reply = Nodes(message.tag, one, self._seen_from(one))
        return self._note(self.stand.node.hear(one.address, reply))

    def go_on(self, waiting: list[Said], holder: int | None = None) -> list[Said]:
        """Answer all questions until none is left; return what is to be stored."""
        other: list[Said] = []
        for _ in range(6 * POPULATION):
            queue = [one for one in waiting if isinstance(one.message, ASKING)]
            other += [one for one in waiting if isinstance(one.message, Store)]
            alive = [one for one in queue if self._id(one) not in self.silent]
            if alive:
                first = alive[0]
                value = DATA if self._id(first) == holder else None
                queue.remove(first)
                waiting = queue + self.answer(first, value)
            elif queue:
                self.under_way -= len(queue)
                waiting = self._note(self.stand.node.wait(0.6))
            else:
                break
        return other

    def ended(self) -> list[Ended]:
        """Return the lookups that have ended, as the node reports them."""
        return [one for one in self.stand.node.ctx.events if isinstance(one, Ended)]

    def _seen_from(self, one: Contact) -> tuple[Contact, ...]:
        """Return whom somebody names: only those who are close know who is closest.

        Half of those have heard that the silent ones are gone.
        """
        rank = self.closest.index(one)
        first = rank // 3
        if rank < 2 * self.k:
            first = len(self.silent) if rank % 2 else 0
        others = [each for each in self.closest[first:] if each != one]
        return tuple(others[: self.k])

    def _note(self, said: list[Said]) -> list[Said]:
        questions = [one for one in said if isinstance(one.message, ASKING)]
        self.asked += [self._id(one) for one in questions]
        self.under_way += len(questions)
        self.most = max(self.most, self.under_way)
        return said

    def _id(self, one: Said) -> int:
        found = self.by_address.get(one.to)
        return -1 if found is None else found.id


ASKING = (FindNode, FindValue)


def walks(subject: Subject, case: Case) -> Verdict:
    """Judge a lookup, step by step."""
    finder = subject.protocol("Finder", SPEC)
    world = World(finder, case)
    first = world.begin("find")
    near = world.known[: world.alpha]
    node = world.stand.node
    findings = [
        ask(
            f"it begins with the {world.alpha} closest that it knows",
            sorted(world.asked) == sorted(near),
            f"one FindNode to each of {near}", listed(first, node),
            "next() returns the closest that nobody has asked, alpha at most",
        )
    ]  # fmt: skip
    after = world.answer(first[0]) if first else []
    best = world.closest[world.closest.index(world.by_address[first[0].to]) // 3] \
        if first else None  # fmt: skip
    findings.append(
        ask(
            "an answer frees one place, and the closest of those now known gets it",
            len(after) == 1 and best is not None
            and world.by_address.get(after[0].to) == best,
            f"one FindNode, to {best.id if best else 'the closest'}",
            listed(after, node),
            "keep all contacts that you are told of, sorted by distance", 2.0,
        )
    )  # fmt: skip
    world.go_on([*first[1:], *after])
    findings += _finish(world, case)
    findings += _silence(finder, case)
    return Verdict(tuple(findings), case.seed, node.last_events())


def _finish(world: World, case: Case) -> list[Finding]:
    right = [one.id for one in world.closest[: world.k]]
    ended = world.ended()
    found = list(ended[0].closest) if ended else []
    return [
        ask(
            f"it ends once, with the {world.k} closest of all, the closest first",
            len(ended) == 1 and found == right, f"{right}",
            f"{found}" if ended else "it did not end",
            "it is done when the k closest that you know have all answered", 3.0,
        ),
        ask(
            "it asks nobody twice, and never more than alpha at a time",
            len(world.asked) == len(set(world.asked)) and world.most <= case["alpha"],
            f"{case['alpha']} under way at most",
            f"{world.most} under way; {len(world.asked)} questions to "
            f"{len(set(world.asked))} nodes",
            "who has been asked is asked no more; count whom you still wait for", 2.0,
        ),
    ]  # fmt: skip


def _silence(finder: type[Any], case: Case) -> list[Finding]:
    world = World(finder, case, silent=2)
    world.go_on(world.begin("find"))
    right = [one.id for one in world.closest[2 : world.k + 2]]
    ended = world.ended()
    found = list(ended[0].closest) if ended else []
    alone = World(finder, case, silent=POPULATION)
    alone.go_on(alone.begin("find"))
    last = [list(one.closest) for one in alone.ended()]
    return [
        ask(
            "who is silent is passed over, and is not in the result",
            found == right, f"{right}", f"{found}" if ended else "it did not end",
            "on_silence: drop the peer, and ask the next one instead", 2.0,
        ),
        ask(
            "it ends where nobody answers", last == [[]], "one end, without contacts",
            f"{last}" if last else "it did not end",
            "when nobody is left to ask, nothing is left to wait for",
        ),
    ]  # fmt: skip


def values(subject: Subject, case: Case) -> Verdict:
    """Judge how values are put, kept and found."""
    kademlia = subject.protocol("Kademlia", SPEC)
    world = World(kademlia, case)
    stored = world.go_on(world.begin("put", DATA))
    right = [
        (one.address, Store(world.stand.me, world.target, DATA))
        for one in world.closest[: world.k]
    ]
    said = [(one.to, one.message) for one in stored]
    put = ask(
        f"put stores it at the {world.k} closest, once each",
        sorted(said, key=repr) == sorted(right, key=repr),
        f"{world.k} Store messages, after the lookup",
        listed(stored, world.stand.node),
        "self.lookup(key, then), and in `then` a Store to each of the closest", 2.0,
    )  # fmt: skip
    findings = (put, *_kept(kademlia, case), *_gets(kademlia, case))
    return Verdict(findings, case.seed, world.stand.node.last_events())


def _kept(kademlia: type[Any], case: Case) -> list[Finding]:
    stand = Stand(kademlia, case)
    peers = [stand.stranger(bucket) for bucket in (31, 30, 29)]
    for one in peers:
        stand.greet(one)
    asker, key = peers[0], 77
    before = stand.node.hear(asker.address, FindValue(4, asker, key))
    stand.node.hear(asker.address, Store(asker, key, DATA))
    after = stand.node.hear(asker.address, FindValue(5, asker, key))
    other = stand.node.hear(asker.address, FindValue(6, asker, key + 1))
    return [
        ask(
            "who has the value answers with it",
            [(one.to, one.message) for one in after]
            == [(asker.address, Value(5, stand.me, DATA))],
            "one Value", listed(after, stand.node),
            "Value(message.tag, self.me, self.values[message.key])",
        ),
        ask(
            "who has not answers with the closest",
            [type(one.message) for one in before + other] == [Nodes, Nodes]
            and [one.message.tag for one in before + other] == [4, 6],
            "Nodes, as for FindNode", listed(before + other, stand.node),
            "Nodes(message.tag, self.me, tuple(self.closest(message.key, k)))",
        ),
    ]  # fmt: skip


def _gets(kademlia: type[Any], case: Case) -> list[Finding]:
    world = World(kademlia, case)
    holder = world.closest[1].id
    world.go_on(world.begin("get"), holder)
    found = [one.value for one in world.ended()]
    without = World(kademlia, case)
    without.go_on(without.begin("get"))
    nothing = [one.value for one in without.ended()]
    own = World(kademlia, case)
    teller = own.all[0]
    own.stand.node.hear(teller.address, Store(teller, own.target, DATA))
    asked = own.begin("get")
    mine = [one.value for one in own.ended()]
    return [
        ask(
            "get finds it, and reports it once", found == [DATA], "one Ended with it",
            _reported(found), "self.lookup(key, then, for_value=True)", 2.0,
        ),
        ask(
            "where nobody has it, get reports that", nothing == [None],
            "one Ended with value None", _reported(nothing),
            "`then` is called with value None: report that as well",
        ),
        ask(
            "what it keeps itself it need not look for", mine == [DATA] and not asked,
            "one Ended, and no message", f"{_reported(mine)}; {len(asked)} messages",
            "look into self.values first",
        ),
    ]  # fmt: skip


def _reported(values: list[bytes | None]) -> str:
    return f"{len(values)} reports: {values}" if values else "nothing was reported"
