"""A serf agent on a loopback address, started for one test and ended by its id."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any, Self

LIMIT_S = 30.0
"""How long an agent may take to start, or to see what it should."""

SERF = shutil.which("serf")


class SerfAgent:
    """One agent; `host` is an address of its own, so that its ports are free."""

    def __init__(self, name: str, host: str, *options: str) -> None:
        self.name, self.address, self.rpc = name, (host, 7946), f"{host}:7373"
        self.options = options
        self.process: asyncio.subprocess.Process | None = None
        self.folder = tempfile.TemporaryDirectory()

    async def __aenter__(self) -> Self:
        assert SERF is not None
        bind = f"-bind={self.address[0]}:{self.address[1]}"
        fixed = (f"-node={self.name}", bind, f"-rpc-addr={self.rpc}", "-profile=local")
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                SERF, "agent", *fixed, *self.options, stdout=log, stderr=log
            )
        await self.sees(lambda members: self.name in members)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
        self.folder.cleanup()

    @property
    def log(self) -> Path:
        """What the agent wrote."""
        return Path(self.folder.name) / "serf.log"

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def leave(self) -> None:
        """Let it say goodbye."""
        await self._run("leave")
        await self._end(signal.SIGTERM)

    async def join(self, address: tuple[str, int]) -> None:
        """Have it join through a member."""
        await self._run("join", f"{address[0]}:{address[1]}")

    async def members(self) -> dict[str, dict[str, Any]]:
        """Return what it says of each member, by name; none while it starts."""
        text = await self._run("members", "-format=json")
        rows = json.loads(text)["members"] if text.startswith("{") else []
        return {row["name"]: row for row in rows}

    async def sees(self, fits: Any) -> dict[str, dict[str, Any]]:
        """Wait until its members fit, and return them."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + LIMIT_S
        while True:  # each look is a process of its own, so this does not spin
            members = await self.members()
            if fits(members):
                return members
            if loop.time() > until_s:
                log = self.log.read_text()
                raise AssertionError(f"{self.name} sees {members}\n{log}")

    async def _run(self, verb: str, *arguments: str) -> str:
        assert SERF is not None
        process = await asyncio.create_subprocess_exec(
            SERF, verb, f"-rpc-addr={self.rpc}", *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        return said.decode()

    async def _end(self, number: int) -> None:
        process = self.process
        if process is not None and process.returncode is None:
            os.kill(process.pid, number)
            await process.wait()
