"""Probes: small experiments that tell what this machine allows.

Each returns a state (``ok``, ``limited`` or ``missing``), what was found, and what to
do about it. None of them changes anything or leaves anything behind.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from importlib import metadata
from importlib.util import find_spec

from p2pkit.observe.extras import install_line

Probed = tuple[str, str, str]

WANTED_BUFFER_BYTES = 1 << 20
"""Receive buffer a node asks for."""

WANTED_FILES = 4096
"""Open files for a thousand nodes in a process, each with a socket, and room."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox")


def python() -> Probed:
    """Tell the version of Python."""
    return "ok", f"{sys.version.split()[0]} on {sys.platform}", ""


def addresses() -> Probed:
    """Tell whether nodes may each have a loopback address of their own."""
    try:
        _bind("127.0.0.1")
    except OSError as error:
        return "missing", str(error), "Loopback sockets are needed for everything."
    try:
        _bind("127.77.1.2")
    except OSError:
        advice = 'Clusters here need addresses="shared".'
        return "limited", "127.0.0.1 alone", advice
    return "ok", "any address of 127.0.0.0/8", ""


def _bind(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))


def receive_buffer() -> Probed:
    """Tell how many bytes of a datagram socket's receive buffer are granted."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WANTED_BUFFER_BYTES)
        granted = probe.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if sys.platform == "linux":
        granted //= 2  # Linux reports twice what it grants, for its own bookkeeping
    if granted >= WANTED_BUFFER_BYTES:
        return "ok", f"{granted:,} bytes", ""
    advice = "Bursts may be lost. With rights: sysctl -w net.core.rmem_max=4194304"
    return "limited", f"{granted:,} of {WANTED_BUFFER_BYTES:,} bytes", advice


def open_files() -> Probed:
    """Tell how many files and sockets one process may have open."""
    try:
        import resource
    except ModuleNotFoundError:
        return "ok", "no limit is kept on this system", ""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reach = hard if hard != resource.RLIM_INFINITY else 1 << 30
    found = f"{soft:,}, may be raised to {'any' if reach == 1 << 30 else f'{hard:,}'}"
    if reach < WANTED_FILES:
        advice = "Use more processes for big clusters, or raise it: ulimit -n 4096"
        return "limited", found, advice
    return "ok", found, ""


def private_network() -> Probed:
    """Tell whether a cluster can have a network of its own without any rights.

    A child goes in, sets it up, and opens the sockets that it is for.
    """
    from p2pkit.cluster.network import why_no_private_network

    refused = why_no_private_network()
    if refused is None:
        return "ok", "set up and used: packet and raw sockets, MTU, offload", ""
    why = os.strerror(refused.number)
    return "limited", f"refused at the step {refused.step!r}: {why}", refused.advice


def packet_socket() -> Probed:
    """Tell whether packets can be captured from the machine's loopback."""
    from p2pkit.net.refusals import open_socket

    family = getattr(socket, "AF_PACKET", None)
    if family is None:
        return "limited", "no packet sockets here", "Each node's tap sees the same."
    try:
        open_socket(family, socket.SOCK_RAW).close()
    except OSError as error:
        advice = 'Capture in network="private", or use each node\'s tap.'
        return "limited", error.strerror or str(error), advice
    return "ok", "raw packet socket", ""


def browser() -> Probed:
    """Tell which browser can show live pages."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return "ok", path, ""
    if sys.platform in ("darwin", "win32"):
        return "ok", "the system's", ""
    return "limited", "none", "Open the printed addresses elsewhere on this machine."


def tshark() -> Probed:
    """Tell whether tshark is here to name packets."""
    if path := shutil.which("tshark"):
        return "ok", path, ""
    return "limited", "none", "Optional: install the package tshark or wireshark."


def package(name: str, extra: str, purpose: str) -> Probed:
    """Tell whether an optional package is installed, and which extra brings it."""
    if find_spec(name) is None:
        advice = f"For {purpose}: {install_line(extra)}"
        return "missing", "not installed", advice
    try:
        return "ok", metadata.version(name), ""
    except metadata.PackageNotFoundError:
        return "ok", "installed", ""
