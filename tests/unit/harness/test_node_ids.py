"""A scenario says which ids its nodes have, wherever they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2pkit.core import Address, Context, Message, MsgpackCodec, Settings
from p2pkit.harness import LocalSubject, OneNode, ProtocolSpec, Scenario, play_whole


class Hello(Message, frozen=True):
    """What nobody says here."""


class Named:
    """A node that tells its id."""

    def __init__(self, ctx: Context, config: Settings) -> None:
        self.ctx = ctx

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Know nobody."""

    def receive(self, sender: Address, message: Hello) -> None:
        """Hear nothing."""

    def who(self) -> int:
        """Return the id."""
        return self.ctx.me.id


SPEC = ProtocolSpec(
    codec=MsgpackCodec(Hello), config=Settings, verbs=("who",), messages=(Hello,)
)
NAMED: type[Any] = LocalSubject({"Named": Named}).protocol("Named", SPEC)


def test_nodes_have_the_ids_of_their_scenario() -> None:
    run = play_whole(
        NAMED, Scenario(nodes=2, seed=7, config=Settings(), ids=(40, 12), lasts_s=1.0)
    )

    assert [run.ask(number, "who") for number in range(2)] == [40, 12]


def test_nodes_have_their_numbers_for_ids_where_nothing_is_said() -> None:
    run = play_whole(NAMED, Scenario(nodes=2, seed=7, config=Settings(), lasts_s=1.0))

    assert [run.ask(number, "who") for number in range(2)] == [0, 1]


def test_one_node_among_mock_neighbors_has_the_id_that_the_check_gives_it() -> None:
    node = OneNode(NAMED, Settings(), node_id=99)

    assert node.ask("who") == 99
