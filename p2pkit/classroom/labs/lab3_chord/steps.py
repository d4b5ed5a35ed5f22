"""Checks 2.1, 2.2 and 3.1: one member among neighbors that the check plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab3_chord.circle import owner_of
from p2pkit.classroom.labs.lab3_chord.wire import (
    SPEC,
    Ask,
    Find,
    Found,
    Neighbors,
    Notify,
    config_of,
)
from p2pkit.core import Contact, LabError
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Finding,
    OneNode,
    Said,
    Subject,
    Verdict,
    ask,
    listed,
)

OTHERS = 12
"""Members that the check plays."""

STEP_S, STEPS = 0.1, 20
"""Time moves in steps shorter than any deadline; so many are two rounds."""


class Stand:
    """One member with a place on the ring, and the others as contacts around it.

    Parameters
    ----------
    member : type
        What `Subject.protocol` returned.
    case : Case
        Decides the ids.
    place : int
        How many of the others have smaller ids than the member.
    """

    def __init__(self, member: type[Any], case: Case, place: int = 6) -> None:
        self.size = 1 << case["bits"]
        rng = seeded(case.seed, "stand", place)
        gap = self.size // (OTHERS + 1)
        # Gaps of at least a half of the mean, so that there is room between two.
        ids = [gap * i + rng.randrange(gap // 2) + 2 for i in range(OTHERS + 1)]
        self.id = ids.pop(place)
        self.node = OneNode(member, config_of(case), OTHERS, case.seed, 1, self.id)
        self.after = [
            Contact(one, self.node.neighbors[number])
            for number, one in enumerate(ids[place:] + ids[:place])
        ]
        self.me = Contact(self.id, self.node.ctx.me.address)
        join = self._joining()
        owner = self.after[0]
        self.node.hear(owner.address, Found(join.tag, self.id, owner, 1))

    def find(self, key: int) -> list[Said]:
        """Let a stranger's question arrive; return what the member sends."""
        asker = self.after[8]
        question = Find(77, key % self.size, asker, 3)
        return self.node.hear(self.after[-1].address, question)

    def neighbors(
        self, sender: Contact, before: Contact | None, after: Sequence[Contact]
    ) -> list[Said]:
        """Wait until the successor is asked, answer for it; return what is sent."""
        for _ in range(STEPS):
            for one in self.node.wait(STEP_S):
                if isinstance(one.message, Ask) and one.to == sender.address:
                    told = Neighbors(one.message.tag, sender, before, tuple(after))
                    return self.node.hear(sender.address, told)
        return []

    def table(self) -> dict[str, Any]:
        """Return whom the member knows."""
        table: dict[str, Any] = self.node.ask("table")
        return table

    def midway(self, before: Contact, after: Contact, number: int = 0) -> Contact:
        """Return somebody new who stands between two others."""
        gap = (after.id - before.id) % self.size
        return Contact(
            (before.id + gap // 2 + number) % self.size, (f"127.1.9.{number}", 7000)
        )

    def _joining(self) -> Find:
        for one in self.node.take():
            if isinstance(one.message, Find):
                return one.message
        reason = "it did not join: leave `bootstrap` of Member as it is"
        raise LabError(reason)


def finds(subject: Subject, case: Case) -> Verdict:
    """Judge what Ring does with a question."""
    ring = subject.protocol("Ring", SPEC)
    findings: list[Finding] = []
    events: tuple[str, ...] = ()
    for place, where in ((6, ""), (OTHERS, ", where that crosses zero")):
        stand = Stand(ring, case, place)
        first, second = stand.after[:2]
        for key, name in (
            (first.id, "the successor's own id"),
            (stand.id + 1, "the place right after this member"),
        ):
            said = stand.find(key)
            found = Found(77, key % stand.size, first, 3)
            findings.append(
                _exactly(f"{name} is answered with the successor{where}", said,
                         stand, found, stand.after[8])
            )  # fmt: skip
        for key, name in (
            (second.id, "a key further on"), (stand.id, "this member's own id")
        ):  # fmt: skip
            passed = Find(77, key, stand.after[8], 4)
            findings.append(
                _exactly(f"{name} is passed on to the successor{where}",
                         stand.find(key), stand, passed, first)
            )  # fmt: skip
        events = stand.node.last_events()
    findings.append(_alone(ring, case))
    return Verdict(tuple(findings), case.seed, events)


def stabilizes(subject: Subject, case: Case) -> Verdict:
    """Judge how Ring repairs its two pointers."""
    ring = subject.protocol("Ring", SPEC)
    findings: list[Finding] = []
    events: tuple[str, ...] = ()
    for place, where in ((6, ""), (OTHERS, ", across zero")):
        stand = Stand(ring, case, place)
        first = stand.after[0]
        new = stand.midway(stand.me, first)
        findings += [
            _stays(stand, first, None, f"an empty answer changes nothing{where}"),
            _stays(stand, first, stand.me, f"it is told of itself: all is well{where}"),
            _stays(stand, first, stand.after[-1],
                   f"who stands elsewhere is not followed{where}"),
        ]  # fmt: skip
        said = stand.neighbors(first, new, [])
        findings.append(
            ask(
                f"who stands between is the new successor, and is notified{where}",
                stand.table()["successor"] == new.id
                and [(one.to, one.message) for one in said]
                == [(new.address, Notify(stand.me))],
                f"successor {new.id}, and Notify(me) to it alone",
                f"successor {stand.table()['successor']}; {listed(said, stand.node)}",
                "first decide who is your successor, then notify that one", 2.0,
            )
        )  # fmt: skip
        events = stand.node.last_events()
    findings += _heeds(ring, case)
    return Verdict(tuple(findings), case.seed, events)


def jumps(subject: Subject, case: Case) -> Verdict:
    """Judge how Fingered chooses the next hop, and where its fingers come from."""
    fingered = subject.protocol("Fingered", SPEC)
    findings: list[Finding] = []
    events: tuple[str, ...] = ()
    for place, where in ((6, ""), (OTHERS, " on the other side of zero")):
        stand = Stand(fingered, case, place)
        asked = _teach(stand, case["bits"])
        if place != OTHERS:
            findings += _taught(stand, asked, case["bits"])
        known = {stand.after[0].id, *stand.table()["fingers"].values()}
        for far in (3, 6, 11):
            target = stand.after[far]
            for key, name in ((target.id, "just its id"), (target.id + 1, "one more")):
                right = _closest(stand, key, known)
                said = stand.find(key)
                passed = Find(77, key % stand.size, stand.after[8], 4)
                findings.append(
                    _exactly(f"a key {far + 1} members away ({name}) goes to the "
                             f"closest known member before it{where}",
                             said, stand, passed, right, 0.5)
                )  # fmt: skip
        events = stand.node.last_events()
    return Verdict(tuple(findings), case.seed, events)


def _exactly(
    claim: str, said: list[Said], stand: Stand, message: Any, to: Contact,
    weight: float = 1.0,
) -> Finding:  # fmt: skip
    holds = [(one.to, one.message) for one in said] == [(to.address, message)]
    kind = type(message).__name__
    return ask(
        claim, holds, f"one {kind} to {to.id}, {stand.node.name_of(to.address)}",
        listed(said, stand.node),
        f"you are {stand.id}, your successor is {stand.after[0].id}: use within, "
        "then self.answer or self.forward",
        weight,
    )  # fmt: skip


def _alone(ring: type[Any], case: Case) -> Finding:
    node = OneNode(ring, config_of(case), 0, case.seed, node_id=5)
    asker = Contact(9, ("127.1.0.9", 7000))
    said = node.hear(asker.address, Find(3, 40, asker))
    me = Contact(5, node.ctx.me.address)
    return ask(
        "who is alone owns everything",
        [(one.to, one.message) for one in said]
        == [(asker.address, Found(3, 40, me, 0))],
        "Found with this member as the owner", listed(said, node),
        "alone, your successor is yourself, and (me, me] is the whole ring",
    )  # fmt: skip


def _stays(stand: Stand, first: Contact, told: Contact | None, claim: str) -> Finding:
    said = stand.neighbors(first, told, [])
    stays = stand.table()["successor"] == first.id
    return ask(
        claim,
        stays and [(one.to, one.message) for one in said]
        == [(first.address, Notify(stand.me))],
        f"successor {first.id} stays, and is told Notify(me)",
        f"successor {stand.table()['successor']}; {listed(said, stand.node)}",
        "follow message.predecessor only if it stands between you and your successor",
    )  # fmt: skip


def _heeds(ring: type[Any], case: Case) -> list[Finding]:
    stand = Stand(ring, case, 0)
    last, before = stand.after[-1], stand.after[-2]
    findings = []
    for peer, right, claim in (
        (before, before, "the first who notifies is the predecessor"),
        (last, last, "who stands nearer takes its place"),
        (before, last, "who stands further away does not"),
        (stand.me, last, "it does not become its own predecessor"),
    ):
        said = stand.node.hear(peer.address, Notify(peer))
        now = stand.table()["predecessor"]
        findings.append(
            ask(
                claim, now == right.id and not said,
                f"predecessor {right.id}, and silence",
                f"predecessor {now}; {listed(said, stand.node)}",
                f"you are {stand.id}: is the peer between your predecessor and you?",
            )
        )  # fmt: skip
    return findings


def _teach(stand: Stand, bits: int) -> list[int]:
    """Answer what the member looks up for its fingers; return the keys it asked."""
    asked: list[int] = []
    ids = {one.id: one for one in [*stand.after, stand.me]}
    for _ in range(6 * bits):
        for one in stand.node.wait(STEP_S):
            message = one.message
            if isinstance(message, Find) and message.asker == stand.me:
                asked.append(message.key)
                owner = ids[owner_of(message.key, ids)]
                stand.node.hear(
                    owner.address, Found(message.tag, message.key, owner, 2)
                )
            elif isinstance(message, Ask):
                first = stand.after[0]
                told = Neighbors(message.tag, first, stand.me, tuple(stand.after[1:3]))
                stand.node.hear(first.address, told)
    return asked


def _taught(stand: Stand, asked: list[int], bits: int) -> list[Finding]:
    starts = {(stand.id + (1 << i)) % stand.size for i in range(bits)}
    ids = [one.id for one in [*stand.after, stand.me]]
    far = [i for i in range(bits) if owner_of((stand.id + (1 << i)) % stand.size, ids)
           != stand.after[0].id]  # fmt: skip
    fingers = stand.table()["fingers"]
    right = [
        i for i in far
        if fingers.get(i) == owner_of((stand.id + (1 << i)) % stand.size, ids)
    ]  # fmt: skip
    odd = [key for key in asked if key not in starts]
    return [
        ask(
            "it looks up me.id + 2**i, around the ring", bool(asked) and not odd,
            f"keys such as {min(starts)}",
            f"{len(asked)} questions, {len(odd)} of them for other keys",
            "the start of finger i is (self.me.id + 2**i) % 2**bits", 2.0,
        ),
        ask(
            "finger i is the owner of me.id + 2**i", right == far,
            f"fingers {far} are right, as nobody nearer is known for them",
            f"{len(right)} of {len(far)} are",
            "take the next number in each call, and begin again after the last", 2.0,
        ),
    ]  # fmt: skip


def _closest(stand: Stand, key: int, known: set[int]) -> Contact:
    """Return the known member that comes last before the key, clockwise from here."""
    way = (key - stand.id) % stand.size
    inside = [one for one in known if 0 < (one - stand.id) % stand.size < way]
    best = max(inside, key=lambda one: (one - stand.id) % stand.size)
    return next(one for one in stand.after if one.id == best)
