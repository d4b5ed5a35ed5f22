"""Errors: sentences that say what happened, where, and what to do next.

``definite`` is true where the thing that was asked for surely did not happen.
"""

from __future__ import annotations


class P2PError(Exception):
    """Base of every error that p2pkit raises on purpose."""

    definite: bool = True


class ProtocolError(P2PError):
    """A rule of the protocol was broken."""


class LocalProtocolError(ProtocolError):
    """Our own caller asked for what the protocol forbids: fix the caller."""


class RemoteProtocolError(ProtocolError):
    """A peer sent nonsense: drivers count it by reason, drop it and carry on.

    Parameters
    ----------
    reason : str
        A few fixed words without values from the message, for it is a counter's
        name: a peer must not be able to make up new ones.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RequestTimeout(P2PError, TimeoutError):
    """No reply in time; what was asked may have happened at the other end."""

    definite = False


class TransportError(P2PError):
    """A socket could not do what was asked of it."""


class PeerUnreachable(TransportError):
    """No connection to the peer could be made, or it broke."""


class FrameTooLarge(TransportError):
    """A message is longer than its carrier may take."""


class ClusterError(P2PError):
    """The cluster could not do what was asked of it."""


class SpawnFailed(ClusterError):
    """A host process did not start."""


class ControlLost(ClusterError):
    """The control connection to a host process is gone, and its nodes with it."""

    definite = False


class CaptureError(P2PError):
    """Packets could not be captured, kept or read as was asked."""


class LabError(P2PError):
    """Said to a student: what was expected, what came, what to try next."""


class InvariantViolated(AssertionError):
    """Something that must always hold did not: our bug, or the point of a lab."""
