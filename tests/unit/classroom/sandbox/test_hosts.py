"""Processes hold nodes of several runs, and never two of one run."""

from __future__ import annotations

import pytest

from p2pkit.classroom.labs.lab1_gossip import Config
from p2pkit.classroom.sandbox.hosts import MOST_KEPT, MOST_NODES, Hosts
from p2pkit.classroom.sandbox.limits import Limits
from p2pkit.classroom.sandbox.sandbox import Sandbox
from p2pkit.classroom.sandbox.subject import SandboxSubject
from p2pkit.harness import Run, Scenario, play_whole
from p2pkit.harness.scenario import Fate
from tests.walls import SPEC, needs_walls, sandbox_of

HERE, THERE = ("127.1.0.1", 7000), ("127.1.0.2", 7000)


class FakeRemote:
    """A process that is none."""

    dead, waited_s, limits = "", 0.0, Limits(cpu_s=4)

    def close(self) -> None:
        """Note it."""
        self.dead = "closed"


class Made:
    """The hosts, and the processes that they made."""

    def __init__(self) -> None:
        self.remotes: list[FakeRemote] = []
        self.hosts = Hosts(self._make)  # type: ignore[arg-type]

    def _make(self, _cells: object) -> FakeRemote:
        self.remotes.append(FakeRemote())
        return self.remotes[-1]


def test_nodes_of_one_run_live_apart_and_those_of_the_next_move_in() -> None:
    made, first, second = Made(), object(), object()

    rooms = [made.hosts.room((1,), at, first) for at in (HERE, THERE)]
    later = [made.hosts.room((1,), at, second) for at in (HERE, THERE)]

    assert len(made.remotes) == 2
    assert [one.host for one in later] == [one.host for one in rooms]
    assert [one.number for one in later] == [2, 2]


def test_a_node_that_starts_again_in_its_run_gets_another_process() -> None:
    made, run = Made(), object()

    before, after = (made.hosts.room((1,), HERE, run) for _ in range(2))

    assert before.host is not after.host


@pytest.mark.parametrize("other", [(2,), None])
def test_other_cells_are_another_process(other: tuple[int] | None) -> None:
    made = Made()

    rooms = [made.hosts.room(cells, HERE, object()) for cells in ((1,), other)]

    assert rooms[0].host is not rooms[1].host


def test_a_process_ends_after_its_last_node_and_a_single_one_with_it() -> None:
    made = Made()
    rooms = [made.hosts.room(None, HERE, object()) for _ in range(MOST_NODES + 1)]
    alone = made.hosts.room(None, HERE, None)

    for room in [*rooms, alone]:
        room.leave()

    assert [one.dead for one in made.remotes] == ["closed", "", "closed"]


def test_the_dead_take_nobody_in() -> None:
    made = Made()
    made.hosts.room(None, HERE, object())
    made.remotes[0].dead = "ended itself"

    made.hosts.room(None, HERE, object())

    assert len(made.remotes) == 2


def test_who_has_used_a_fourth_of_its_time_takes_nobody_in() -> None:
    made = Made()
    made.hosts.room(None, HERE, object())
    made.remotes[0].waited_s = 1.0

    made.hosts.room(None, HERE, object())

    assert len(made.remotes) == 2


def test_no_more_are_kept_than_there_is_room_for() -> None:
    made = Made()
    for port in range(MOST_KEPT + 5):
        made.hosts.room(None, ("127.0.0.1", port), object()).leave()

    alive = [one for one in made.remotes if not one.dead]

    assert len(alive) == MOST_KEPT


MEMORY = """
from p2pkit.classroom.labs.lab1_gossip import Station
heard = []
class Node(Station):
    def begin(self):
        heard.append(self.ctx.me.address)
    def receive(self, sender, message):
        pass
    def count(self):
        return len(heard)
"""


def counts(sandbox: Sandbox, **fates: tuple[Fate, ...]) -> tuple[Run, list[int]]:
    """What each node finds in its process after a run of five."""
    scenario = Scenario(nodes=5, seed=3, config=Config(), lasts_s=2.0, **fates)  # type: ignore[arg-type]
    run = play_whole(SandboxSubject(sandbox).protocol("Node", SPEC), scenario)
    return run, [run.ask(number, "count") for number in range(5)]


@needs_walls
def test_what_one_node_keeps_no_other_node_of_its_run_finds() -> None:
    with sandbox_of(MEMORY) as sandbox:
        first, found = counts(sandbox)
        second, found_later = counts(sandbox)

    assert (found, found_later) == ([1] * 5, [2] * 5)
    hosts = [
        [node.protocol._room.host for node in run.nodes] for run in (first, second)
    ]
    assert hosts[0] == hosts[1]
    assert len(set(hosts[0])) == 5


@needs_walls
def test_a_node_that_crashed_finds_nothing_of_its_former_life() -> None:
    fates = (Fate(0.5, 2, "kill"), Fate(1.0, 2, "start"))
    with sandbox_of(MEMORY) as sandbox:
        counts(sandbox)

        assert counts(sandbox, fates=fates)[1] == [2, 2, 1, 2, 2]
