"""The page: a small server on loopback that shows a view in any browser.

It listens on 127.0.0.1 alone and answers only who knows the random token in its
address. It also checks Host and Origin, so that no other page in the same browser can
ask it, neither directly nor by a name that points here. Frames go down as server-sent
events; what is clicked comes up by POST.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

from p2pkit.core import TransportError
from p2pkit.observe.extras import load
from p2pkit.view.module import page, policy
from p2pkit.view.session import Session

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

HOST = "127.0.0.1"
START_S = 10.0
"""Seconds that the server's thread may take until it listens, or to end."""

MOST_WAITING = 100
"""Messages that wait for a slow tab, five seconds of them; then it begins anew."""

MOST_BYTES = 64 * 1024
"""Length of the longest message that a view may send."""

ALIVE_S = 15.0
"""Seconds of silence after which an empty comment tells whether a tab is there."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Tab:
    """One open page: a bounded queue from any thread to the server's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._news = loop, asyncio.Event()
        self._waiting: deque[str] = deque()
        self.is_behind = self.is_ended = False

    def send(self, text: str) -> None:
        """Queue a message; a tab that lets too many wait is to begin anew."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self.is_behind = True
        if not self.is_behind:
            self._waiting.append(text)
        self._wake()

    def end(self) -> None:
        """Let the stream end: its server does."""
        self.is_ended = True
        self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def next(self) -> str | None:
        """Return the next message; None if nothing came for a while."""
        while not self._waiting and not self.is_behind and not self.is_ended:
            self._news.clear()
            try:
                async with asyncio.timeout(ALIVE_S):
                    await self._news.wait()
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting else None


class Page:
    """A page that shows a session; a context manager.

    Parameters
    ----------
    session : Session
        What is shown.
    port : int
        Port to listen on; 0 takes any free one.

    Raises
    ------
    TransportError
        On entering, if the port is taken.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        self.session, self.port = session, port
        self.token = secrets.token_urlsafe(24)
        self._tabs: list[Tab] = []
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The page's address, token included: whoever has it can look, and click."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def __enter__(self) -> Self:
        listener = self._listen()
        started = threading.Event()
        self._server = _server(self._application(), started)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="page", daemon=True
        )
        self._thread.start()
        if not started.wait(START_S):
            self.close()
            reason = f"the page's server did not start within {START_S:g} s"
            raise TransportError(reason)
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server; open pages say that there is no answer any more."""
        if self._thread is not None:
            self._server.should_exit = True
            for tab in list(self._tabs):
                tab.end()
            self._thread.join(START_S)
            self._thread = None

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self.port))
        except OSError as error:
            listener.close()
            reason = f"no page at {HOST}:{self.port}: {error.strerror}; use port 0"
            raise TransportError(reason) from error
        self.port = listener.getsockname()[1]
        return listener

    def _application(self) -> Starlette:
        routing = load("starlette.routing", "view")
        routes = [
            routing.Route("/", self._guarded(self._on_page), methods=["GET"]),
            routing.Route("/events", self._guarded(self._on_events), methods=["GET"]),
            routing.Route("/say", self._guarded(self._on_say), methods=["POST"]),
        ]
        application: Starlette = load("starlette.applications", "view").Starlette(
            routes=routes
        )
        return application

    def _guarded(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            return await handle(request) if self._is_allowed(request) else _refusal()

        return guarded

    async def _on_page(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse

        nonce = secrets.token_urlsafe(16)
        rules = policy(nonce, connect="'self'")
        start = f"mount(document.body, pagePort({json.dumps(self.token)}))"
        return HTMLResponse(page(start, rules, nonce), headers=HEADERS)

    async def _on_events(self, request: Request) -> Response:
        from starlette.responses import StreamingResponse

        return StreamingResponse(
            self._events(), media_type="text/event-stream", headers=HEADERS
        )

    async def _events(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        tab = Tab(loop)
        self._tabs.append(tab)
        try:
            # Making the opening takes a moment, in which other tabs want frames.
            await loop.run_in_executor(None, self.session.join, tab)
            while not self._server.should_exit:
                text = await tab.next()
                if tab.is_ended:
                    return
                yield f"data: {text}\n\n" if text is not None else ":\n\n"
                if tab.is_behind:
                    return  # the browser comes back by itself, and begins anew
        finally:
            self._tabs.remove(tab)
            self.session.leave(tab)

    async def _on_say(self, request: Request) -> Response:
        from starlette.responses import Response as Empty

        message = await _message(request)
        if message is None:
            return Empty(status_code=400, headers=HEADERS)
        # To every tab: only the one that asked takes a reply.
        self.session.hear(message, self.session.tell_text)
        return Empty(status_code=204, headers=HEADERS)

    def _is_allowed(self, request: Request) -> bool:
        token = request.query_params.get("token", "")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return False
        if request.headers.get("host") != f"{HOST}:{self.port}":
            return False
        origin = request.headers.get("origin")
        return origin is None or origin == f"http://{HOST}:{self.port}"


async def _message(request: Request) -> dict[str, Any] | None:
    """Return what a view said; None if it is too long, or no JSON object."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _refusal() -> Response:
    from starlette.responses import PlainTextResponse

    text = "This page is for whoever has its whole address, token included.\n"
    return PlainTextResponse(text, status_code=403, headers=HEADERS)


def _server(application: Starlette, started: threading.Event) -> Any:
    uvicorn = load("uvicorn", "view")

    class Server(uvicorn.Server):  # type: ignore[misc, name-defined]
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            started.set()

        def install_signal_handlers(self) -> None:
            """Leave signals to the main thread."""

    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config)
