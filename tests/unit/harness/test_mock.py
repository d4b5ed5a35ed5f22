"""A check can play everybody whom one node meets."""

from __future__ import annotations

from typing import Any

from p2pkit.harness import LocalSubject, OneNode, listed
from tests.echoing import SPEC, Echo, EchoConfig, Ping, Pong


class Ticking(Echo):
    """Pings a random peer now and then."""

    def bootstrap(self, contacts: Any) -> None:
        super().bootstrap(contacts)
        self.ctx.after(self.config.every_s, self.on_tick)

    def on_tick(self) -> None:
        self.ctx.send(self.ctx.rng.choice(self.view), Ping(1))
        self.ctx.after(self.config.every_s, self.on_tick)


def one_node(kind: type[Any] = Echo, **changes: Any) -> OneNode:
    protocol = LocalSubject({"Echo": kind}).protocol("Echo", SPEC)
    return OneNode(protocol, EchoConfig(), **changes)


def test_time_moves_only_when_the_check_moves_it() -> None:
    node = one_node(Ticking)

    assert node.wait(0.5) == []
    assert [one.at_s for one in node.wait(3.0)] == [1.0, 2.0, 3.0]


def test_same_seed_makes_the_same_choices() -> None:
    first, second = (one_node(Ticking, seed=3).wait(20.0) for _ in range(2))

    assert first == second
    assert len({one.to for one in first}) > 1


def test_story_tells_what_was_said_both_ways() -> None:
    node = one_node()
    node.hear(1, Ping(4))

    assert node.last_events() == (
        "T=0.000 neighbor 1 -> node: Ping(number=4)",
        "T=0.000 node -> neighbor 1: Pong(number=4)",
    )


def test_verbs_are_called_and_what_they_send_waits() -> None:
    node = one_node(neighbors=2)

    node.ask("poke", 9)
    node.hear(0, Pong(9))

    assert node.ask("count") == 1
    assert node.take() == []


def test_what_was_sent_is_listed_in_a_few_words() -> None:
    node = one_node(neighbors=6)
    node.ask("poke", 1)

    said = node.take()

    assert listed([], node) == "nothing was sent"
    assert listed(said, node).startswith("Ping(number=1) to neighbor 0; ")
    assert listed(said, node).endswith("and 2 more")
