"""Frames: what changed in an overlay since the frame before, as plain data.

A cluster makes them, pictures fold them. `Scene` is the fold: whoever applies all
frames of a feed, in order, holds the overlay as it is now. `merged` makes one frame of
two, for a reader who is slow. Everything here can be written as JSON by msgspec.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from p2pkit.core import Address

State = Literal["alive", "paused", "dead", "foreign"]
"""What a node is doing; ``foreign`` is a peer that is none of the cluster's nodes."""

Link = tuple[str, str, str]
"""An edge of the overlay: name of who knows, name of who is known, and in which role,
such as ``bucket``, ``successor``, ``active`` or ``stream``."""

MAX_GONE = 1_000
"""Names of foreign peers that a merged frame takes out."""

MAX_NOTES = 1_000
"""Notes that a scene, or a merged frame, keeps; the oldest go first."""


class NodeFrame(msgspec.Struct, frozen=True):
    """One node as it is now.

    Parameters
    ----------
    name : str
        Such as ``n07``; of a foreign peer ``HOST:PORT``.
    id : int
        Its node id. JavaScript numbers hold 53 bits of it.
    address : Address
        Where it listens.
    state : {"alive", "paused", "dead", "foreign"}
        What it is doing.
    role : str
        What it is to others, where its ``inspect()["role"]`` says one, such as
        ``leaf``; empty elsewhere.
    quantities : dict of str to float
        Totals since the node began: ``sent`` and ``received`` (messages),
        ``sent_bytes`` and ``received_bytes`` (payload). And ``degree``, its neighbors
        now. Empty for a foreign peer.
    """

    name: str
    id: int
    address: Address
    state: State
    role: str = ""
    quantities: dict[str, float] = {}


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Something that passes from one node to another and is gone.

    Parameters
    ----------
    kind : {"message", "step", "told"}
        A message on its way; a request of an operation; news that a node has from
        another, as an event says.
    source, target : str
        Names of the two nodes.
    label : str
        The message's class, the operation's verb, or the event's class.
    at_s : float
        When it began, in seconds of the run.
    took_s : float
        How long it took; 0 if not known.
    size_bytes : int
        The message's payload; 0 for the others.
    ok : bool
        Whether it arrived, or was answered.
    """

    kind: Literal["message", "step", "told"]
    source: str
    target: str
    label: str
    at_s: float
    took_s: float = 0.0
    size_bytes: int = 0
    ok: bool = True


class Note(msgspec.Struct, frozen=True):
    """Something that happened to the run: a bar or a line on its time axis.

    Parameters
    ----------
    at_s : float
        When it began, in seconds of the run.
    text : str
        What it is, such as ``partition`` or ``n05 killed``.
    until_s : float or None
        When it ended: `at_s` if it was over at once, None while it holds. When it ends
        the note is told again with the same `at_s` and `text`.
    """

    at_s: float
    text: str
    until_s: float | None = None


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since the frame before.

    Parameters
    ----------
    number : int
        Grows from frame to frame; numbers are missing where frames were merged.
    at_s : float
        When the change was complete, in seconds of the run.
    nodes : tuple of NodeFrame
        Nodes that are new or changed.
    gone : tuple of str
        Foreign peers that no node knows any more; a node of ours stays when it dies.
    linked, unlinked : tuple of (str, str, str)
        Edges that were not there before, and those that were and are no more.
    marks : tuple of Mark
        What passed between nodes; of messages a sample.
    notes : tuple of Note
        Notes that began or ended.
    let_go : int
        Messages sent since the frame before that are not among `marks`; exact.
    """

    number: int
    at_s: float
    nodes: tuple[NodeFrame, ...] = ()
    gone: tuple[str, ...] = ()
    linked: tuple[Link, ...] = ()
    unlinked: tuple[Link, ...] = ()
    marks: tuple[Mark, ...] = ()
    notes: tuple[Note, ...] = ()
    let_go: int = 0

    @property
    def items(self) -> int:
        """How much it holds, for bounds: one, and one for each thing inside."""
        parts = (
            self.nodes, self.gone, self.linked, self.unlinked, self.marks, self.notes,
        )  # fmt: skip
        return 1 + sum(map(len, parts))


class Scene:
    """The overlay at one moment: all frames up to it, folded.

    Attributes
    ----------
    nodes : dict of str to NodeFrame
        Every node by name, foreign peers too.
    edges : dict of (str, str, str) to None
        The edges, as an ordered set.
    notes : dict of (float, str) to Note
        The notes so far by begin and text, the latest `MAX_NOTES` of them.
    number : int
        Number of the last frame; 0 before the first.
    at_s : float
        When that was, in seconds of the run.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, NodeFrame] = {}
        self.edges: dict[Link, None] = {}
        self.notes: dict[tuple[float, str], Note] = {}
        self.number, self.at_s = 0, 0.0

    def apply(self, frame: Frame) -> None:
        """Take in the next frame."""
        self.number, self.at_s = frame.number, frame.at_s
        self.nodes.update((one.name, one) for one in frame.nodes)
        for name in frame.gone:
            self.nodes.pop(name, None)
        for edge in frame.unlinked:
            self.edges.pop(edge, None)
        self.edges.update(dict.fromkeys(frame.linked))
        self.notes.update(((one.at_s, one.text), one) for one in frame.notes)
        while len(self.notes) > MAX_NOTES:
            del self.notes[next(iter(self.notes))]

    def copy(self) -> Scene:
        """Return a scene of its own with the same content."""
        twin = Scene()
        twin.nodes, twin.edges = dict(self.nodes), dict(self.edges)
        twin.notes, twin.number, twin.at_s = dict(self.notes), self.number, self.at_s
        return twin

    def frame(self) -> Frame:
        """Return the whole scene as one frame, for whoever begins with it."""
        return Frame(
            number=self.number,
            at_s=self.at_s,
            nodes=tuple(self.nodes.values()),
            linked=tuple(self.edges),
            notes=tuple(self.notes.values()),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scene):
            return NotImplemented
        return (
            self.nodes == other.nodes
            and self.edges == other.edges
            and self.notes == other.notes
        )

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return (
            f"<Scene at {self.at_s:.3f} s: {len(self.nodes):,} nodes, "
            f"{len(self.edges):,} edges>"
        )


def merged(older: Frame, newer: Frame, most_marks: int) -> Frame:
    """Return one frame that has the effect of two.

    What came with the older and went with the newer is in neither part, so a frame of
    many does not grow beyond what there is. Of foreign peers that went, the latest
    `MAX_GONE` are told.

    Parameters
    ----------
    older, newer : Frame
        Two frames in order.
    most_marks : int
        Marks kept at most, the latest; messages that go are counted in `let_go`.
    """
    nodes = {one.name: one for one in older.nodes + newer.nodes}
    for name in newer.gone:
        nodes.pop(name, None)
    gone = dict.fromkeys(older.gone + newer.gone)
    came, went = dict.fromkeys(older.linked), dict.fromkeys(older.unlinked)
    _change(went, came, newer.unlinked)
    _change(came, went, newer.linked)
    notes = {(one.at_s, one.text): one for one in older.notes + newer.notes}
    marks = older.marks + newer.marks
    spare = marks[: max(0, len(marks) - most_marks)]
    messages = sum(one.kind == "message" for one in spare)
    return Frame(
        number=newer.number,
        at_s=newer.at_s,
        nodes=tuple(nodes.values()),
        gone=tuple(name for name in gone if name not in nodes)[-MAX_GONE:],
        linked=tuple(came),
        unlinked=tuple(went),
        marks=marks[len(spare) :],
        notes=tuple(notes.values())[-MAX_NOTES:],
        let_go=older.let_go + newer.let_go + messages,
    )


def _change(
    grows: dict[Link, None], shrinks: dict[Link, None], edges: Iterable[Link]
) -> None:
    """Let edges change sides: one that was on the other is then on neither."""
    for edge in edges:
        if edge in shrinks:
            del shrinks[edge]
        else:
            grows[edge] = None
