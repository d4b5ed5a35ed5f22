import json
import signal
import subprocess
import sys
import threading

import pytest

COMMAND = [sys.executable, "-m", "p2pkit.cli"]


class NodeProcess:
    """`p2pkit node` as a child; its lines are read as they come."""

    def __init__(self, *options, protocol="kademlia"):
        self.child = subprocess.Popen(
            [*COMMAND, "node", protocol, "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = self.next_event()

    @property
    def listen(self):
        return self.ready["listen"]

    def next_event(self):
        line = self.child.stdout.readline()
        assert line, f"no line came; stderr: {self.child.stderr.read()}"
        return json.loads(line)

    def wait_for(self, name):
        while (event := self.next_event())["event"] != name:
            pass
        return event

    def end(self, number=signal.SIGTERM):
        """Send a signal; return exit status and what stderr said."""
        self.child.send_signal(number)
        threading.Thread(target=self.child.stdout.read, daemon=True).start()
        status = self.child.wait(10)
        return status, self.child.stderr.read()


@pytest.fixture
def start_node():
    started = []

    def start(*options, **named):
        node = NodeProcess(*options, **named)
        started.append(node.child)
        return node

    yield start
    for child in started:
        if child.poll() is None:
            child.kill()
        child.wait(10)
        child.stdout.close()
        child.stderr.close()


@pytest.fixture
def p2pkit():
    """Run the command to its end; return what it left."""

    def run(*args, timeout_s=15):
        return subprocess.run(
            [*COMMAND, *args],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run
