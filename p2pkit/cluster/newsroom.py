"""The newsroom: makes frames of what hosts tell, and hands them to every feed.

It holds the scene while somebody watches, and the faults that hold, always. News come
from a control thread or from virtual time, states and faults from whoever changes
them, and feeds are read by anybody: so it has one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from p2pkit.cluster.feed import Feed
from p2pkit.cluster.names import Names
from p2pkit.cluster.news import MarkNews, News
from p2pkit.cluster.stage import Stage
from p2pkit.core import Address, Contact, Finished, Record
from p2pkit.observe.frames import Frame, Mark, Note, Scene

if TYPE_CHECKING:
    from p2pkit.cluster.window import Window

MAX_MARKS = 4_000
"""Marks that wait for the next frame; of messages beyond it the number is kept."""


class Newsroom:
    """Folds news into a scene, and cuts frames of what changed.

    Parameters
    ----------
    now : callable
        Tells the seconds since the run began.

    Attributes
    ----------
    feeds : list of Feed
        Those that are open.
    windows : list of Window
        Those that record messages.
    names : Names
        Which node is meant by an id or an address.
    scene : Scene
        Everything as of the last cut.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.names, self.scene = Names(), Scene()
        self.feeds: list[Feed] = []
        self.windows: list[Window] = []
        self._now, self._stage = now, Stage(self.names)
        self._lock = threading.RLock()
        self._is_watched = False
        self._holding: dict[object, Note] = {}
        self._number = self._let_go = 0
        self._marks: list[Mark] = []
        self._notes: list[Note] = []

    def enter(self, name: str, node_id: int, address: Address) -> None:
        """Learn of a node of ours."""
        with self._lock:
            self._stage.enter(name, node_id, address)

    def on_state(self, name: str, state: str) -> None:
        """Hear that a node is alive, paused or dead now; it is told at once."""
        with self._lock:
            if self._stage.set_state(name, state):
                self.cut()

    def begin(self, key: object, text: str) -> None:
        """Note something that holds from now on; `key` names it until it ends."""
        with self._lock:
            self._end(key)
            self._holding[key] = note = Note(self._now(), text)
            self._notes.append(note)
            self.cut()

    def holds(self, key: object) -> bool:
        """Tell whether what a key names has not ended."""
        return key in self._holding

    def end_all(self, kind: type) -> None:
        """Note that everything with a key of this type holds no more."""
        with self._lock:
            for key in [one for one in self._holding if isinstance(one, kind)]:
                self._end(key)
            self.cut()

    def end(self, key: object) -> None:
        """Note that something holds no more; nothing happens if it did not."""
        with self._lock:
            self._end(key)
            self.cut()

    def hear(self, news: News) -> None:
        """Take in what a host tells."""
        with self._lock:
            self._stage.hear(news)
            self._let_go += news.let_go
            for mark in news.marks:
                self._mark_message(mark)
            for window in self.windows:
                window.hear(news.sightings)

    def saw(self, record: Record) -> None:
        """Take in an event: the steps of an operation, or who told what to whom."""
        if not self.feeds:
            return
        with self._lock:
            if isinstance(record.event, Finished):
                self._mark_steps(record.node, record.event)
            elif (sender := getattr(record.event, "sender", None)) is not None:
                source, label = self._name_of(sender), type(record.event).__name__
                if source and source != record.node:
                    self._mark(Mark("told", source, record.node, label, record.at_s))

    def cut(self) -> None:
        """Make a frame of what changed, if anything did, and hand it on."""
        with self._lock:
            if not self._is_watched:
                self._notes.clear()
                return
            frame = self._frame()
            if frame.items > 1 or frame.let_go:
                self._number += 1
                self.scene.apply(frame)
                for feed in list(self.feeds):
                    feed.push(frame)

    def open(self, marks_hz: float, on_close: Callable[[Feed], None]) -> Feed:
        """Return a feed that begins with the scene as it is."""
        with self._lock:
            self.cut()
            self.scene.at_s = self._now()
            feed = Feed(self.scene.frame(), marks_hz, on_close)
            self.feeds.append(feed)
            return feed

    def begin_scene(self) -> None:
        """Begin with what is known without the hosts; they tell next."""
        with self._lock:
            self._is_watched, self.scene = True, Scene()
            self._stage.clear()
            self._marks, self._let_go = [], 0
            self._notes = list(self._holding.values())

    def end_scene(self) -> None:
        """Let the scene go: nobody watches, so it would not be true for long."""
        with self._lock:
            self._is_watched, self.scene = False, Scene()
            self._stage.clear()

    def leave(self, feed: Feed) -> None:
        """Tell a feed nothing more."""
        with self._lock:
            if feed in self.feeds:
                self.feeds.remove(feed)

    def close(self, why: str) -> None:
        """End every feed."""
        for feed in list(self.feeds):
            feed.close(why)

    def _frame(self) -> Frame:
        frame = Frame(
            number=self._number + 1,
            at_s=self._now(),
            marks=tuple(self._marks),
            notes=tuple(self._notes),
            let_go=self._let_go,
            **self._stage.changes(),
        )
        self._marks, self._notes, self._let_go = [], [], 0
        return frame

    def _end(self, key: object) -> None:
        note = self._holding.pop(key, None)
        if note is not None:
            self._notes.append(Note(note.at_s, note.text, self._now()))

    def _mark(self, mark: Mark) -> None:
        if len(self._marks) < MAX_MARKS:
            self._marks.append(mark)
        elif mark.kind == "message":
            self._let_go += 1

    def _mark_message(self, mark: MarkNews) -> None:
        target = self._stage.meet(mark.to)
        flight = (mark.at_s, mark.took_s, mark.size_bytes, mark.ok)
        self._mark(Mark("message", mark.source, target, mark.kind, *flight))

    def _mark_steps(self, name: str, event: Finished) -> None:
        for step in event.steps:
            target = self.names.of_id(step.peer)
            if target is not None:
                took_s, ok = step.ended_s - step.asked_s, step.outcome == "answered"
                self._mark(
                    Mark("step", name, target, event.verb, step.asked_s, took_s, 0, ok)
                )

    def _name_of(self, sender: Any) -> str | None:
        """Return the name of who told something; an event may name it in any way."""
        if isinstance(sender, Contact):
            return self.names.of_contact(sender)
        if isinstance(sender, tuple):
            return self.names.of_address((str(sender[0]), int(sender[1])))
        if isinstance(sender, bytes):
            return self.names.of_id(int.from_bytes(sender, "big"))
        if isinstance(sender, int):
            return self.names.of_id(sender)
        return sender if isinstance(sender, str) else None
