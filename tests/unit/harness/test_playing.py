"""A scenario runs as it says, is cut short where it must be, and is judged whole."""

from __future__ import annotations

from typing import Any

import pytest

from p2pkit.core import LabError
from p2pkit.faults import Constant, Link
from p2pkit.harness import (
    Act,
    Cut,
    Fate,
    LocalSubject,
    NodeAt,
    Scenario,
    StudentError,
    play,
    play_on_sockets,
    play_whole,
    same_again,
)
from tests.echoing import SPEC, Echo, EchoConfig, Ping, Pong


def protocol(kind: type[Any] = Echo) -> type[Any]:
    return LocalSubject({"Echo": kind}).protocol("Echo", SPEC)


def scenario(**changes: Any) -> Scenario:
    base = Scenario(
        nodes=4, seed=7, config=EchoConfig(), acts=(Act(0.0, 0, "poke", (5,)),),
        lasts_s=1.0,
    )  # fmt: skip
    return base.but(**changes)


def test_journal_has_every_message_and_the_run_its_answers() -> None:
    run = play_whole(protocol(), scenario())

    assert run.journal.counts() == {"Ping": 3, "Pong": 3}
    assert run.ask(0, "count") == 3
    assert [node for _, node, _ in run.events(SPEC.events[0])] == ["n1", "n2", "n3"]
    assert run.last_events()[-1] == "T=0.020 n0 <- n3: Pong(number=5)"


def test_same_scenario_gives_the_same_journal() -> None:
    one, other = (play_whole(protocol(), scenario()) for _ in range(2))

    assert [str(entry) for entry in one.journal.entries] == [
        str(entry) for entry in other.journal.entries
    ]


def test_links_say_who_is_known() -> None:
    run = play_whole(protocol(), scenario(links=[(0, 1), (2, 3)]))

    assert run.journal.first_heard(Ping).keys() == {"n1"}


def test_cut_drops_what_crosses_it_until_it_is_mended() -> None:
    cut = Cut(0.0, 0.5, ((0, 1), (2, 3)))
    acts = (Act(0.1, 0, "poke", (1,)), Act(0.6, 0, "poke", (2,)))

    run = play_whole(protocol(), scenario(cuts=(cut,), acts=acts))

    assert run.journal.count("heard", Ping) == 1 + 3
    assert run.journal.count("lost") == 2


def test_who_is_killed_hears_nothing_and_begins_again_with_nothing() -> None:
    fates = (Fate(0.1, 0, "kill"), Fate(0.2, 0, "start"))
    acts = (Act(0.0, 0, "poke", (1,)), Act(0.15, 0, "poke", (2,)))

    run = play_whole(protocol(), scenario(fates=fates, acts=acts))

    assert run.journal.count("sent", Ping) == 3
    assert run.ask(0, "count") == 0


def test_argument_can_stand_for_an_address() -> None:
    class Aimed(Echo):
        def poke(self, peer: Any) -> None:
            self.ctx.send(tuple(peer), Ping(1))

    acts = (Act(0.0, 0, "poke", (NodeAt(2),)),)

    run = play_whole(protocol(Aimed), scenario(acts=acts))

    assert run.journal.first_heard(Ping).keys() == {"n2"}


class Storm(Echo):
    """Answers a Pong with a Ping: it never ends."""

    def receive(self, sender: Any, message: Any) -> None:
        answer = Pong(1) if isinstance(message, Ping) else Ping(1)
        self.ctx.send(sender, answer)


class Spinning(Echo):
    """Sets a timer of no length again and again."""

    def poke(self, number: int) -> None:
        self.ctx.after(0.0, lambda: self.poke(number))


def test_storm_is_cut_short_and_said_so() -> None:
    stormy = scenario(lasts_s=1e6, most_messages=5_000)

    assert play(protocol(Storm), stormy).was_cut_short
    with pytest.raises(LabError, match="cut short after 5,000 messages"):
        play_whole(protocol(Storm), stormy)


def test_time_that_stands_still_is_cut_short_and_said_so() -> None:
    with pytest.raises(LabError, match="Is a delay 0"):
        play_whole(protocol(Spinning), scenario(most_messages=1_000))


def test_error_in_a_node_ends_in_its_authors_lines() -> None:
    class Broken(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            self.nothing += 1  # type: ignore[attr-defined]

    with pytest.raises(StudentError, match=r"Broken\.receive raised") as told:
        play_whole(protocol(Broken), scenario())

    assert "self.nothing += 1" in told.value.own_lines


def test_same_scenario_runs_on_sockets() -> None:
    lossless = scenario(link=Link(latency=Constant(0.001)), lasts_s=5.0)

    run = play_on_sockets(
        protocol(), lossless, lambda run: run.journal.count("heard", Pong) == 3
    )

    assert run.failure is None
    assert run.ask(0, "count") == 3
    assert set(run.journal.first_heard(Ping)) == {"n1", "n2", "n3"}


def test_order_of_a_set_is_found_out() -> None:
    class Unordered(Echo):
        def poke(self, number: int) -> None:
            for peer in set(self.view):
                self.ctx.send(peer, Ping(number))

    wide = scenario(nodes=12)

    assert same_again(protocol(), wide).holds
    found = same_again(protocol(Unordered), wide)
    assert not found.holds
    assert "differ first in" in found.measured


def test_chance_of_ones_own_is_found_out() -> None:
    import random

    class Gambling(Echo):
        def poke(self, number: int) -> None:
            self.ctx.send(random.choice(self.view), Ping(number))

    found = same_again(protocol(Gambling), scenario(nodes=60))

    assert not found.holds


def test_silence_is_no_proof() -> None:
    class Mute(Echo):
        def poke(self, number: int) -> None:
            pass

    found = same_again(protocol(Mute), scenario(nodes=12))

    assert not found.holds
    assert found.measured == "there was nothing to compare"


def test_who_is_mute_the_second_time_is_not_the_same() -> None:
    seen: dict[object, bool] = {}

    class MuteLater(Echo):
        def poke(self, number: int) -> None:
            if seen.setdefault(number, self.ctx.me.address[0].startswith("127.1.")):
                super().poke(number)
            seen[number] = False

    asked = scenario(nodes=12)
    first = play_whole(protocol(MuteLater), asked)

    assert not same_again(protocol(MuteLater), asked, first).holds


def test_what_befalls_a_node_that_has_failed_does_not_hide_why() -> None:
    class Fails(Echo):
        def receive(self, sender: Any, message: Any) -> None:
            raise ValueError(message)

    fates = (Fate(0.5, 1, "pause"), Fate(0.6, 1, "resume"), Fate(0.7, 1, "kill"))

    run = play(protocol(Fails), scenario(fates=fates))

    assert "ValueError" in str(run.failures["n1"])
