"""Notebooks as `p2pkit lab` keeps them: a live view without its kernel is a picture.

A cell that shows a view holds two outputs: which widget, and a still picture for who
cannot show it. JupyterLab takes the first even when the widget's kernel is gone, and
then shows nothing. So the still is kept up to date as the notebook is saved, and the
widget is left out as soon as its kernel is not the one that runs.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from p2pkit.view.keepsake import FOLDER

WIDGET, STILL = "application/vnd.jupyter.widget-view+json", "text/html"

MARK = re.compile(
    r'<div class="p2pkit-still" data-view="([\w-]+)" data-process="(\d+)">'
)
"""How our stills begin: the view, and the kernel's process. Others are left alone."""


class NotebookFiles(AsyncLargeFileManager):
    """Jupyter's own files, but for live views."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Kernels are children of this server, so they find it by its name.
        self._folder = tempfile.TemporaryDirectory(prefix="p2pkit-stills-")
        os.environ[FOLDER] = self._folder.name

    async def get(self, path: str, *args: Any, **options: Any) -> Any:
        """Return a file as Jupyter wants it."""
        got: Any = super().get(path, *args, **options)  # type: ignore[no-untyped-call]
        model: dict[str, Any] = await got
        await self._keep_pictures(model, path)
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save a file as Jupyter wants it."""
        await self._keep_pictures(model, path)
        saved: Any = super().save(model, path)  # type: ignore[no-untyped-call]
        return await saved

    async def _keep_pictures(self, model: dict[str, Any], path: str) -> None:
        if model.get("type") == "notebook" and model.get("content"):
            running = await self._processes(path)
            keep_pictures(model["content"], Path(self._folder.name), running)

    async def _processes(self, path: str) -> set[str]:
        """Return the numbers of the processes that are kernels of a notebook."""
        server: Any = self.parent
        found = set()
        for session in await server.session_manager.list_sessions():
            if session["path"] == path.strip("/"):
                kernel = server.kernel_manager.get_kernel(session["kernel"]["id"])
                found.add(str(getattr(kernel.provisioner, "pid", "")))
        return found


def keep_pictures(notebook: Any, folder: Path, running: set[str]) -> None:
    """Bring the stills of live views up to date; leave views out whose kernel is gone.

    Parameters
    ----------
    notebook : notebook as plain data
        It is changed.
    folder : Path
        Where the latest stills are.
    running : set of str
        Numbers of the processes that are kernels of this notebook.
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
