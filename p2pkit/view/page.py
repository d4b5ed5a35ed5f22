"""The live page: a small server on loopback that shows a cluster in the browser.

It listens on 127.0.0.1 alone and answers only who knows the random token in its
address. It also checks Host and Origin, so that no other page in the same browser can
ask it, neither directly nor by a name that points here.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from p2pkit.core import TransportError
from p2pkit.observe.extras import load
from p2pkit.view.model import vis_model, write_page
from p2pkit.view.picture import Picture

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

HOST = "127.0.0.1"
START_S = 10.0
"""Seconds that the server's thread may take until it listens, or to end."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Page:
    """A page that follows an overlay; a context manager.

    Parameters
    ----------
    look : callable
        Returns the picture of this moment; called in a thread of the server, never
        twice at once, about once a second while a page is open.
    port : int
        Port to listen on; 0 takes any free one.

    Raises
    ------
    TransportError
        On entering, if the port is taken.
    """

    def __init__(self, look: Callable[[], Picture], port: int = 0) -> None:
        self.look, self.port = look, port
        self.token = secrets.token_urlsafe(24)
        self._one_at_a_time = threading.Lock()
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The page's address, token included: whoever has it can look."""
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
            routing.Route("/", self._on_page, methods=["GET"]),
            routing.Route("/graph", self._on_graph, methods=["GET"]),
        ]
        application: Starlette = load("starlette.applications", "view").Starlette(
            routes=routes
        )
        return application

    def _on_page(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse

        if not self._is_allowed(request):
            return _refusal()
        return HTMLResponse(write_page(self._model(), live=True), headers=HEADERS)

    def _on_graph(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        if not self._is_allowed(request):
            return _refusal()
        return JSONResponse(self._model(), headers=HEADERS)

    def _model(self) -> dict[str, Any]:
        with self._one_at_a_time:
            return vis_model(self.look())

    def _is_allowed(self, request: Request) -> bool:
        token = request.query_params.get("token", "")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return False
        if request.headers.get("host") != f"{HOST}:{self.port}":
            return False
        origin = request.headers.get("origin")
        return origin is None or origin == f"http://{HOST}:{self.port}"


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
