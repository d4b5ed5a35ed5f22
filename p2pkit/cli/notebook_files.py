"""Notebooks as Jupyter keeps them: a live view without its kernel is a picture.

A cell that shows a view holds two outputs: which widget, and a still picture for who
cannot show it. JupyterLab takes the first even when the widget's kernel is gone, and
then shows nothing. So the still is kept up to date as the notebook is saved, and the
widget is left out as soon as its kernel is not one that runs.

This is an extension of Jupyter's server; the package brings the file that enables it.
"""

from __future__ import annotations

import inspect
import os
import re
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from p2pkit.view.keepsake import FOLDER

WIDGET, STILL = "application/vnd.jupyter.widget-view+json", "text/html"

MARK = re.compile(
    r'<div class="p2pkit-still" data-view="([\w-]+)" data-process="(\d+)">'
)
"""How our stills begin: the view, and the kernel's process. Others are left alone."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Have a server's notebooks kept so; Jupyter calls it."""
    # Kernels are children of this server, so they find the folder by its name.
    folder = tempfile.TemporaryDirectory(prefix="p2pkit-stills-")
    os.environ[FOLDER] = folder.name

    def keep(*, model: Any, **_: Any) -> None:
        if model.get("type") == "notebook" and model.get("content"):
            keep_pictures(model["content"], Path(folder.name), _processes(server))

    files = server.contents_manager
    files.register_pre_save_hook(keep)
    files.get = _kept(files.get, keep)  # there is no hook for what is opened


def _kept(
    get: Callable[..., Any], keep: Callable[..., None]
) -> Callable[..., Awaitable[Any]]:
    async def kept(*args: Any, **options: Any) -> Any:
        model = get(*args, **options)
        if inspect.isawaitable(model):  # some keep files elsewhere, and wait for them
            model = await model
        keep(model=model)
        return model

    return kept


def _processes(server: Any) -> set[str]:
    """Return the numbers of the processes that are kernels."""
    kernels = server.kernel_manager
    running = [kernels.get_kernel(one) for one in kernels.list_kernel_ids()]
    return {str(getattr(one.provisioner, "pid", "")) for one in running}


def keep_pictures(notebook: Any, folder: Path, running: set[str]) -> None:
    """Bring the stills of live views up to date; leave views out whose kernel is gone.

    Parameters
    ----------
    notebook : notebook as plain data
        It is changed.
    folder : Path
        Where the latest stills are.
    running : set of str
        Numbers of the processes that are kernels.
    """
    for data in _views(notebook):
        found = MARK.match("".join(data[STILL]))
        if found is None:
            continue
        view, process = found.groups()
        latest = folder / f"{view}.html"
        if latest.is_file():
            data[STILL] = latest.read_text("utf-8")
        if process not in running:
            data.pop(WIDGET, None)


def _views(notebook: Any) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if WIDGET in data and STILL in data:
                yield data
