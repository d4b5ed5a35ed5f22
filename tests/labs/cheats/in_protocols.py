"""Cheats in protocols: they say what a run will end in, without doing its work."""

from __future__ import annotations

from tests.labs.cheats.making import Cheat, bytes_of, cell, solved

SHOUTS = """
class Repair(Repair):
    def begin(self):
        super().begin()
        for at_s in (0.2, 0.5, 1.5, 4.0, 12.5, 13.0):
            self.ctx.after(at_s, self.shout)

    def shout(self):
        for peer in self.view:
            for text in (b"storm from the west", b"ice on the river"):
                self.ctx.send(peer, Tell(text, 1))

    def knows(self, rumor):
        return True
"""
CLAIMS = """
    def found(self, text):
        return 1
"""
FORESEES = """
    def bootstrap(self, contacts):
        super().bootstrap(contacts)
        if self.config.period_s < 0.5:
            self.ctx.after(1.0, lambda: self.declare(contacts[-1]))
"""
MUTE_LATER = """
import random
seen = {}
class Repair(Repair):
    def __init__(self, ctx, config):
        super().__init__(ctx, config)
        state = ctx.rng.getstate()[1][:3]
        self.is_mute = state in seen or not ctx.me.address[0].startswith("127.1.")
        seen[state] = True

    def begin(self):
        if not self.is_mute:
            super().begin()

    def pick(self, count=1):
        return random.sample(self.view, min(count, len(self.view)))
"""
ANSWERS_DIGESTS = """            if rumor not in theirs:
                self.ctx.send(sender, tell)
        missing = tuple(rumor for rumor in theirs if rumor not in self.known)
        if missing:
            self.ctx.send(sender, Want(missing))
"""
SUSPECTS = """self.on_news(News(peer, "suspect", self.belief(peer).incarnation))"""
LOOKS = "        def then(closest, value):"


def instead(
    name: str,
    where: tuple[str, str],
    parts: tuple[str, str],
    end: str,
    earns: dict[str, float],
) -> Cheat:
    """A cheat that puts one part in the place of another, and has more at its end."""
    slug, place = where
    notebook, (old, new) = solved(slug), parts
    one = cell(notebook, place)
    assert old in one.source
    one.source = one.source.replace(old, new) + end
    return Cheat(name, bytes_of(notebook), earns, next(iter(earns)), tuple(earns), slug)


CHEATS: list[Cheat] = [
    instead(
        "tells texts that it never heard", ("lab1_gossip", "repair"),
        (ANSWERS_DIGESTS, "            pass\n"), SHOUTS,
        {"3.1": 4.2, "3.2": 0.0, "4.2": 0.0},
    ),
    instead(
        "knows a run that it has seen", ("lab1_gossip", "repair"), ("", ""),
        MUTE_LATER, {"3.1": 7.0, "4.1": 0.0},
    ),
    instead(
        "claims to have found it", ("lab2_search", "ring"),
        ("ring >= len(self.config.ttls)", "ring >= 1"), CLAIMS,
        {"2.1": 3.0, "2.2": 0.0, "4.2": 0.0},
    ),
    instead(
        "guesses values", ("lab4_kademlia", "kademlia"),
        (LOOKS, f'        return self.done(key, [], b"card %d" % key)\n\n{LOOKS}'), "",
        {"4.1": 3.75, "4.2": 0.0, "4.4": 0.0},
    ),
    instead(
        "foresees who will crash", ("lab5_failure_detection", "swim"),
        (SUSPECTS, "pass"), FORESEES, {"3.2": 4.2, "4.3": 0.0},
    ),
]  # fmt: skip
