"""Time-based one-time codes (RFC 6238): six digits, 30 seconds, one step of drift either way, each code once."""

from __future__ import annotations

import base64
import hmac
import secrets
import unicodedata

import pyotp

from portal.kernel.clock import Utc

STEP_S = 30
SECRET_BYTES = 20
ISSUER = "Mingjing"


def new_secret() -> bytes:
    """20 random bytes (RFC 4226 asks for at least 16)."""
    return secrets.token_bytes(SECRET_BYTES)


def matching_step(secret: bytes, typed: str, now: Utc, last_step: int | None) -> int | None:
    """The time step whose code was typed, or None. A step that was used, or lies before it, never matches (replay)."""
    code = "".join(unicodedata.normalize("NFKC", typed[:32]).split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    otp = pyotp.TOTP(as_text(secret))
    current = int(now.timestamp()) // STEP_S
    matched = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(otp.generate_otp(step), code) and (last_step is None or step > last_step):
            matched = step
    return matched


def code_at(secret: bytes, now: Utc) -> str:
    """The code of this moment (demo sign-ins, tests)."""
    return pyotp.TOTP(as_text(secret)).generate_otp(int(now.timestamp()) // STEP_S)


def as_text(secret: bytes) -> str:
    """The secret in Base32, for typing into an authenticator."""
    return base64.b32encode(secret).decode()


def enrolment_uri(secret: bytes, account: str) -> str:
    """The ``otpauth://`` address that a QR code carries."""
    return pyotp.TOTP(as_text(secret)).provisioning_uri(name=account, issuer_name=ISSUER)
