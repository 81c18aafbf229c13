"""What can go wrong in `crypto`. Everything raises one of these; no function answers with False.

The messages name the rule that failed and never a key, a digit or a word of what was being opened, so that they
may be logged.
"""

from __future__ import annotations


class CryptoError(Exception):
    """Anything this package refuses."""


class WrongKey(CryptoError):
    """The key, passphrase or recipient is not the one this was sealed to."""


class Tampered(CryptoError):
    """The bytes do not authenticate: altered, cut short, or sealed for another purpose or record."""


class BadShare(Tampered):
    """A share that is not the one that was made for its seat. ``position`` (from 1) names the giver."""

    def __init__(self, position: int) -> None:
        super().__init__(f"share {position} is not the one that was made")
        self.position = position


class UnknownVersion(CryptoError):
    """The blob names a version or suite that this code does not know."""


class QuorumNotMet(CryptoError):
    """Fewer different shares than the k that were asked for, or a k of n that is not allowed."""


class Malformed(CryptoError):
    """The input cannot be read at all: wrong length, alphabet, kind or range."""


class MistypedCode(Malformed):
    """A receipt code of the right shape whose check digit does not fit (a digit mistyped or swapped)."""
