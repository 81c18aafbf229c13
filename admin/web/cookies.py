"""The staff site's own cookies: the session, and the mark of a browser that has signed in before."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.wrappers import Response

SESSION = "mj_staff"
DEVICE = "mj_device"
DEVICE_DAYS = 90


def _common() -> dict[str, Any]:
    return {"httponly": True, "secure": bool(current_app.config["SESSION_COOKIE_SECURE"]), "path": "/"}


def set_session(response: Response, value: str) -> None:
    """A cookie for this browser session; sent only with requests that start on this site.

    Opening a report is a GET that goes on record and starts the screening: no other site may press that link.
    """
    response.set_cookie(SESSION, value, samesite="Strict", **_common())


def set_device(response: Response, mark: str) -> None:
    """Remember that this browser has signed in; worthless by itself."""
    response.set_cookie(DEVICE, mark, max_age=DEVICE_DAYS * 86400, samesite="Strict", **_common())


def clear_session(response: Response) -> None:
    """Forget the session in the browser; the row is destroyed by the caller."""
    response.delete_cookie(SESSION, path="/")
