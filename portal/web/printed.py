"""What a page says of itself on paper: its address and the day on which what it shows last changed."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from flask import Flask, g, request

from portal.web.caching import SHARED
from portal.web.settings import WebSettings


def init_app(app: Flask, settings: WebSettings) -> None:
    """Templates get ``printed_address()`` and ``changed_on()``."""

    def printed_address(path: str = "") -> str:
        """Where the page is found again: *path*, as ``url_for`` gives it, else that of the request. Without the origin
        where the settings name none: what a visitor's browser calls this site is nothing to print for everybody."""
        return settings.address + (path or _asked())

    app.jinja_env.globals.update(printed_address=printed_address, changed_on=_changed_on)


def _asked() -> str:
    """The path of the request; what was asked beside it only on pages that are the same for everybody."""
    query = request.query_string.decode("latin-1") if request.blueprint in SHARED else ""
    return quote(request.script_root + request.path) + (f"?{query}" if query else "")


def _changed_on() -> date | None:
    """As the view told :func:`portal.web.caching.changed`; None for a page that has no such day."""
    day: date | None = g.get("changed_on")
    return day
