"""Challenges of passkeys: random, for one purpose and one browser, good once and for three minutes.

A row is nothing but a keyed hash of challenge, purpose and what the challenge is bound to (the id of a session, or the
token of a sign-in page): a challenge that comes back for another act, from another browser or a second time is not
found. A restart of the service voids all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import Session

from portal.kernel.boot import boot_secret
from portal.kernel.clock import Utc
from portal.signin.models import Challenge

LIFETIME = timedelta(minutes=3)
SIZE = 32


class Ceremony(StrEnum):
    """What a challenge is for."""

    SIGN_IN = "sign-in"
    STEP_UP = "step-up"
    REGISTER = "register"


def new_challenge(session: Session, ceremony: Ceremony, bound: bytes, now: Utc) -> bytes:
    """A fresh challenge; *bound*: what only this browser can come back with. ``session``: one of the session store."""
    challenge = secrets.token_bytes(SIZE)
    session.add(Challenge(id=_id(challenge, ceremony, bound), ends_at=now + LIFETIME))
    return challenge


def use_challenge(session: Session, challenge: bytes, ceremony: Ceremony, bound: bytes, now: Utc) -> bool:
    """Whether the challenge was given for this and not used yet; it is used up by this."""
    row = delete(Challenge).where(Challenge.id == _id(challenge, ceremony, bound), Challenge.ends_at > now)
    gone = session.execute(row)
    assert isinstance(gone, CursorResult)
    return gone.rowcount == 1


def sweep_challenges(session: Session, now: Utc) -> None:
    """Delete what nobody came back with."""
    session.execute(delete(Challenge).where(Challenge.ends_at <= now))


def _id(challenge: bytes, ceremony: Ceremony, bound: bytes) -> bytes:
    heading = f"mingjing/challenge/{ceremony.value}/{len(bound)}/".encode()
    return hmac.digest(boot_secret(), heading + bound + challenge, hashlib.sha256)
