"""The cookie that holds a draft's key, and when its holder was last seen.

It lives as long as the browser's window. After half an hour without a request the pages fold away behind "go on
writing": whoever passes a forgotten screen sees no words, and its owner loses none. The time is not secret and proves
nothing; it only spares the words a stranger's glance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Request
from werkzeug.wrappers import Response

from portal.kernel.clock import Utc
from portal.kernel.site import site
from portal.tips.drafts import cookie_text, key_of_cookie

NAME = "mj_draft"
IDLE = timedelta(minutes=30)
_FORM = re.compile(r"([A-Za-z0-9_-]{43})\.([0-9a-z]{1,10})")


@dataclass(frozen=True, slots=True)
class Held:
    """What a browser brings: the draft's key, and whether it was silent for too long."""

    key: bytes = field(repr=False)
    idle: bool


def read(request: Request, now: Utc) -> Held | None:
    """The key in the request's cookie, or None."""
    found = _FORM.fullmatch(request.cookies.get(NAME, ""))
    key = key_of_cookie(found[1]) if found else None
    if found is None or key is None:
        return None
    minutes = int(found[2], 36)
    seen = datetime.fromtimestamp(min(minutes * 60, int(now.timestamp()) + 3600), UTC)
    return Held(key, now - seen > IDLE)


def write(request: Request, response: Response, key: bytes, now: Utc) -> None:
    """Give the key to the browser for as long as its window is open, unless it holds just that."""
    value = f"{cookie_text(key)}.{_base36(int(now.timestamp()) // 60)}"
    if request.cookies.get(NAME) == value:
        return
    response.set_cookie(NAME, value, path="/", httponly=True, samesite="Lax", secure=site().secure_cookies)


def clear(response: Response) -> None:
    """Take the key out of the browser."""
    response.delete_cookie(NAME, path="/", httponly=True, samesite="Lax", secure=site().secure_cookies)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
