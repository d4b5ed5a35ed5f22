"""A session: one live view of one cluster, however many tabs and cells show it.

A thread follows the cluster's feed and tells every port; whoever is told never waits.
Commands come in by any port and are done in threads of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from p2pkit.cluster.virtual import VirtualCarrier
from p2pkit.core import ClusterError, LocalProtocolError, P2PError
from p2pkit.observe.frames import Frame
from p2pkit.observe.paths import hops_of
from p2pkit.view import commands
from p2pkit.view.circles import Place
from p2pkit.view.clockwork import Clockwork
from p2pkit.view.messages import COLORS, encoded, play_message, sentence
from p2pkit.view.reel import Reel
from p2pkit.view.settings import Settings
from p2pkit.view.worker import Workers

LOOK_S = 0.1
"""How long one wait for news may take, so that closing is noticed."""

MARKS_HZ = 600.0
"""Marks a second asked of the feed; eyes follow fewer."""

END_S = 5.0
"""Seconds that the thread may take to end, or the first scene to come."""

LEISURE_S = 4.0
"""How long a path takes if nobody says how fast: its own time is often milliseconds."""

ENDED = "The cluster is closed; this is its last picture."


class Port(Protocol):
    """A way to a view."""

    def send(self, text: str) -> None:
        """Send a message; never wait."""
        ...


class Session:
    """What all faces of one view share.

    Parameters
    ----------
    cluster : Cluster
        What is watched: has `frames`, `now`, and what commands need.
    layout : str, mapping or None
        As for `still`.
    settings : Settings
        What the view shows.
    speed : float
        Of virtual time, while it runs.
    """

    def __init__(
        self,
        cluster: Any,
        layout: str | Mapping[str, Place] | None,
        settings: Settings,
        speed: float = 1.0,
    ) -> None:
        bits = getattr(getattr(cluster, "config", None), "id_bits", None)
        self.cluster, self.settings, self.reel = cluster, settings, Reel(layout, bits)
        self.is_over = False
        self.listeners: list[Callable[[dict[str, Any]], object]] = []
        self._ports: list[Port] = []
        self._playing: dict[str, Any] | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._round, self._rounds = threading.Condition(), 0
        clock = Clockwork(cluster, speed, self._told) if _is_virtual(cluster) else None
        self.desk = commands.Desk(cluster, clock, self.relayout)
        self._workers = Workers(self.desk, lambda record: self.play(record, None))
        self._feed = cluster.frames(marks_hz=MARKS_HZ)
        self._thread = threading.Thread(target=self._follow, name="view", daemon=True)

    def start(self) -> None:
        """Take the first scene, then follow the feed."""
        self.take_first()
        self._workers.start()
        self._thread.start()

    def take_first(self) -> None:
        """Take the first scene."""
        self._keep(self._feed.take(END_S))

    def close(self) -> None:
        """Stop following; views keep the last picture."""
        self._stop.set()
        self.desk.close()
        self._workers.close()
        self._feed.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(END_S)
        self._over()

    def catch_up(self) -> None:
        """Return when the film has all that happened before."""
        with self._round:
            # The take that is under way may have begun before.
            wanted = self._rounds + 2
            self._round.wait_for(lambda: self._rounds >= wanted or self.is_over, END_S)

    def join(self, port: Port) -> None:
        """Tell a port everything, and what comes from now on."""
        with self._lock:
            port.send(self.opening())
            if self.is_over:
                port.send(encoded({"type": "ended", "text": ENDED}))
            self.follow(port)

    def follow(self, port: Port) -> None:
        """Tell a port what comes from now on."""
        with self._lock:
            if port not in self._ports:
                self._ports.append(port)

    def leave(self, port: Port) -> None:
        """Tell a port nothing any more."""
        with self._lock:
            if port in self._ports:
                self._ports.remove(port)

    def opening(self) -> str:
        """Return the message that a view begins with."""
        return encoded(self.hello())

    def hello(self, *, live: bool = True) -> dict[str, Any]:
        """Return all there is, as plain data; for a saved page, not `live`."""
        with self._lock:
            return {
                "type": "hello",
                "about": self._about(live and not self.is_over),
                **self.reel.opening(),
                "settings": self.settings.plain(),
                "play": self._playing,
            }

    def hear(self, message: Mapping[str, Any], answer: Callable[[str], object]) -> None:
        """Take in what a view says; what a command returns goes to `answer`."""
        match message:
            case {"type": "set", "changes": dict() as changes}:
                self._heard_set(changes, str(message.get("from", "")))
            case {"type": "command"} if not self.is_over:
                self._workers.ask(message, answer)
            case _:
                pass  # a hello is for the port to answer

    def _heard_set(self, changes: dict[str, Any], sender: str) -> None:
        try:
            self.set(changes, sender)
        except LocalProtocolError as error:
            self.tell({"type": "lost", "text": sentence(error)})

    def set(self, changes: dict[str, Any], sender: str = "") -> None:
        """Change what is shown, here and in every view."""
        self.settings.change(changes)
        for listener in self.listeners:
            listener(changes)
        self.tell({"type": "set", "from": sender, "changes": changes})

    def play(self, what: Any, speed: float | None, *, step: bool = False) -> int:
        """Let every view play a path; return how many hops it has."""
        trace = getattr(self.cluster, "trace", ())
        hops = hops_of(what, trace, self.reel.named())
        if not hops:
            reason = "this path has no hops to play: nobody was asked, or told"
            raise LocalProtocolError(reason)
        first_s = min(hop.at_s for hop in hops)
        span_s = max(hop.at_s + hop.took_s for hop in hops) - first_s
        factor = speed if speed is not None else span_s / LEISURE_S
        message = play_message(hops, max(factor, 1e-6), hops[0].label, step=step)
        with self._lock:
            self._playing = message
            self.tell(message)
        return len(hops)

    def relayout(self, layout: str | None = None) -> None:
        """Lay the overlay out anew in every view, by another layout if one is named."""
        with self._lock:
            self.tell(self.reel.relayout(layout))

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to every port."""
        self.tell_text(encoded(message))

    def tell_text(self, text: str) -> None:
        """Send a message that is encoded already."""
        with self._lock:
            for port in self._ports:
                port.send(text)

    def _about(self, live: bool) -> dict[str, Any]:
        clockwork = self.desk.clockwork
        kind = getattr(self.cluster, "protocol_class", None)
        name = f" {kind.__name__}" if kind is not None else ""
        return {
            "title": f"The overlay of {len(self.cluster):,}{name} nodes",
            "colors": COLORS,
            "live": live,
            "can": commands.can(self.desk) if live else [],
            "is_running": clockwork is not None and clockwork.is_running,
            "speed": clockwork.speed if clockwork is not None else None,
            "link": _link(self.cluster) if live else None,
        }

    def _follow(self) -> None:
        try:
            with self._feed:
                while not self._stop.is_set():
                    self._keep(self._feed.take(LOOK_S))
                    with self._round:
                        self._rounds += 1
                        self._round.notify_all()
        except ClusterError:
            pass  # the cluster was closed: said below
        finally:
            self._over()

    def _keep(self, frames: list[Frame]) -> None:
        if not frames:
            return
        try:
            now_s = self.cluster.now()
        except ClusterError:  # closed meanwhile; these are its last frames
            now_s = frames[-1].at_s
        with self._lock:
            self.tell(self.reel.append(frames, now_s))

    def _over(self) -> None:
        with self._lock:
            if not self.is_over:
                self.is_over = True
                self.tell({"type": "ended", "text": ENDED})
        with self._round:
            self._round.notify_all()

    def _told(self, is_running: bool, now_s: float) -> None:
        self.tell(_about_time(is_running, now_s))


def _is_virtual(cluster: Any) -> bool:
    return hasattr(cluster, "run") and isinstance(cluster.run.carrier, VirtualCarrier)


def _link(cluster: Any) -> dict[str, float] | None:
    if not hasattr(cluster, "run"):
        return None
    try:
        link = cluster.run.link or cluster.run.carrier.default_link
    except P2PError:
        return None
    return {"loss": link.loss, "latency_s": getattr(link.latency, "delay_s", 0.0)}


def _about_time(is_running: bool, now_s: float) -> dict[str, Any]:
    return {"type": "about", "changes": {"is_running": is_running, "now_s": now_s}}
