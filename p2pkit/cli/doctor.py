"""`p2pkit doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

from p2pkit.cli import probes
from p2pkit.cli.guard import say

WORDS = {"ok": "yes", "limited": "limited", "missing": "no"}


class Finding(NamedTuple):
    """One thing examined.

    `state` is ``ok``, ``limited`` (works, with less) or ``missing``; `advice` is
    empty where there is nothing to do.
    """

    name: str
    state: str
    found: str
    advice: str = ""


CHECKS: dict[str, Callable[[], tuple[str, str, str]]] = {
    "Python": probes.python,
    "addresses 127.x.y.z": probes.addresses,
    "receive buffer": probes.receive_buffer,
    "open files": probes.open_files,
    "private network": probes.private_network,
    "packet capture": probes.packet_socket,
    "browser": probes.browser,
    "tshark": probes.tshark,
    "JupyterLab": lambda: probes.package("jupyterlab", "notebook", "the notebooks"),
    "pyvis": lambda: probes.package("pyvis", "view", "pictures of the overlay"),
    "pandas": lambda: probes.package("pandas", "view", "tables"),
    "matplotlib": lambda: probes.package("matplotlib", "view", "plots"),
    "scapy": lambda: probes.package("scapy", "capture", "packets"),
    "libtorrent": lambda: probes.package("libtorrent", "clients", "foreign clients"),
    "uvloop": lambda: probes.package("uvloop", "fast", "a faster event loop"),
}


def run_doctor(*, as_json: bool) -> None:
    """Examine everything and print it; status 1 if p2pkit cannot run here at all."""
    findings = [Finding(name, *check()) for name, check in CHECKS.items()]
    if as_json:
        say(json.dumps([one._asdict() for one in findings]))
    else:
        _print_table(findings)
    vital = {"Python", "addresses 127.x.y.z"}
    if any(one.name in vital and one.state == "missing" for one in findings):
        raise SystemExit(1)


def _print_table(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("what", "works", "found", "what to do"):
        table.add_column(column, overflow="fold")
    colors = {"ok": "green", "limited": "yellow", "missing": "red"}
    for one in findings:
        word = f"[{colors[one.state]}]{WORDS[one.state]}[/]"
        table.add_row(one.name, word, escape(one.found), escape(one.advice))
    Console(file=sys.stdout).print(table)
