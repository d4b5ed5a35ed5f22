"""Wires: what the bytes of each protocol look like to somebody outside.

``wire`` says what a wire is and which protocol speaks which; the others name the types
of many messages at once, without decoding them: ``krpc``, ``memberlist``, ``gnutella``,
``napster``, ``tagged``.
"""

from p2pkit.observe.capture.wires.types import Types
from p2pkit.observe.capture.wires.wire import Wire, guess, wire_of

__all__ = ["Types", "Wire", "guess", "wire_of"]
