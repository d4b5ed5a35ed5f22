"""JupyterLab as a person has it: by ``p2pkit lab`` or by itself, driven in Chromium."""

import json
import os
import re
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import nbformat

START_MS = 60_000
LIMIT_MS = 30_000

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\S*")


def answers(address):
    """Tell whether somebody listens: Jupyter prints its address a moment before."""
    parts = urlsplit(address)
    with socket.socket() as one:
        return one.connect_ex((parts.hostname, parts.port)) == 0


class Lab:
    """A server on a folder of its own; a context manager."""

    def __init__(self, folder, *, is_plain=False):
        self.folder, self.is_plain = folder, is_plain
        self.log = folder / "log.txt"
        self.process = None

    def __enter__(self):
        private = {
            name: str(self.folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        }
        (self.folder / "notebooks").mkdir()
        root = str(self.folder / "notebooks")
        ours = ["p2pkit.cli", "lab", "--notebooks", root]
        plain = ["jupyterlab", f"--ServerApp.root_dir={root}", "--allow-root"]
        command = [sys.executable, "-m", *(plain if self.is_plain else ours)]
        options = ["--ServerApp.port=0", "--LabApp.expose_app_in_browser=True"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--no-browser", *options],
                env=os.environ | private,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(20)

    def address(self, tab):
        """Return the address that it printed, once it has and answers there."""
        for _ in range(START_MS // 100):
            found = ADDRESS.search(self.log.read_text())
            if found and answers(found[0]):
                return found[0]
            if self.process.poll() is not None:
                break
            tab.wait_for_timeout(100)
        raise AssertionError(self.log.read_text())

    def write(self, name, *cells):
        """Write a notebook of code cells."""
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(c) for c in cells]
        )
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(book, self.folder / "notebooks" / name)

    def read(self, name):
        """Return a notebook as it is saved."""
        return json.loads((self.folder / "notebooks" / name).read_text("utf-8"))


READY = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""

RUN = """place => {
    const panel = jupyterapp.shell.currentWidget;
    panel.content.activeCellIndex = place;
    panel.content.deselectAll();
    return jupyterapp.commands.execute("notebook:run-cell").then(() => null);
}"""

BEGIN = RUN.replace("return jupyterapp", "jupyterapp").replace(".then(() => null)", "")

TEXT = """place => {
    const cell = jupyterapp.shell.currentWidget.content.widgets[place];
    return cell.outputArea.node.innerText;
}"""


class Notebook:
    """One open notebook in a tab."""

    def __init__(self, lab, tab, name):
        self.lab, self.tab, self.name = lab, tab, name

    def open(self):
        """Open it, and wait until its kernel is there."""
        parts = urlsplit(self.lab.address(self.tab))
        base = f"{parts.scheme}://{parts.netloc}/lab"
        self.tab.goto(f"{base}/tree/{self.name}?{parts.query}&reset")
        self.tab.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START_MS)
        self.tab.evaluate(READY)
        return self

    def run(self, place):
        """Run a cell to its end; return what it wrote."""
        self.tab.evaluate(RUN, place)
        return self.output(place)

    def begin(self, place):
        """Run a cell, and do not wait for it."""
        self.tab.evaluate(BEGIN, place)

    def output(self, place):
        """Return what a cell wrote so far."""
        return self.tab.evaluate(TEXT, place)

    def wrote(self, place, text):
        """Wait until a cell has written something."""
        output = self.tab.locator(".jp-CodeCell").nth(place).locator(".jp-OutputArea")
        output.filter(has_text=text).wait_for(timeout=START_MS)

    def command(self, name, arguments=None):
        """Do one of JupyterLab's own commands."""
        self.tab.evaluate(
            "([name, some]) => jupyterapp.commands.execute(name, some).then(() => 0)",
            [name, arguments or {}],
        )
