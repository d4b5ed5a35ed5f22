"""Nodes in the sandbox are what they are in a notebook, but each alone."""

from __future__ import annotations

import pytest

from p2pkit.classroom.labs.lab1_gossip import Config, Tell
from p2pkit.classroom.sandbox.subject import SandboxSubject
from p2pkit.core import LabError
from p2pkit.harness import (
    LocalSubject,
    NotWritten,
    OneNode,
    Scenario,
    StudentError,
    play,
    play_whole,
)
from p2pkit.harness.determinism import same_again
from p2pkit.harness.scenario import Act
from tests.walls import SPEC, needs_walls, protocol, sandbox_of

pytestmark = [needs_walls, pytest.mark.timeout(60)]  # some hundred processes

GOSSIP = """
from p2pkit.classroom.labs.lab1_gossip import Learned, Station, Tell, rumor_id

class Node(Station):
    def __init__(self, ctx, config):
        super().__init__(ctx, config)
        self.known = {}
    def begin(self):
        self.timer = self.ctx.after(99.0, self.never)
        if self.ctx.me.id == 0:
            self.ctx.after(self.somewhen(1.0), self.start)
    def never(self):
        raise AssertionError
    def start(self):
        self.receive(None, Tell(b"news"))
    def receive(self, sender, message):
        rumor = rumor_id(message.body)
        if rumor in self.known:
            return
        self.known[rumor] = message
        self.timer.cancel()
        self.ctx.emit(Learned(rumor, message.hops))
        for peer in self.pick(3):
            self.ctx.send(peer, Tell(message.body, message.hops + 1))
    def count(self):
        return {"known": len(self.known), "at": self.ctx.now()}
"""
SCENARIO = Scenario(nodes=12, seed=5, config=Config(), lasts_s=3.0)


def test_a_run_is_the_same_in_the_sandbox_and_in_a_notebook() -> None:
    namespace: dict[str, object] = {}
    exec(GOSSIP, namespace)
    here = play_whole(LocalSubject(namespace).protocol("Node", SPEC), SCENARIO)

    with sandbox_of(GOSSIP) as sandbox:
        there = play_whole(SandboxSubject(sandbox).protocol("Node", SPEC), SCENARIO)
        counts = [there.ask(i, "count") for i in range(12)]

    assert there.journal.entries == here.journal.entries
    assert there.records == here.records
    assert counts == [here.ask(i, "count") for i in range(12)]


def test_nodes_share_no_global_and_no_attribute_of_their_class() -> None:
    source = GOSSIP + (
        "\nseen = []\n"
        "Node.receive = lambda self, sender, message: seen.append(message)\n"
        "Node.count = lambda self: len(seen)\n"
    )
    with sandbox_of(source) as sandbox:
        kind = SandboxSubject(sandbox).protocol("Node", SPEC)
        nodes = [OneNode(kind, Config(), seed=seed) for seed in range(3)]

        nodes[0].hear(0, Tell(b"x"))

        assert [node.ask("count") for node in nodes] == [1, 0, 0]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("self.ctx.send(sender, 'text')", "ctx.send takes a Tell"),
        ("self.ctx.send(('x', 'y'), message)", "address of a peer"),
        ("self.ctx.emit('text')", "ctx.emit takes a Learned"),
        ("self.ctx.after(1.0, 5)", "takes a function"),
        ("while True: self.ctx.send(sender, message)", "more than 2,000 messages"),
        ("while True: self.ctx.after(0, self.count)", "more than 1,000 timers"),
        ("raise NotImplementedError", "not written yet"),
        ("return 1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(0)", "ended itself with status 0"),
    ],
)
def test_a_bug_is_told_as_in_a_notebook(body: str, why: str) -> None:
    with sandbox_of(protocol(body)) as sandbox:
        kind = SandboxSubject(sandbox).protocol("Node", SPEC)
        node = OneNode(kind, Config())

        with pytest.raises(StudentError, match=why):
            node.hear(0, Tell(b"x"))


def test_an_unwritten_part_and_its_line_are_told() -> None:
    with sandbox_of(protocol("raise NotImplementedError()")) as sandbox:
        node = OneNode(SandboxSubject(sandbox).protocol("Node", SPEC), Config())

        with pytest.raises(NotWritten) as caught:
            node.hear(0, Tell(b"x"))

    assert caught.value.own_lines == "in receive, line 7: raise NotImplementedError()"


def test_a_missing_class_or_method_is_told() -> None:
    with sandbox_of("class Other: pass\nNode = 5") as sandbox:
        subject = SandboxSubject(sandbox)

        with pytest.raises(LabError, match="there is no class Gone"):
            subject.protocol("Gone", SPEC)
        with pytest.raises(LabError, match="should be a class"):
            subject.protocol("Node", SPEC)
        with pytest.raises(LabError, match="has no method"):
            subject.protocol("Other", SPEC)


FORGERIES = {
    "sent what is no message": "Sent(('127.0.0.1', 1), b'junk')",
    "set a timer that cannot be": "TimerSet(1, float('nan'))",
    "did what its carrier does not have": "Opened(('127.0.0.1', 1))",
    "reported what is no event": "Emitted(b'junk')",
}


@pytest.mark.parametrize("why", FORGERIES)
def test_a_forged_answer_ends_its_node(why: str) -> None:
    body = (
        "import gc\nfrom p2pkit.classroom.sandbox import child, frames\n"
        "ctx = next(o for o in gc.get_objects() if isinstance(o, child.ChildContext))\n"
        f"ctx.effects.append(frames.{FORGERIES[why]})"
    )
    with sandbox_of(protocol(body)) as sandbox:
        node = OneNode(SandboxSubject(sandbox).protocol("Node", SPEC), Config())

        with pytest.raises(StudentError, match=why):
            node.hear(0, Tell(b"x"))

        assert any(why in notice for notice in sandbox.notices)


def test_own_chance_and_clocks_differ_between_nodes_alike_each_time() -> None:
    body = (
        "import random, time, os, uuid\n"
        "self.heard = [random.random(), random.Random().random(), time.time(),\n"
        "              os.urandom(2), str(uuid.uuid4()), id(object()) % 4096]"
    )
    drawn = []
    for _ in range(2):
        with sandbox_of(protocol(body)) as sandbox:
            kind = SandboxSubject(sandbox).protocol("Node", SPEC)
            nodes = [OneNode(kind, Config()) for _ in range(2)]
            for node in nodes:
                node.hear(0, Tell(b"x"))
            drawn.append([node.ask("count") for node in nodes])
            notices = list(sandbox.notices)

    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]
    assert "it uses os.urandom, which is not the context's" in notices


def test_a_run_with_its_own_chance_is_not_deterministic() -> None:
    source = GOSSIP.replace("self.pick(3)", "__import__('random').sample(self.view, 3)")
    with sandbox_of(source) as sandbox:
        kind = SandboxSubject(sandbox).protocol("Node", SPEC)

        finding = same_again(kind, SCENARIO)

    assert not finding.holds


def test_endless_timers_and_endless_loops_end_the_check() -> None:
    source = GOSSIP.replace("self.ctx.after(99.0, self.never)", "self.spin()").replace(
        "def never(self):",
        "def spin(self):\n        while True: pass\n    def never(self):",
    )
    with sandbox_of(source) as sandbox:
        kind = SandboxSubject(sandbox).protocol("Node", SPEC)

        run = play(kind, SCENARIO)

        assert "processor time" in str(run.failure)
        assert sandbox.account.calls < 20  # the first loop closed the account


def test_a_verb_that_lies_about_equality_is_read_as_plain_data() -> None:
    body = (
        "class Any(int):\n    def __eq__(self, other): return True\nself.heard = Any(7)"
    )
    with sandbox_of(protocol(body)) as sandbox:
        node = OneNode(SandboxSubject(sandbox).protocol("Node", SPEC), Config())
        node.hear(0, Tell(b"x"))

        found = node.ask("count")

    assert type(found) is int
    assert found == 7


def test_an_act_runs_in_the_sandbox_as_well() -> None:
    scenario = SCENARIO.but(acts=(Act(0.5, 3, "count"),))
    with sandbox_of(GOSSIP) as sandbox:
        run = play_whole(SandboxSubject(sandbox).protocol("Node", SPEC), scenario)

    assert run.results[0]["at"] == 0.5
