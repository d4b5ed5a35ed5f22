"""Tickets: words that decide a student's parameters and seeds.

A ticket comes from the student's id and the secret of the course. The visible one
stands in the student's notebook; the hidden one does not, and cannot be computed from
it.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from p2pkit.core import LabError

GENERIC = "generic"
"""The ticket of a notebook that was made for nobody in particular."""

SECRET_VARIABLE = "P2PKIT_COURSE_SECRET"  # its name, not the secret
TICKET_DIGITS = 12


def course_secret() -> str:
    """Return the secret of the course, from the environment; empty if there is none."""
    return os.environ.get(SECRET_VARIABLE, "")


def require_secret(secret: str) -> None:
    """Refuse to make or to grade personal notebooks without a secret.

    Raises
    ------
    LabError
        If there is none: then anybody could compute everybody's tickets.
    """
    if not secret:
        reason = (
            "give the secret of the course first, words that students do not know, in "
            f"a file by --secret-file or in {SECRET_VARIABLE}: their seeds follow from "
            "it"
        )
        raise LabError(reason)


def ticket_of(student: str, secret: str) -> str:
    """Return the visible ticket of a student; the generic one for nobody.

    Examples
    --------
    >>> ticket_of("", "a secret")
    'generic'
    >>> ticket_of("ada", "a secret") == ticket_of("ada", "another")
    False
    """
    return _words("visible", student, secret) if student else GENERIC


def hidden_ticket_of(student: str, secret: str) -> str:
    """Return the ticket that seeds a student's hidden cases."""
    return _words("hidden", student, secret)


def _words(purpose: str, student: str, secret: str) -> str:
    text = f"{purpose}/{student}".encode()
    return hmac.new(secret.encode(), text, sha256).hexdigest()[:TICKET_DIGITS]
