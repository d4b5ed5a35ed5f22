"""Events: what a node reports. Pictures, oracles and graders read nothing else."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of every event; its tag is the name of its class."""


class Joined(Event, frozen=True):
    """The node has found its place in the overlay and can be asked."""

    neighbors: int


class Step(msgspec.Struct, frozen=True):
    """One request of an operation, as its trace keeps it.

    Parameters
    ----------
    peer : int
        Id of the peer asked.
    hop : int
        Referrals from our own table to this peer: 1 for a peer we knew ourselves.
    asked_s, ended_s : float
        When it was asked and when it answered or was given up; seconds of the run.
    outcome : str
        ``answered``, ``failed``, or ``unanswered`` if the operation ended first.
    returned : tuple of int
        Ids of the contacts that came back, in the peer's order.
    """

    peer: int
    hop: int
    asked_s: float
    ended_s: float
    outcome: str
    returned: tuple[int, ...] = ()


class Finished(Event, frozen=True):
    """An operation that a public verb began has ended.

    Parameters
    ----------
    operation : int
        Number of the operation at its node, from 1.
    verb : str
        The verb that began it.
    target : int
        The key it was about; 0 where there is none.
    ok : bool
        Whether it reached its goal.
    began_s : float
        When it began, in seconds of the run.
    steps : tuple of Step
        Whom it asked, in order of asking.
    error : str
        The sentence that says why it failed; empty if it did not.
    """

    operation: int
    verb: str
    target: int
    ok: bool
    began_s: float
    steps: tuple[Step, ...] = ()
    error: str = ""


class Crashed(Event, frozen=True):
    """A protocol raised an error that no rule foresees: a bug in its class.

    Parameters
    ----------
    error : str
        The error's class and sentence.
    traceback : str
        Where it came from, the latest call last.
    """

    error: str
    traceback: str


class Record(msgspec.Struct, frozen=True):
    """An event with the place and time a driver gives it.

    Parameters
    ----------
    at_s : float
        Seconds since the run began.
    node : str
        The node's name, such as ``n07``.
    event : Event
        What happened.
    """

    at_s: float
    node: str
    event: Event
