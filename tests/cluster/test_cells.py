"""Classes from a cell or a script reach the hosts with no extra step."""

from __future__ import annotations

import linecache
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.cluster.wire import NotSent
from p2pkit.core import ClusterError, Event
from tests.cluster.pinger import Pinger

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test
ROOT = Path(__file__).parents[2]

CELL = """
import msgspec
from p2pkit.core import *

class Hello(Message, frozen=True):
    text: str = "hi"
    tags: tuple[str, ...] = ()

    def loud(self):
        return self.text.upper()

class Heard(Event, frozen=True):
    loud: str

class HelloConfig(Settings, frozen=True):
    greeting: str = "hello"
    times: int

    def __post_init__(self):
        assert self.times > 0

HelloConfig.__struct_defaults__
def twice(text):
    return text + text

class Greeter:
    codec = MsgpackCodec(Hello)
    carrier = "datagram"
    Config = HelloConfig

    @staticmethod
    def choose_id(rng, address, config):
        return rng.getrandbits(160)

    def __init__(self, ctx, config):
        self.ctx, self.config, self.heard = ctx, config, []

    def receive(self, sender, message):
        self.heard.append(message)
        self.ctx.emit(Heard(message.loud()))

    def greet(self, address):
        self.ctx.send(address, Hello(twice(self.config.greeting)))

    def last(self):
        return self.heard[-1]

    def broken(self):
        nothing = None
        return nothing.name  # the student's own line

    def bootstrap(self, contacts):
        done = Operation("bootstrap")
        done.finish(None)
        return done

    maintain = lambda self: self.bootstrap(())
    neighbors = lambda self: ()
    inspect = lambda self: {}
    save = lambda self: b""
    restore = lambda self, saved: None
    stop = lambda self: None
"""
CELL = CELL.replace("    times: int\n", "    times: int = 1\n").replace(
    "HelloConfig.__struct_defaults__\n", ""
)

USE = """
def main():
    from p2pkit import Cluster
    with Cluster(Greeter, nodes=2, processes=2, seed=7, greeting="ho") as cluster:
        cluster[0].greet(cluster[1].address)
        cluster.wait_until(lambda one: one.trace.of(Heard))
        print(cluster[1].last() == Hello("hoho"), cluster.trace.of(Heard)[0].event)
        try:
            cluster[0].broken()
        except ClusterError as error:
            print(error)

main()
"""


def run_cell(text: str, name: str) -> dict[str, Any]:
    """Run a cell as IPython does: its lines are in `linecache` and in no file."""
    lines = text.splitlines(keepends=True)
    linecache.cache[name] = (len(text), None, lines, name)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), space)
    return space


def test_a_class_of_a_script_runs_in_the_hosts(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(CELL + USE)

    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )

    assert done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert first == "True Heard(loud='HOHO')"
    assert "return nothing.name  # the student's own line" in "\n".join(rest)


def test_a_class_of_a_cell_runs_in_the_hosts_with_its_source() -> None:
    space = run_cell(CELL, "<cell 12>")
    heard = space["Heard"]

    with Cluster(space["Greeter"], nodes=2, processes=2, greeting="ho") as cluster:
        cluster[0].greet(cluster[1].address)
        cluster.wait_until(lambda one: bool(one.trace.of(heard)))

        assert cluster[1].last() == space["Hello"]("hoho")
        assert cluster.config.greeting == "ho"
        with pytest.raises(ClusterError) as caught:
            cluster[0].broken()

    assert 'File "<cell 12>"' in str(caught.value)
    assert "return nothing.name  # the student's own line" in str(caught.value)


def test_a_cell_that_is_changed_gives_a_new_class() -> None:
    before = run_cell(CELL, "<cell 13>")
    after = run_cell(CELL.replace(".upper()", ".title()"), "<cell 14>")
    said = []
    for space in (before, after):
        heard = space["Heard"]
        with Cluster(space["Greeter"], nodes=2, greeting="ho") as cluster:
            cluster[0].greet(cluster[1].address)
            cluster.wait_until(lambda one, heard=heard: bool(one.trace.of(heard)))
            said.append(cluster.trace.of(heard)[0].event.loud)

    assert said == ["HOHO", "Hoho"]


def test_a_class_that_breaks_when_made_is_told_with_its_line() -> None:
    text = CELL.replace(
        "self.ctx, self.config, self.heard =",
        "self.oops; self.ctx, self.heard, self.x =",
    )
    space = run_cell(text, "<cell 15>")

    with pytest.raises(ClusterError, match=r"(?s)n0\d crashed.*oops.*<cell 15>"):
        Cluster(space["Greeter"], nodes=2).start()


def test_a_class_that_breaks_when_it_joins_is_told() -> None:
    text = CELL.replace('done = Operation("bootstrap")', "self.oops")
    space = run_cell(text, "<cell 16>")

    with pytest.raises(ClusterError, match=r"(?s)crashed while they joined.*oops"):
        Cluster(space["Greeter"], nodes=2).start()


ODD = '''
class Odd(Exception):
    """Pickles well, and cannot be made again: it wants two arguments."""

    def __init__(self, first, second):
        super().__init__(first)


class Returning(Pinger):
    def odd(self):
        return Odd(1, 2)
'''


def test_a_result_that_cannot_be_made_again_fails_alone() -> None:
    cell: dict[str, Any] = {"Pinger": Pinger, "__name__": "__main__"}
    exec(ODD, cell)

    with Cluster(cell["Returning"], nodes=2, processes=2, seed=7) as cluster:
        with pytest.raises(ClusterError, match="return plain values"):
            cluster[0].odd()
        assert [node.state for node in cluster] == ["alive", "alive"]
        assert cluster[0].counters is not None


TELLING = """
class Saw(Event, frozen=True):
    what: object


class Telling(Pinger):
    def tell(self):
        self.ctx.emit(Saw(self.ctx))
        self.ctx.emit(Saw("plain"))
        return 1
"""


def test_an_event_that_cannot_be_sent_keeps_no_reply_back() -> None:
    cell: dict[str, Any] = {"Pinger": Pinger, "Event": Event, "__name__": "__main__"}
    exec(TELLING, cell)

    with Cluster(cell["Telling"], nodes=2, processes=1, seed=7) as cluster:
        assert cluster[0].tell(timeout_s=20) == 1
        assert cluster[1].note("later", timeout_s=20) == 1

        [odd] = cluster.trace.of(NotSent)
        assert (odd.node, odd.event.event) == ("n00", "Saw")
        assert "put plain values into events" in odd.event.why
        assert [one.event.what for one in cluster.trace.of(cell["Saw"])] == ["plain"]
        assert [node.state for node in cluster] == ["alive", "alive"]
