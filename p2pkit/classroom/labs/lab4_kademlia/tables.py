"""Checks 1.1, 2.1 and 2.2: distance, buckets, and who is closest."""

from __future__ import annotations

from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab4_kademlia.wire import (
    BITS,
    SPEC,
    FindNode,
    Nodes,
    Ping,
    Pong,
    config_of,
)
from p2pkit.core import Contact
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, OneNode, Said, Subject, Verdict, ask, listed

PAIRS = 200
BUCKET = 20
"""The bucket that is filled; it holds a million ids."""


class Stand:
    """One node under examination, and strangers that the check plays.

    Parameters
    ----------
    node : type
        What `Subject.protocol` returned.
    case : Case
        Decides ids and settings.
    """

    def __init__(self, node: type[Any], case: Case) -> None:
        self.rng = seeded(case.seed, "stand")
        self.id = self.rng.getrandbits(BITS)
        self.node = OneNode(node, config_of(case), 0, case.seed, 1, self.id)
        self.me = Contact(self.id, self.node.ctx.me.address)
        self.met: dict[int, Contact] = {}

    def stranger(self, bucket: int) -> Contact:
        """Return somebody new whose id belongs into a bucket."""
        far = 1 << bucket
        distance = far
        while self.id ^ distance in self.met:
            distance = far | self.rng.getrandbits(bucket)
        number = len(self.met) + 1
        one = Contact(self.id ^ distance, (f"127.1.{number >> 8}.{number & 255}", 7000))
        self.met[one.id] = one
        return one

    def greet(self, one: Contact) -> list[Said]:
        """Let somebody send a ping; return what is sent, the answer aside."""
        said = self.node.hear(one.address, Ping(1, one))
        return [each for each in said if each.message != Pong(1, self.me)]

    def pong(self, said: list[Said], one: Contact) -> list[Said]:
        """Answer a ping for somebody."""
        pings = [each.message for each in said if isinstance(each.message, Ping)]
        tag = pings[-1].tag if pings else 0
        return self.node.hear(one.address, Pong(tag, one))

    def bucket(self, number: int = BUCKET) -> list[int]:
        """Return the ids in a bucket."""
        ids: list[int] = self.node.ask("bucket", number)
        return ids


def measures(subject: Subject, case: Case) -> Verdict:
    """Judge ``distance(a, b)`` and ``bucket_number(me, other)``."""
    rng = seeded(case.seed, "pairs")
    pairs = [(rng.getrandbits(BITS), rng.getrandbits(BITS)) for _ in range(PAIRS)]
    pairs += [(a, a ^ (1 << i)) for i, (a, _) in enumerate(pairs[:BITS])]
    pairs += [(a, a ^ ((2 << i) - 1)) for i, (a, _) in enumerate(pairs[:BITS])]
    far = [(a, b) for a, b in pairs if subject.call("distance", a, b) != a ^ b]
    odd = [
        (a, b) for a, b in pairs
        if subject.call("bucket_number", a, b) != (a ^ b).bit_length() - 1
    ]  # fmt: skip
    findings = (
        ask(
            "distance is XOR, read as a number", not far, f"{len(pairs)} pairs right",
            f"{len(far)} wrong, such as {far[0]}" if far else "all right", "a ^ b",
        ),
        ask(
            "bucket i holds ids at distances from 2**i up to 2**(i+1) - 1", not odd,
            f"{len(pairs)} pairs right, the ends of each bucket among them",
            f"{len(odd)} wrong, such as {odd[0]}" if odd else "all right",
            "which is the highest bit in which the two differ? See int.bit_length()",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed)


def keeps(subject: Subject, case: Case) -> Verdict:
    """Judge the rules of a bucket."""
    stand, k = Stand(subject.protocol("Table", SPEC), case), case["k"]
    first = [stand.stranger(BUCKET) for _ in range(k)]
    told = [one for each in first for one in stand.greet(each)]
    order = [one.id for one in first]
    findings = [
        _order("newcomers stand at the end, silently", stand, order, told, True),
    ]
    told = stand.greet(first[0])
    order = [*order[1:], order[0]]
    findings.append(_order("who is heard again moves to the end", stand, order, told,
                           True, 2.0))  # fmt: skip
    findings += _full(stand, k, order)
    other = stand.stranger(3)
    stand.greet(other)
    findings.append(
        ask(
            "each has the bucket of its distance", stand.bucket(3) == [other.id],
            f"{other.id} in bucket 3", str(stand.bucket(3)),
            "the key of self.buckets is bucket_number(self.me.id, peer.id)",
        )
    )  # fmt: skip
    return Verdict(tuple(findings), case.seed, stand.node.last_events())


def _full(stand: Stand, k: int, order: list[int]) -> list[Finding]:
    """Judge what happens when somebody comes to a full bucket."""
    oldest = stand.met[order[0]]
    said = stand.greet(stand.stranger(BUCKET))
    pinged = [one.to for one in said if isinstance(one.message, Ping)]
    findings = [
        ask(
            "when it is full, who was seen longest ago is pinged, and nobody else",
            pinged == [oldest.address] and len(said) == 1 and stand.bucket() == order,
            f"one Ping, the bucket as it was with {k} contacts",
            f"{listed(said, stand.node)}; {len(stand.bucket())} contacts",
            "self.ping(bucket[0], then)", 2.0,
        )
    ]  # fmt: skip
    stand.pong(said, oldest)
    order = [*order[1:], order[0]]
    findings.append(_order("if it answers it stays, and the newcomer is forgotten",
                           stand, order, [], True, 2.0))  # fmt: skip
    fresh, oldest_id = stand.stranger(BUCKET), order[0]
    stand.greet(fresh)
    early = stand.bucket()
    stand.node.wait(5.0)
    findings.append(
        ask(
            "if it is silent the newcomer takes its place, at the end, and not before",
            early == order and stand.bucket() == [*order[1:], fresh.id],
            f"without {oldest_id}, and {fresh.id} at the end, once the ping has failed",
            f"{stand.bucket()}", "decide in then(alive), and not before", 2.0,
        )
    )  # fmt: skip
    findings.append(_crowded(stand, k))
    return findings


def _crowded(stand: Stand, k: int) -> Finding:
    """Judge what several newcomers at once do to a full bucket."""
    for _ in range(3):
        stand.greet(stand.stranger(BUCKET))
    stand.node.wait(5.0)
    now = stand.bucket()
    return ask(
            "several newcomers at once do not overfill it",
            len(now) == k == len(set(now)), f"{k} different contacts",
            f"{len(now)}, {len(set(now))} of them different",
            "when `then` is called the bucket may have changed: look again whether "
            "the old one is still there",
        )  # fmt: skip


def _order(
    claim: str, stand: Stand, order: list[int], said: list[Said], silent: bool,
    weight: float = 1.0,
) -> Finding:  # fmt: skip
    now = stand.bucket()
    return ask(
        claim, now == order and not (silent and said), f"{order}, without a message",
        f"{now}; {listed(said, stand.node)}", "longest unseen first, latest last",
        weight,
    )  # fmt: skip


def names_closest(subject: Subject, case: Case) -> Verdict:
    """Judge what a node answers to `FindNode`."""
    stand, k = Stand(subject.protocol("Table", SPEC), case), case["k"]
    few = [stand.stranger(bucket) for bucket in (31, 30)]
    for one in few:
        stand.greet(one)
    asked = few[0]
    said = stand.node.hear(asked.address, FindNode(5, asked, stand.id))
    sparse = ask(
        "who knows few names all of them",
        _named(said) == sorted((one.id for one in few), key=lambda i: i ^ stand.id),
        "both contacts, the closer first", listed(said, stand.node),
        "fewer than k is fine: do not invent any",
    )  # fmt: skip
    for bucket in range(31, 8, -1):
        for _ in range(3):
            stand.greet(stand.stranger(bucket))
    wrong, of = _misnamed(stand, asked, k)
    findings = (
        sparse,
        ask(
            f"the {k} closest of all buckets are named, the closest first",
            not wrong, f"{of} questions answered by brute force",
            f"{len(wrong)} wrong: {wrong[0]}" if wrong else "all right",
            "sort all that you know by distance to the target: the next buckets left "
            "and right are not the closest", 3.0,
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, stand.node.last_events())


def _misnamed(stand: Stand, asker: Contact, k: int) -> tuple[list[str], int]:
    """Return the wrong answers, as sentences, and how many questions were asked."""
    held = [one for number in range(BITS) for one in stand.bucket(number)]
    targets = [stand.rng.getrandbits(BITS) for _ in range(20)]
    targets += [stand.id, stand.id ^ (1 << 31), *held[:1]]
    wrong = []
    for target in targets:
        said = stand.node.hear(asker.address, FindNode(6, asker, target))
        right = sorted(held, key=lambda one: one ^ target)[:k]
        if not held or _named(said) != right:
            wrong.append(f"for {target}: {_named(said)} and not {right}")
    return wrong, len(targets)


def _named(said: list[Said]) -> list[int]:
    """Return the ids that an answer names, if it is one answer and no more."""
    if len(said) != 1 or not isinstance(said[0].message, Nodes):
        return []
    return [one.id for one in said[0].message.contacts]
