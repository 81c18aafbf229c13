"""Errors that have an answer. ``code`` is for logs and tests, ``message`` is a plain sentence for the reader. Pure.

``portal.web.errors`` turns codes into pages; nothing else does.
"""

from __future__ import annotations


class DomainError(Exception):
    """Something asked for that the rules do not give. Never holds a word of a report."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class IllegalMove(DomainError):
    """The state table has no such move from here."""


class NotAllowed(DomainError):
    """The actor lacks the permission."""


class NotFound(DomainError):
    """There is no such thing, or not for this actor: both are answered alike."""


class Refused(DomainError):
    """The input breaks a rule that the message explains."""


class Throttled(DomainError):
    """Too many tries; the message says when to come back."""


class Unavailable(DomainError):
    """The service cannot do this now (no sealing key, disk full, database gone): nothing was stored."""
