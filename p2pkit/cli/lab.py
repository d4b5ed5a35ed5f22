"""`p2pkit lab`: JupyterLab on lectures and labs, as a child that takes our place."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from p2pkit.cli.guard import fail, say
from p2pkit.observe.extras import install_line

OFFLINE = (
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class="
    "jupyterlab.handlers.announcements.NeverCheckForUpdate",
)
"""What keeps JupyterLab from asking for news, extensions and updates outside."""

CONFIG = Path(__file__).parent / "jupyter"
"""JupyterLab's settings: defaults, without which it asks whether it may ask, and the
extension that keeps the last picture of a live view, for where it is not installed."""

TOUR = "00_start_here.ipynb"
"""The notebook that JupyterLab opens with, where it is there."""

CHECKOUT = Path(__file__).resolve().parents[2]
"""Where the repository is, if the kit runs from one."""


def run_lab(folder: str | None, args: list[str]) -> None:
    """Run JupyterLab until it ends, on `folder` or on what `root_of` finds."""
    if find_spec("jupyterlab") is None:
        fail(f"JupyterLab is not installed here: {install_line('notebook')}")
    root = root_of(folder)
    say(f"JupyterLab on {root}; its address follows. Ctrl-C twice ends it.")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    command += [*OFFLINE, *_rights()]
    known = os.environ.get("JUPYTER_CONFIG_PATH")
    paths = [*([known] if known else []), str(CONFIG)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)
    if tour := tour_in(root):
        command.append(f"--LabApp.default_url=/lab/tree/{tour}")
    if os.name == "posix":
        # No second process in between: signals and the exit status are Jupyter's.
        os.execv(sys.executable, [*command, *args])
    raise SystemExit(subprocess.call([*command, *args]))


def _rights() -> list[str]:
    """Return what lets root start it, which Jupyter refuses by itself."""
    # In a container root is often the only user, and the server listens on loopback
    # and wants a token; whoever is root here gains nothing from the refusal.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--allow-root"] if is_root else []


def root_of(folder: str | None, checkout: Path = CHECKOUT) -> Path:
    """Return the folder to open.

    It is the one named; else, here or in the checkout, the one that holds lectures and
    labs, so that both can be reached; else one of lectures alone; else this one.
    """
    if folder is not None:
        if not Path(folder).is_dir():
            fail(f"there is no folder {folder}: name one that holds notebooks")
        return Path(folder).resolve()
    for place in (Path.cwd(), checkout):
        if (place / "notebooks").is_dir():
            return place if (place / "labs").is_dir() else place / "notebooks"
    return Path.cwd()


def tour_in(root: Path) -> str:
    """Return the path of the tour below a folder, as in a URL; empty without one."""
    places = (f"notebooks/{TOUR}", TOUR)
    return next((place for place in places if (root / place).is_file()), "")
